/** HTTP/2 (RFC 9113), spoken by Node: requests to one origin, side by side on one connection. */
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  constants,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  sensitiveHeaders,
} from 'node:http2';
import type { Duplex } from 'node:stream';
import { UsageError } from '../core/errors.ts';
import type { HttpRequest, RequestBody } from './exchange.ts';
import { hostOf, wireFields } from './headers.ts';
import type { Reception } from './reception.ts';
import { MAX_HEADER } from './trouble.ts';

/** What may come of one answer before somebody reads it, and of all. */
const WINDOW = 256 * 1024;
const SESSION_WINDOW = 8 * 1024 * 1024;
/** More fields than we take: those who count them are to see that there are too many. */
const MAX_PAIRS = 512;
const { NGHTTP2_CANCEL, NGHTTP2_NO_ERROR, NGHTTP2_REFUSED_STREAM } = constants;
const SENSITIVE = ['authorization', 'proxy-authorization', 'cookie'];

export interface Http2Options {
  /** In milliseconds, 0 for no limit: of silence while there is a request, and of a connection that nobody uses. */
  readonly idle: number;
  readonly keepAlive: number;
  /** Is told of failures of what the server has certainly not done. */
  readonly onRefused: (error: Error) => void;
}

/** Why a stream ended too early, with the code that `translate` knows. */
class StreamError extends Error {
  readonly code: string;

  constructor(message: string, code: string) {
    super(message);
    this.code = code;
  }
}

export class Http2Line {
  readonly #session: ClientHttp2Session;
  readonly #options: Http2Options;
  #open = 0;
  #timer: NodeJS.Timeout | undefined;

