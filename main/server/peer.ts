/**
 * Whose process is at the other end of a connection on this machine. Neither link nor cookie is enough to know: the link that
 * opens the browser is an argument of the browser's process, which every user can read (`ps`), and a browser gives a cookie
 * to every port of the host, whoever listens there.
 */
import { readFile } from 'node:fs/promises';
import type { Socket } from 'node:net';

type Ends = Pick<Socket, 'remotePort' | 'localPort'>;

/** Linux lists the connections of a network here, both ends of those within the machine; IPv6 can carry IPv4. */
const tables = ['/proc/net/tcp', '/proc/net/tcp6'];

/** Port of `0100007F:1F90`. */
const portOf = (address: string): number => Number.parseInt(address.slice(address.lastIndexOf(':') + 1), 16);

const ESTABLISHED = '01';

/**
 * The users that own the end at `from` of connections to `to`, both ports, in a table as the kernel writes it. One that its process
 * has closed, to be gone before it is looked for, can stand there as root's: whose it was nobody knows (NaN).
 */
export function ownersIn(table: string, from: number, to: number): number[] {
  return table
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local = '', remote = '']) => portOf(local) === from && portOf(remote) === to)
    .map(({ 3: state, 7: user }) => (state === ESTABLISHED ? Number(user) : Number.NaN));
}

async function askSystem({ remotePort, localPort }: Ends): Promise<boolean> {
  if (process.platform !== 'linux' || remotePort === undefined || localPort === undefined) return false;
  const texts = await Promise.all(tables.map((path) => readFile(path, 'utf8').catch(() => '')));
  const owners = texts.flatMap((text) => ownersIn(text, remotePort, localPort));
  return owners.some((owner) => isAnother(owner, process.getuid?.()));
}

/** Root is nobody else. */
export const isAnother = (owner: number, user: number | undefined): boolean => owner !== 0 && owner !== user;

/** A connection keeps its owner through all its requests. */
const known = new WeakMap<Ends, Promise<boolean>>();

/**
 * Whether another user's process is at the other end of a connection to this server. Root may be: it can do anything, and
 * carries connections for others. Where the system does not tell (macOS, Windows) nobody is known to be a stranger.
 */
export function isStranger(connection: Ends): Promise<boolean> {
  const answer = known.get(connection) ?? askSystem(connection);
  known.set(connection, answer);
  return answer;
}
