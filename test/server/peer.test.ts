/** Whose the other end of a connection is, from the kernel's own table and from a process of another user. */
import { execFile, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { serve } from '../../main/server/http-server.ts';
import { isAnother, isStranger, ownersIn } from '../../main/server/peer.ts';

/** As Linux writes it: a server on port 8080 (1F90), and both ends of a connection from 40000 (9C40). */
const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 1179 1 00000000004f9ef0 100 0 0 10 0
   1: 0100007F:9C40 0100007F:1F90 01 00000000:00000000 00:00000000 00000000  1001        0 1180 1 00000000004f9ef0 20 4 30 10 -1
   2: 0100007F:1F90 0100007F:9C40 01 00000000:00000000 00:00000000 00000000  1000        0 1181 1 00000000004f9ef0 20 4 30 10 -1
`;

test('the owner of the far end, not of ours, is read from the table', () => {
  expect(ownersIn(table, 40_000, 8080)).toEqual([1001]);
  expect(ownersIn(table, 40_001, 8080)).toEqual([]);
  const six = table.replaceAll('0100007F', '0000000000000000FFFF00000100007F');
  expect(ownersIn(six, 40_000, 8080)).toEqual([1001]);
  const closed = table.replace(/ 01 (.*) 1001 /, ' 06 $1    0 ');
  expect(ownersIn(closed, 40_000, 8080)).toEqual([Number.NaN]);
});

test('a user and root are nobody else, to root itself too', () => {
  const pairs = [
    [1001, 1000],
    [1000, 1000],
    [0, 1000],
    [1000, 0],
    [0, 0],
    [Number.NaN, 0],
  ] as const;
  expect(pairs.map(([owner, user]) => isAnother(owner, user))).toEqual([true, false, false, true, false, true]);
});

test('a connection of our own is no stranger', async () => {
  const listening = createServer().listen(0, '127.0.0.1');
  await once(listening, 'listening');
  const socket = connect((listening.address() as AddressInfo).port, '127.0.0.1');
  const [far] = await once(listening, 'connection');
  expect(await isStranger(far)).toBe(false);
  socket.destroy();
  listening.close();
});

const nobody = 65_534;

/** Only root can start a process of another user, and only a Node that this user can reach. */
function canBeAnother(): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  return spawnSync(process.execPath, ['--version'], { uid: nobody, gid: nobody, cwd: '/' }).status === 0;
}

test.skipIf(!canBeAnother())(
  'another user gets nothing, even with the link and the cookie (Linux, as root)',
  async () => {
    const server = await serve({
      host: { connect: () => {} },
      routes: async () => new Response('secret'),
      port: 0,
      log: () => {},
    });
    const [origin, token] = server.link.split('/#token=') as [string, string];
    const Origin = origin;
    const mine = await fetch(`${origin}/session`, { method: 'POST', body: token, headers: { Origin } });
    const Cookie = mine.headers.get('set-cookie')!.split(';')[0]!;
    const script = `
    import { connect } from 'node:net';
    import { text } from 'node:stream/consumers';
    const [session, media, page] = await Promise.all([
      fetch('${origin}/session', { method: 'POST', body: '${token}', headers: { Origin: '${origin}' } }),
      fetch('${origin}/media/a/b/c', { headers: { Cookie: '${Cookie}' } }),
      fetch('${origin}/'),
    ]);
    const socket = new WebSocket('${origin}/socket', { headers: { Origin: '${origin}', Cookie: '${Cookie}' } });
    const opened = await new Promise((done) => { socket.onopen = () => done('open'); socket.onerror = () => done('shut'); });
    socket.close();
    const six = connect(new URL('${origin}').port, '::ffff:127.0.0.1');
    six.write('GET /media/a/b/c HTTP/1.1\\r\\nHost: ${new URL(origin).host}\\r\\nCookie: ${Cookie}\\r\\nConnection: close\\r\\n\\r\\n');
    const bySix = (await text(six)).slice(9, 12);
    console.log(bySix, session.status, session.headers.get('set-cookie') !== null, media.status, page.status, opened);`;
    const ask = async (options: object) => {
      const run = promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script], {
        cwd: '/',
        ...options,
      });
      return (await run).stdout.trim();
    };
    expect(await ask({ uid: nobody, gid: nobody })).toBe('403 403 false 403 200 shut');
    expect(await ask({})).toBe('200 200 true 200 200 open');
    await server.close();
  },
);
