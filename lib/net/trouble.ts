import { ConnectionError, type ErrorDetail, NetkitError, type Phase, TimeoutError } from '../core/errors.ts';

/** The failures of one connection, in words. */
export class Trouble {
  readonly #protocol: string | undefined;
  readonly #host: string;
  readonly #port: number;
  /** Octets received so far. */
  received = 0;

  constructor(protocol: string | undefined, host: string, port: number) {
    this.#protocol = protocol;
    this.#host = host;
    this.#port = port;
  }

  timeout(phase: Phase, what: string): TimeoutError {
    const from = this.#host && ` from ${this.#host}`;
    return new TimeoutError(`${what}${from}`, this.#detail(phase));
  }

  /** The peer has closed: before the first octet of what was awaited, or in the middle of it. */
  closedBy(phase: Phase, begun: boolean): ConnectionError {
    const reason = begun || phase === 'body' ? 'truncated' : 'closed';
    const how = reason === 'truncated' ? 'in the middle' : 'instead of answering';
    return new ConnectionError(`the peer closed the connection ${how}`, { ...this.#detail(phase), reason });
  }

  withoutCloseNotify(): ConnectionError {
    const message = 'the connection ended without the end of TLS (close_notify): what came may not be whole';
    return new ConnectionError(message, { ...this.#detail('body'), reason: 'truncated' });
  }

  planted(): ConnectionError {
    const message = 'the peer spoke on after it had agreed to an upgrade: somebody may have planted it';
    return new ConnectionError(message, { ...this.#detail('tls'), reason: 'tls-injection' });
  }

  lost(phase: Phase, cause?: Error): NetkitError {
    if (cause instanceof NetkitError) return cause;
    const message = `the connection was lost${cause ? `: ${cause.message}` : ''}`;
    return new ConnectionError(message, { ...this.#detail(phase), reason: 'reset', cause });
  }

  /** By ourselves. */
  closed(): ConnectionError {
    return new ConnectionError('this connection has been closed', { ...this.#detail('close'), temporary: false });
  }

  #detail(phase: Phase): ErrorDetail {
    const peer = this.#host && { host: this.#host, port: this.#port };
    return { protocol: this.#protocol, phase, bytesReceived: this.received, ...peer };
  }
}
