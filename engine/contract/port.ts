/** One end of a two-way channel of plain data: an Electron port, a WebSocket, the channel of a child process. */

export interface Port {
  /** Never throws; what is posted to a closed port is lost. */
  post(message: unknown): void;
  /** One listener; messages from before it was set are kept for it. */
  onMessage(listener: (message: unknown) => void): void;
  /** Called once, when the other end is gone or this one was closed; there may be several listeners. */
  onClose(listener: () => void): void;
  close(): void;
}
