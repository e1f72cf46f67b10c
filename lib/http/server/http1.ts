import { createServer, type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Field } from '../../wire/headers.ts';
import type { HttpRaw } from '../fixture.ts';
import type { Answer, Information } from './answer.ts';
import { deliver, type Outlet } from './outlet.ts';
import { Seen } from './seen.ts';
import type { HttpSession } from './session.ts';
import { SessionStream } from './stream.ts';

/** What does the work: with a request that has come, and where its answer goes. */
export type Respond = (request: Seen, outlet: Outlet) => Promise<void>;

/** The most octets of a header. */
const MAX_HEADER = 64 * 1024;

/** HTTP/1.0 and 1.1 for any number of sessions, each of which brings its own stream. It never listens. */
export function http1Server(respond: Respond): Server {
  const server = createServer({ maxHeaderSize: MAX_HEADER, requireHostHeader: false, keepAliveTimeout: 0 });
  // a field that is left out would be lost without a word
  server.maxHeadersCount = 0;
  // who says that nothing more will come still waits for the answer
  Reflect.set(server, 'httpAllowHalfOpen', true);
  const take = (expects: boolean) => (message: IncomingMessage, response: ServerResponse) =>
    began(message, response, expects, respond);
  server.on('request', take(false)).on('checkContinue', take(true)).on('checkExpectation', take(false));
  server.on('connect', (message: IncomingMessage, stream: SessionStream) => refuse(message, stream));
  server.on('clientError', (error: NodeJS.ErrnoException, stream: SessionStream) => misunderstood(error, stream));
  return server;
}

function began(message: IncomingMessage, response: ServerResponse, expects: boolean, respond: Respond): void {
  const { socket } = message;
  if (!(socket instanceof SessionStream)) throw new TypeError('a request of no session');
  const { session } = socket;
  socket.message = message;
  const fail = (error: unknown): void => {
    session.note(`${error instanceof Error ? error.message : error}`);
    socket.destroy(error instanceof Error ? error : new Error(`${error}`));
  };
  session.next(() => answer(session, socket, { message, response, expects }, respond), fail);
}

interface Turn {
  readonly message: IncomingMessage;
  readonly response: ServerResponse;
  readonly expects: boolean;
}

async function answer(session: HttpSession, stream: SessionStream, turn: Turn, respond: Respond): Promise<void> {
  const { message, response, expects } = turn;
  // an answer before this has been the last
  if (stream.writableEnded || stream.destroyed) return;
  const { method = 'GET', url = '/', httpVersion, rawHeaders } = message;
  session.heard(method, url, httpVersion, rawHeaders);
  session.begin();
  const outlet = new Outlet1(session, stream, message, response);
  const { hosts, expectation, hasBody } = look(rawHeaders);
  // RFC 9112 3.2
  if (hosts > 1 || (hosts === 0 && httpVersion === '1.1')) return outlet.refuse(400, 'a request names one Host');
  if (expectation && !expects && httpVersion === '1.1') return outlet.refuse(417, 'this expects too much');
  const wanted = expects ? () => response.writeContinue() : undefined;
  const arrival = hasBody ? { source: message, trailers: () => message.rawTrailers, wanted } : undefined;
  let seen: Seen;
  try {
    seen = new Seen(session, { method, target: url, version: httpVersion }, rawHeaders, arrival);
  } catch (error) {
    return outlet.refuse(400, error instanceof Error ? error.message : '');
  }
  if (expects) outlet.expects = () => !seen.begun;
  await respond(seen, outlet);
}

/** What matters of the fields before anybody else sees them. */
function look(fields: readonly string[]): {
  readonly hosts: number;
  readonly expectation: boolean;
  readonly hasBody: boolean;
} {
  let hosts = 0;
  let [expectation, hasBody] = [false, false];
  for (let i = 0; i < fields.length; i += 2) {
    const name = (fields[i] ?? '').toLowerCase();
    if (name === 'host') hosts++;
    else if (name === 'expect') expectation = true;
    else if (name === 'transfer-encoding' || (name === 'content-length' && fields[i + 1] !== '0')) hasBody = true;
  }
  return { hosts, expectation, hasBody };
}

class Outlet1 implements Outlet {
  readonly session: HttpSession;
  readonly #stream: SessionStream;
  readonly #message: IncomingMessage;
  readonly #response: ServerResponse;
  /** Whether the client still waits for a 100. */
  expects: (() => boolean) | undefined;

  constructor(session: HttpSession, stream: SessionStream, message: IncomingMessage, response: ServerResponse) {
    this.session = session;
    this.#stream = stream;
    this.#message = message;
    this.#response = response;
  }

