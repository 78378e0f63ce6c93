/** A WebSocket as a port: JSON text, one message each. */
import type { WebSocket } from 'ws';
import { parseJsonText } from '../../engine/common/json-text.ts';
import type { Port } from '../../engine/contract/port.ts';

/** Bytes of a page's message: params are small, pictures come another way. */
export const MESSAGE_LIMIT = 2 ** 20;
/** Bytes that may wait for a page that does not read; one that falls so far behind comes back by itself. */
const BACKLOG_LIMIT = 64 * 2 ** 20;
const POLICY_VIOLATION = 1008;
const TRY_AGAIN_LATER = 1013;

export function socketPort(socket: WebSocket): Port {
  return {
    post: (message) => {
      if (socket.readyState !== socket.OPEN) return;
      if (socket.bufferedAmount > BACKLOG_LIMIT) socket.close(TRY_AGAIN_LATER, 'The page does not read');
      else socket.send(JSON.stringify(message));
    },
    onMessage: (listener) => {
      socket.on('message', (data, isBinary) => {
        try {
          if (isBinary) throw new SyntaxError('binary');
          listener(parseJsonText(data.toString()));
        } catch (error) {
          if (!(error instanceof SyntaxError)) throw error;
          socket.close(POLICY_VIOLATION, 'Messages are JSON text');
        }
      });
    },
    onClose: (listener) => {
      socket.once('close', listener);
    },
    close: () => socket.close(),
  };
}
