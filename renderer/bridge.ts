/** The page's way to the host: Electron's preload in the desktop window, a WebSocket in a browser. */
import type { DesktopBridge } from '../engine/contract/desktop-bridge.ts';
import type { Port } from '../engine/contract/port.ts';

declare global {
  interface Window {
    readonly deptDesktop?: DesktopBridge;
  }
}

/** Present in the desktop window only. */
export const desktop: DesktopBridge | undefined = window.deptDesktop;

/** Why there is no port: the link is used up (`no-session`), or nobody answers (`unreachable`). */
export class ConnectError extends Error {
  readonly reason: 'no-session' | 'unreachable';

  constructor(reason: 'no-session' | 'unreachable') {
    super(reason);
    this.reason = reason;
  }
}

function desktopPort(bridge: DesktopBridge): Port {
  return {
    post: (message) => bridge.post(message),
    onMessage: (listener) => bridge.onMessage(listener),
    onClose: () => {}, // the window goes with the host
    close: () => {},
  };
}

/** The link's token, taken out of the address so that it is not seen, kept or shared. */
function takeToken(): string | undefined {
  const token = /^#token=([\w-]+)$/.exec(location.hash)?.[1];
  if (token !== undefined) history.replaceState(null, '', '#/');
  return token;
}

async function openSession(token: string): Promise<void> {
  const response = await fetch('/session', { method: 'POST', body: token }).catch(() => {
    throw new ConnectError('unreachable');
  });
  if (!response.ok) throw new ConnectError('no-session');
}

function openSocket(): Promise<Port> {
  const socket = new WebSocket(`ws://${location.host}/socket`);
  return new Promise((resolve, reject) => {
    socket.addEventListener('open', () =>
      resolve({
        post: (message) => {
          if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
        },
        onMessage: (listener) => socket.addEventListener('message', ({ data }) => listener(JSON.parse(data))),
        onClose: (listener) => socket.addEventListener('close', () => listener(), { once: true }),
        close: () => socket.close(),
      }),
    );
    socket.addEventListener('error', () => reject(new ConnectError('unreachable')));
  });
}

/** A WebSocket does not tell why it was refused; a guarded address does. */
async function reasonOfRefusal(): Promise<ConnectError> {
  const response = await fetch('/uploads/none').catch(() => undefined);
  return new ConnectError(response?.status === 401 ? 'no-session' : 'unreachable');
}

/** Throws `ConnectError`. */
export async function openPort(): Promise<Port> {
  if (desktop !== undefined) return desktopPort(desktop);
  const token = takeToken();
  if (token !== undefined) await openSession(token);
  try {
    return await openSocket();
  } catch {
    throw await reasonOfRefusal();
  }
}
