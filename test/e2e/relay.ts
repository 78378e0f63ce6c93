/** A line between the browser and the server that can be cut, as a network does. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface Relay {
  /** For Chromium: all connections to this machine go through the relay. */
  readonly browserArgs: readonly string[];
  /** Passes connections on to this port. */
  leadTo(port: number): void;
  /** Ends all connections, and refuses new ones until `mend`. */
  cut(): void;
  mend(): void;
  close(): void;
}

export async function startRelay(): Promise<Relay> {
  let target = 0;
  let isCut = false;
  const ends = new Set<Socket>();
  const server = createServer((from) => {
    if (isCut) {
      from.destroy();
      return;
    }
    const to = connect(target, '127.0.0.1');
    for (const end of [from, to]) {
      ends.add(end);
      end.on('error', () => {}); // told by `close`
      end.on('close', () => {
        ends.delete(end);
        from.destroy();
        to.destroy();
      });
    }
    from.pipe(to).pipe(from);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const endAll = (): void => {
    for (const end of ends) end.destroy();
  };
  return {
    browserArgs: [`--host-resolver-rules=MAP 127.0.0.1 127.0.0.1:${port}`],
    leadTo: (to) => {
      target = to;
    },
    cut: () => {
      isCut = true;
      endAll();
    },
    mend: () => {
      isCut = false;
    },
    close: () => {
      endAll();
      server.close();
    },
  };
}
