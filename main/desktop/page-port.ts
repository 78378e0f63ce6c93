/** A window's page as a port of the contract: a new connection for each document, closed with it. */
import type { WebContents } from 'electron';
import type { Port } from '../../engine/contract/port.ts';
import { type Inbox, inbox } from '../host/inbox.ts';
import { channels } from './channels.ts';

interface Connection {
  readonly name: string;
  readonly messages: Inbox<unknown>;
  readonly closed: (() => void)[];
  readonly port: Port;
}

export class PageConnections {
  readonly #page: WebContents;
  readonly #connect: (port: Port) => void;
  #current: Connection | undefined;

  /** `connect` gets the port of each document that opens. */
  constructor(page: WebContents, connect: (port: Port) => void) {
    this.#page = page;
    this.#connect = connect;
    page.on('did-start-navigation', ({ isMainFrame, isSameDocument }) => {
      if (isMainFrame && !isSameDocument) this.#close(this.#current);
    });
    page.on('render-process-gone', () => this.#close(this.#current));
    page.on('destroyed', () => this.#close(this.#current));
  }

  /** A document has announced itself. */
  open(name: string): void {
    this.#close(this.#current);
    const connection = this.#create(name);
    this.#current = connection;
    this.#connect(connection.port);
  }

  /** A message of a document; one that is no longer there is not heard. */
  receive(name: string, message: unknown): void {
    if (this.#current?.name === name) this.#current.messages.deliver(message);
  }

  #create(name: string): Connection {
    const messages = inbox<unknown>();
    const closed: (() => void)[] = [];
    const isOpen = (): boolean => this.#current === connection;
    const port: Port = {
      post: (message) => {
        if (isOpen() && !this.#page.isDestroyed()) this.#page.send(channels.message, name, message);
      },
      onMessage: messages.listen,
      onClose: (listener) => {
        if (isOpen()) closed.push(listener);
        else listener();
      },
      close: () => this.#close(connection),
    };
    const connection: Connection = { name, messages, closed, port };
    return connection;
  }

  #close(connection: Connection | undefined): void {
    if (connection === undefined || this.#current !== connection) return;
    this.#current = undefined;
    for (const listener of connection.closed) listener();
  }
}
