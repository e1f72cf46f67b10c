/** The failures of the library beneath, in ours. */
import {
  ConnectionError,
  type ErrorDetail,
  limitError,
  NetkitError,
  type Phase,
  ProtocolError,
  TimeoutError,
  UsageError,
} from '../core/errors.ts';
import type { Origin } from './exchange.ts';

export interface Circumstances {
  readonly origin: Origin;
  readonly phase: Phase;
  readonly bytesReceived: number;
  /** Whether the server may have done what it was asked. */
  readonly mayBeDone: boolean;
}

type Make = (message: string, detail: ErrorDetail) => Error;

const lost: Make = (message, detail) => new ConnectionError(message, { ...detail, reason: 'reset' });
const cut: Make = (message, { phase, ...detail }) => {
  const reason = phase === 'body' ? 'truncated' : 'closed';
  return new ConnectionError(message, { phase, ...detail, reason });
};
const grammar: Make = (message, detail) => new ProtocolError(message, detail);
const usage: Make = (message, { cause }) => new UsageError(message, { protocol: 'http', cause });

/** What the codes mean, and in what words. */
const CODES: Readonly<Record<string, readonly [Make, string]>> = {
  UND_ERR_HEADERS_TIMEOUT: [(m, d) => new TimeoutError(m, d), 'no answer came in time'],
  UND_ERR_BODY_TIMEOUT: [(m, d) => new TimeoutError(m, d), 'nothing more of the body came in time'],
  UND_ERR_HEADERS_OVERFLOW: [(_, d) => limitError('the header of an answer, in octets', MAX_HEADER, d), ''],
  UND_ERR_SOCKET: [cut, 'the server closed the connection'],
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: [cut, 'the body is shorter than its length'],
  UND_ERR_REQ_CONTENT_LENGTH_MISMATCH: [usage, 'the body that was to be sent has another size than it said'],
  UND_ERR_INVALID_ARG: [usage, 'this request cannot be sent'],
  UND_ERR_NOT_SUPPORTED: [usage, 'this request cannot be sent'],
  UND_ERR_DESTROYED: [(m, d) => new ConnectionError(m, { ...d, temporary: false }), 'this client has been closed'],
  UND_ERR_CLOSED: [(m, d) => new ConnectionError(m, { ...d, temporary: false }), 'this client has been closed'],
  ECONNRESET: [lost, 'the connection was reset'],
  ERESET: [lost, 'the connection was reset'],
  EPIPE: [lost, 'the server closed the connection while it was being written to'],
};

/** What the library says of a 100 and a 101 that nobody asked for: it has closed the connection, and not the server. */
const ODD: ReadonlyMap<string, readonly [Make, string]> = new Map([
  ['bad response', [grammar, 'the server tells us to go on, and nobody waits']],
  ['bad upgrade', [grammar, 'the server switched to a protocol that nobody asked for']],
]);

/** Octets of a header. */
export const MAX_HEADER = 64 * 1024;

/** Any failure as one of ours; an abort stays what it is. */
export function translate(error: unknown, signal: AbortSignal | undefined, about: Circumstances): unknown {
  if (signal?.aborted) return signal.reason;
  if (error instanceof NetkitError || !(error instanceof Error)) return error;
  const code = 'code' in error ? String(error.code) : '';
  const { host, port } = about.origin;
  const { phase, bytesReceived, mayBeDone } = about;
  const outcome = mayBeDone ? 'unknown' : 'none';
  const detail = { protocol: 'http', host, port, phase, bytesReceived, outcome, cause: error } as const;
  const isParser = error.name === 'HTTPParserError';
  // what the server said may be something that nobody should see
  if (isParser) Object.defineProperty(error, 'data', { enumerable: false });
  const [make, words] =
    ODD.get(error.message) ??
    CODES[code] ??
    (isParser ? [grammar, 'the answer is not HTTP'] : [lost, 'the connection was lost']);
  // what the library says of an end or of a timeout is less than we do
  const more = /^(?:other side closed|(?:Headers|Body) Timeout Error)$/.test(error.message) ? '' : error.message;
  return make([words, more].filter((part) => part !== '').join(': '), detail);
}
