/** A download by way of the environment's proxy: the hub's name leads nowhere without it. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { request as ask, createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { filesOf, StandIn } from '../weights/hub/stand-in.ts';

const root = join(import.meta.dirname, '..', '..');

/** Leads every request, tunnelled or not, to the stand-in. */
async function startProxy({ endpoint }: StandIn) {
  const asked: string[] = [];
  const { port } = new URL(endpoint);
  const server = createServer((request, response) => {
    const { host, pathname, search } = new URL(request.url!);
    asked.push(host);
    const passed = ask({ host: '127.0.0.1', port, path: pathname + search, headers: request.headers }, (answer) => {
      response.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(response);
    });
    request.pipe(passed);
  });
  server.on('connect', (request, socket, head) => {
    asked.push(request.url!.split(':')[0]!);
    const onward = connect(Number(port), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      onward.write(head);
      onward.pipe(socket).pipe(onward);
    });
    for (const end of [socket, onward]) end.on('error', () => {}); // either side may hang up first
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, asked, address: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

test('npx dept follows HTTP_PROXY', async () => {
  const home = mkdtempSync(join(tmpdir(), 'dept-proxy-'));
  await using standIn = await StandIn.start();
  const files = filesOf(join(root, 'test', 'golden', 't5-tiny'), { 'tokenizer.json': '{}' });
  standIn.add('me/t5-tiny', files, { lfsFrom: Number.POSITIVE_INFINITY });
  const proxy = await startProxy(standIn);
  try {
    const own = Object.entries(process.env).filter(([name]) => !/^((https?|no)_proxy|node_use_env_proxy)$/i.test(name));
    const env = { ...Object.fromEntries(own), HTTP_PROXY: proxy.address, HF_ENDPOINT: 'http://hub.invalid' };
    const dept = [join(root, 'main', 'cli', 'dept.js'), 'models', 'pull', 'me/t5-tiny', '--home', home];
    const { stdout } = await promisify(execFile)(process.execPath, dept, { env });
    expect(stdout).toMatch(/^from +http:\/\/hub\.invalid\/me\/t5-tiny at /m);
    expect(new Set(proxy.asked)).toEqual(new Set(['hub.invalid']));
  } finally {
    proxy.server.closeAllConnections();
    proxy.server.close();
    rmSync(home, { recursive: true, force: true });
  }
});
