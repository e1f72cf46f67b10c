import { ConnectionError } from '../core/errors.ts';
import type { Connection } from '../net/connection.ts';
import { written } from '../net/flush.ts';
import { reset } from '../net/reset.ts';
import type { Fault } from './faults.ts';

/** The reply to one command on its way to the wire, and what a fault makes of it. */
export class Delivery {
  readonly #connection: Connection;
  readonly #fault: Fault;
  readonly #write: (octets: Uint8Array) => Promise<void>;
  #sent = 0;
  #began = false;
  /** The last octets, where it is not yet known whether they are the end. */
  #held: Buffer = NOTHING;

  constructor(
    connection: Connection,
    fault: Fault = {},
    write: (octets: Uint8Array) => Promise<void> = (octets) => connection.write(octets),
  ) {
    this.#connection = connection;
    this.#fault = fault;
    this.#write = write;
  }

  /** Throws ConnectionError when the fault has ended the connection: there is nothing more to say. */
  async send(octets: Uint8Array): Promise<void> {
    await this.#begin();
    if (this.#fault.terminator === undefined) return this.#put(octets);
    const all = Buffer.concat([this.#held, octets]);
    const sure = Math.max(0, all.length - LONGEST_END);
    this.#held = all.subarray(sure);
    await this.#put(all.subarray(0, sure));
  }

  /** The reply is whole. */
  async end(): Promise<void> {
    const { terminator, hangUp, reset, stall, truncate } = this.#fault;
    if (terminator !== undefined && this.#began) {
      const held = this.#held;
      this.#held = NOTHING;
      await this.#put(Buffer.concat([held.subarray(0, endOf(held)), Buffer.from(terminator)]));
    }
    if (hangUp || reset || stall || truncate !== undefined) await this.#leave();
  }

  async #begin(): Promise<void> {
    if (this.#began) return;
    this.#began = true;
    if (this.#fault.garbage !== undefined) await this.#put(Buffer.from(this.#fault.garbage));
  }

  async #put(octets: Uint8Array): Promise<void> {
    const { truncate = Number.POSITIVE_INFINITY, drip } = this.#fault;
    const allowed = octets.subarray(0, Math.max(0, truncate - this.#sent));
    this.#sent += allowed.length;
    if (drip === undefined) await this.#write(allowed);
    else await this.#drip(allowed, typeof drip === 'number' ? { bytes: drip, every: 1 } : drip);
    if (allowed.length < octets.length) await this.#leave();
  }

  async #drip(octets: Uint8Array, { bytes, every }: { bytes: number; every: number }): Promise<void> {
    for (let at = 0; at < octets.length; at += bytes) {
      await this.#write(octets.subarray(at, at + bytes));
      await pause(every, this.#connection);
    }
  }

  /** Ends the connection as the fault says. Never returns. */
  async #leave(): Promise<never> {
    const connection = this.#connection;
    if (this.#fault.stall) await silence(connection);
    else if (this.#fault.reset) await resetWhenRead(connection);
    else connection.end();
    throw new ConnectionError('a fault has ended this session', { phase: 'close' });
  }
}

const NOTHING: Buffer = Buffer.alloc(0);
/** CR LF . CR LF */
const LONGEST_END = 5;

/**
 * Milliseconds before a reset. Where one arrives together with octets that have not been read, libuv tells the peer that
 * the connection has ended in good order.
 */
const READING = 3;

/** Where the end of a reply begins, in its last octets: its final dot line, or its last line end. */
function endOf(tail: Buffer): number {
  const text = tail.toString('latin1');
  if (text.endsWith('\n.\r\n') || text === '.\r\n') return text.length - 3;
  return text.endsWith('\r\n') ? text.length - 2 : text.length;
}

/** Waits, but not longer than the connection lives. */
export async function pause(ms: number, { stream }: Connection): Promise<void> {
  if (stream.destroyed) return;
  await new Promise<void>((resolve) => {
    const leave = (): void => {
      clearTimeout(timer);
      stream.off('close', leave);
      resolve();
    };
    const timer = setTimeout(leave, ms);
    stream.on('close', leave);
  });
}

/** Resets a connection when what was said has had the time to be read. */
export async function resetWhenRead(connection: Connection): Promise<void> {
  await written(connection.stream);
  await pause(READING, connection);
  reset(connection.stream);
  await connection.gone;
}

/** Says nothing, and hears nothing, until the peer has had enough. */
export async function silence(connection: Connection): Promise<void> {
  // who is listening already hears nothing more
  connection.leave(new ConnectionError('a fault has silenced this session', { phase: 'close' }));
  while ((await connection.read('command')) !== undefined);
}