  get isWaiting(): boolean {
    return this.expects?.() ?? false;
  }

  get isOpen(): boolean {
    return !this.#stream.destroyed;
  }

  inform({ status, fields }: Information): void {
    if (this.#message.httpVersion === '1.0') return;
    const lines = [
      `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
      ...fields.map(([name, value]) => `${name}: ${value}`),
    ];
    this.#stream.write(Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'));
  }

  async send({ status, reason, fields, body, trailers }: Answer): Promise<void> {
    const response = this.#response;
    // what the client may still send as a body would be taken for its next request
    if (this.isWaiting) response.shouldKeepAlive = false;
    const raw: string[] = [];
    for (const [name, value] of fields) raw.push(name, value);
    // HTTP/1.0 has no chunks, behind which they would stand
    const isOld = this.#message.httpVersion === '1.0';
    if (trailers.length > 0 && !isOld) raw.push('Trailer', trailers.map(([name]) => name).join(', '));
    if (reason === undefined) response.writeHead(status, raw);
    else response.writeHead(status, reason, raw);
    let size = 0;
    if (body instanceof Uint8Array || body === undefined) {
      size = body?.length ?? 0;
      this.#addTrailers(trailers);
      response.end(body);
    } else {
      // who has asked for the header alone gets nothing made
      if (this.#message.method !== 'HEAD') size = await deliver(body, response);
      this.#addTrailers(trailers);
      response.end();
    }
    await over(response, this.#stream);
    if (size > 0 && this.#message.method !== 'HEAD') this.session.note(`${size} octets`);
  }

  #addTrailers(trailers: readonly Field[]): void {
    if (trailers.length > 0 && this.#response.chunkedEncoding) this.#response.addTrailers(trailers.map(pair));
  }

  /** Octets instead of an answer, and the end of the connection. */
  async sendRaw({ raw, end = 'hangUp' }: HttpRaw): Promise<void> {
    await this.session.sendRaw(raw, end);
    this.#stream.destroy();
  }

  /** Says no, and ends the connection: what follows cannot be understood. */
  async refuse(status: number, why: string): Promise<void> {
    this.#response.shouldKeepAlive = false;
    const body = Buffer.from(`${why}\n`);
    const fields: Field[] = [
      ['Content-Type', 'text/plain; charset=utf-8'],
      ['Content-Length', `${body.length}`],
    ];
    await this.send({ status, reason: undefined, fields, body, trailers: [], information: [] });
  }

  /** The answer has been said in another way: the next may come. */
  async skip(): Promise<void> {
    // for its server the response is over now, without a word
    this.#response.emit('finish');
    if (!this.#response.shouldKeepAlive) this.#stream.end();
  }

  async abandon(): Promise<void> {
    await this.session.sendRaw([], 'reset');
    this.#stream.destroy();
  }
}

function pair([name, value]: Field): [string, string] {
  return [name, value];
}

/** Waits until an answer is whole, or nobody is there any more. */
function over(response: ServerResponse, stream: SessionStream): Promise<void> | undefined {
  if (response.closed || stream.destroyed) return undefined;
  return new Promise((resolve) => {
    response.once('close', resolve);
  });
}

/** No tunnels are dug here. */
function refuse({ method = '', url = '', httpVersion, rawHeaders }: IncomingMessage, stream: SessionStream): void {
  const { session } = stream;
  const say = async (): Promise<void> => {
    session.heard(method, url, httpVersion, rawHeaders);
    if (!stream.writable) return;
    session.begin();
    stream.end('HTTP/1.1 405 Method Not Allowed\r\nAllow: GET, HEAD\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
  };
  // the answers before it go first
  session.next(say, () => stream.destroy());
}

const REFUSALS: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: '413 Content Too Large',
};

/** What came is no HTTP, or the connection is lost. What was understood before is answered first, if all of it has come. */
function misunderstood(error: NodeJS.ErrnoException, stream: SessionStream): void {
  const { code = '' } = error;
  if (!stream.writable || !code.startsWith('HPE_')) return void stream.destroy(error);
  // more has come behind a request that was the last
  if (code === 'HPE_CLOSED_CONNECTION') return;
  const { session } = stream;
  const say = async (): Promise<void> => {
    session.note(`this is no HTTP: ${error.message}`);
    if (!stream.writable) return;
    session.begin();
    stream.end(`HTTP/1.1 ${REFUSALS[code] ?? '400 Bad Request'}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
  };
  if (stream.message?.complete ?? true) session.next(say, () => stream.destroy());
  else void say();
}