  /** `stream` has agreed on h2, and is ours from here on. */
  constructor(stream: Duplex, origin: string, options: Http2Options) {
    this.#options = options;
    const settings = { enablePush: false, initialWindowSize: WINDOW, maxHeaderListSize: MAX_HEADER };
    this.#session = connect(origin, { createConnection: () => stream, settings, maxHeaderListPairs: MAX_PAIRS });
    this.#session
      .once('connect', (session) => session.setLocalWindowSize(SESSION_WINDOW))
      // its streams fail with it, each by itself
      .on('error', () => {})
      .once('close', () => clearTimeout(this.#timer));
    this.#rest();
  }

  /** Whether requests can still be made. */
  get isOpen(): boolean {
    return !this.#session.closed && !this.#session.destroyed;
  }

  close(error: Error): void {
    this.#session.destroy(error);
  }

  /** Sends a request. Throws UsageError, and what Node throws, for what cannot be sent; all else fails the reception. */
  send(request: HttpRequest, reception: Reception): void {
    if (request.method === 'CONNECT') throw new UsageError('CONNECT is for proxies', { protocol: 'http' });
    const { body } = request;
    const octets = body?.open();
    // a body that is given up must not be ended in good order: that it is whole is said once it is (see `write`)
    const how = { endStream: octets === undefined, waitForTrailers: octets !== undefined };
    const stream = this.#session.request(headersOf(request), how);
    this.#take(stream);
    reception.onConnect(() => stream.close(NGHTTP2_CANCEL));
    this.#listen(stream, reception);
    if (octets !== undefined && !stream.destroyed)
      write(stream, octets, body, reception).catch((error: unknown) => {
        // what fails while it is sent is the sender's own failure
        reception.fail(error);
        stream.close(NGHTTP2_CANCEL);
      });
  }

  #listen(stream: ClientHttp2Stream, reception: Reception): void {
    const { idle, onRefused } = this.#options;
    const isWhole = watchEnd(stream);
    let answered = false;
    let trailers: Buffer[] = [];
    const resume = (): void => {
      stream.setTimeout(idle);
      stream.resume();
    };
    stream.setTimeout(idle, () => {
      reception.onError(new StreamError(`${idle} ms`, answered ? 'UND_ERR_BODY_TIMEOUT' : 'UND_ERR_HEADERS_TIMEOUT'));
      stream.close(NGHTTP2_CANCEL);
    });
    stream.on('headers', (headers: IncomingHttpHeaders, _flags: number, raw: readonly string[]) =>
      reception.onHeaders(statusOf(headers), fieldsOf(raw), resume, ''),
    );
    stream.once('response', (headers: IncomingHttpHeaders, _flags: number, raw: readonly string[]) => {
      answered = true;
      reception.onHeaders(statusOf(headers), fieldsOf(raw), resume, '');
      // octets may be there before Node tells of the header that came with them
      stream.on('data', (chunk: Buffer) => {
        if (reception.onData(chunk)) return;
        stream.pause();
        // who reads slowly is not to blame the server
        stream.setTimeout(0);
      });
    });
    stream.once('trailers', (_trailers: IncomingHttpHeaders, _flags: number, raw: readonly string[]) => {
      trailers = fieldsOf(raw);
    });
    stream.once('end', () => {
      if (!answered || (!isWhole() && stream.rstCode !== NGHTTP2_NO_ERROR)) return;
      if (isWhole()) reception.onComplete(trailers);
      else reception.onLeft(endOf(stream));
      if (!stream.writableEnded) stream.close(NGHTTP2_NO_ERROR);
    });
    stream.on('error', (error) => {
      if (stream.rstCode === NGHTTP2_REFUSED_STREAM) onRefused(error);
      reception.onError(error);
    });
    // to what has come to an end before, this is nothing
    stream.once('close', () => reception.onError(endOf(stream)));
  }

  /** A connection lives while it has requests, and a while longer; it keeps no process from ending when it has none. */
  #take(stream: ClientHttp2Stream): void {
    this.#open++;
    clearTimeout(this.#timer);
    this.#session.ref();
    stream.once('close', () => {
      this.#open--;
      if (this.#open === 0) this.#rest();
    });
  }

  #rest(): void {
    if (!this.isOpen) return;
    this.#session.unref();
    this.#timer = setTimeout(() => this.#session.close(), this.#options.keepAlive).unref();
  }
}

/** Tells whether the server has ended a stream. Node ends those too that were reset or lost, but closes them before that. */
function watchEnd(stream: ClientHttp2Stream): () => boolean {
  let whole = false;
  const push = stream.push.bind(stream);
  stream.push = (chunk, encoding) => {
    if (chunk === null && !stream.closed && !stream.destroyed) whole = true;
    return push(chunk, encoding);
  };
  return () => whole;
}

function endOf(stream: ClientHttp2Stream): StreamError {
  const code = stream.rstCode ?? NGHTTP2_NO_ERROR;
  if (code === NGHTTP2_NO_ERROR || code === NGHTTP2_CANCEL)
    return new StreamError('in the middle of an answer', 'UND_ERR_SOCKET');
  return new StreamError(`the stream was reset (${code})`, 'ERR_HTTP2_STREAM_ERROR');
}

/** Throws UsageError for a body of another size than it said, and what the body throws. */
async function write(
  stream: ClientHttp2Stream,
  octets: ReturnType<RequestBody['open']>,
  body: RequestBody | undefined,
  reception: Reception,
): Promise<void> {
  let sent = 0;
  for await (const chunk of octets instanceof Uint8Array ? [octets] : octets) {
    // an answer may come before all has been sent
    if (stream.destroyed || stream.closed) return;
    sent += chunk.length;
    if (sent > (body?.size ?? sent)) break;
    if (!stream.write(chunk)) await drained(stream);
    reception.onBodySent(chunk);
  }
  if (body?.size !== undefined && sent !== body.size)
    throw new UsageError('the body that was to be sent has another size than it said', { protocol: 'http' });
  stream.end();
}

function drained(stream: ClientHttp2Stream): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      stream.off('drain', done).off('close', done);
      resolve();
    };
    stream.on('drain', done).on('close', done);
  });
}

function headersOf(request: HttpRequest): OutgoingHttpHeaders {
  const { method, origin, target, secret } = request;
  const headers: OutgoingHttpHeaders & { [sensitiveHeaders]?: string[] } = {
    ':method': method,
    ':path': target,
    ':scheme': origin.scheme,
    ':authority': request.headers.get('host') ?? hostOf(origin),
  };
  const fields = wireFields(request);
  for (let i = 0; i + 1 < fields.length; i += 2) {
    const [name, value] = [fields[i]?.toLowerCase() ?? '', fields[i + 1] ?? ''];
    if (name === 'host') continue;
    const before = headers[name];
    headers[name] = before === undefined ? value : [before, value].flat().map(String);
  }
  // these are in no table from which they could be guessed (RFC 7541 7.1.3)
  headers[sensitiveHeaders] = [...SENSITIVE, ...secret];
  return headers;
}

function statusOf(headers: IncomingHttpHeaders): number {
  return Number(headers[':status']);
}

/** Names and values, one after the other, as octets; without those of the protocol itself. */
function fieldsOf(raw: readonly string[]): Buffer[] {
  const fields: Buffer[] = [];
  for (let i = 0; i + 1 < raw.length; i += 2)
    if (!raw[i]?.startsWith(':'))
      fields.push(Buffer.from(raw[i] ?? '', 'latin1'), Buffer.from(raw[i + 1] ?? '', 'latin1'));
  return fields;
}
