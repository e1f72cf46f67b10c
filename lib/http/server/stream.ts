import type { IncomingMessage } from 'node:http';
import { Duplex } from 'node:stream';
import { ConnectionError } from '../../core/errors.ts';
import type { HttpSession } from './session.ts';

type Done = (error?: Error | null) => void;

/** A session as a stream: what stands on it speaks HTTP, and all that it says goes through the session. */
export class SessionStream extends Duplex {
  readonly session: HttpSession;
  /** The request of HTTP/1 that came last. */
  message: IncomingMessage | undefined;
  #before: Buffer | undefined;
  #reading = false;

  /** `before`: what has been read of the connection already. */
  constructor(session: HttpSession, before: Buffer) {
    super({ allowHalfOpen: true });
    this.session = session;
    this.#before = before;
    // who stands on it may not listen yet, or not any more
    this.on('error', () => {});
    void session.connection.gone.then(() => this.destroy());
  }

  override _read(): void {
    if (this.#reading) return;
    if (this.#before) {
      const before = this.#before;
      this.#before = undefined;
      this.push(before);
      return;
    }
    this.#reading = true;
    this.#next().then(
      (octets) => {
        this.#reading = false;
        if (!this.destroyed) this.push(octets ?? null);
      },
      (error) => {
        this.#reading = false;
        this.destroy(error);
      },
    );
  }

  async #next(): Promise<Buffer | undefined> {
    const room = this.session.room();
    if (room) await room;
    return this.destroyed ? undefined : this.session.connection.read('command');
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: Done): void {
    this.session.transmitted(chunk).then(() => done(), done);
  }

  override _writev(chunks: readonly { readonly chunk: Buffer }[], done: Done): void {
    this._write(Buffer.concat(chunks.map(({ chunk }) => chunk)), 'utf8', done);
  }

  /** What is over here is ended by the server, which lets the peer finish. */
  override _final(done: Done): void {
    done();
    this.destroy();
  }

  override _destroy(error: Error | null, done: Done): void {
    // whoever ends the connection reads it to its end
    if (this.#reading) this.session.connection.leave(OVER);
    done(error);
  }
}

const OVER = new ConnectionError('this end has nothing more to say', { protocol: 'http', phase: 'close' });
