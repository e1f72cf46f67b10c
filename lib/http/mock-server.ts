import type { Server } from 'node:http';
import { ConnectionError, ProtocolError, UsageError } from '../core/errors.ts';
import { type MockOptions, MockServer, type SessionParts, type WaitOptions } from '../mock/server.ts';
import type { HttpFixture, HttpRaw, HttpReply, HttpSeen } from './fixture.ts';
import { type Answer, answerOf, isRaw } from './server/answer.ts';
import { http1Server } from './server/http1.ts';
import { serveHttp2 } from './server/http2.ts';
import type { Outlet } from './server/outlet.ts';
import { Records, type RequestMatch } from './server/records.ts';
import { type Router, routerOf } from './server/routes.ts';
import type { Seen } from './server/seen.ts';
import { HttpSession } from './server/session.ts';
import { SessionStream } from './server/stream.ts';

export interface HttpMockOptions extends MockOptions {
  /** Whether HTTP/2 is spoken too: where TLS agrees on it, and to who begins with it. Default true. */
  readonly http2?: boolean | undefined;
}

/** How long a client may say nothing, in milliseconds. */
const IDLE = 600_000;
/** How HTTP/2 begins (RFC 9113 3.4). */
const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';

const WELCOME: HttpFixture = { '/': 'This server has nothing yet.\n' };

/**
 * An HTTP server (RFC 9110, 9112, 9113) for tests and for `netkit http serve`. Faults have the method of a request as their
 * verb, and are matched with its start line, `GET /a?b HTTP/1.1`; what they say instead of an answer is octets.
 */
export class HttpMockServer extends MockServer<HttpSession> {
  readonly #route: Router;
  readonly #records: Records;
  readonly #http1: Server;
  readonly #http2: boolean;

  private constructor(fixture: HttpFixture, options: HttpMockOptions) {
    const { tls, timeouts, http2 = true, remembered = 1_000 } = options;
    if (tls === 'upgrade') throw new UsageError('HTTP has no upgrade to TLS: say implicit', { reason: 'unsupported' });
    super(
      {
        scheme: tls === 'implicit' ? 'https' : 'http',
        protocol: 'http',
        alpn: http2 ? ['h2', 'http/1.1'] : ['http/1.1'],
      },
      { ...options, timeouts: { idle: IDLE, ...timeouts } },
    );
    this.#route = routerOf(fixture);
    this.#records = new Records(remembered);
    this.#http1 = http1Server((request, outlet) => this.#respond(request, outlet));
    this.#http2 = http2;
  }

  /** Throws UsageError for routes that are none. */
  static async start(fixture: HttpFixture = WELCOME, options: HttpMockOptions = {}): Promise<HttpMockServer> {
    return new HttpMockServer(fixture, options).listen();
  }

  /** The last requests, in the order in which they came; by default 1000 of them. */
  get requests(): readonly HttpSeen[] {
    return this.#records.requests;
  }

  /**
   * A request that comes, or has come already, once all of it is there: by a part of its start line (`GET /a`), a pattern,
   * a question. Throws TimeoutError, with the last requests; the reason of the signal.
   */
  request(match: RequestMatch, options: WaitOptions = {}): Promise<HttpSeen> {
    return this.#records.wait(match, options);
  }

  protected override begin(parts: SessionParts): HttpSession {
    return new HttpSession(parts);
  }

  protected override async converse(session: HttpSession): Promise<void> {
    const { connection } = session;
    let before = await connection.read('command');
    if (!before) return;
    const mayBe2 = (text: string): boolean => this.#http2 && PREFACE.startsWith(text.slice(0, PREFACE.length));
    while (before.length < PREFACE.length && mayBe2(before.toString('latin1'))) {
      const more: Buffer | undefined = await connection.read('command');
      if (!more) break;
      before = Buffer.concat([before, more]);
    }
    const stream = new SessionStream(session, before);
    const closed = new Promise((resolve) => stream.once('close', resolve));
    if (before.length >= PREFACE.length && mayBe2(before.toString('latin1', 0, PREFACE.length)))
      serveHttp2(stream, (request, outlet) => this.#respond(request, outlet));
    else this.#http1.emit('connection', stream);
    await closed;
    await session.settled();
    if (stream.errored instanceof UsageError) throw stream.errored;
  }

  async #respond(request: Seen, outlet: Outlet): Promise<void> {
    const { session } = outlet;
    this.#records.add(request);
    if (this.faults.size > 0 && (await session.faulted(startLine(request)))) {
      await drain(request, outlet);
      await outlet.skip();
    } else {
      const served = await this.#serve(request, session);
      if ('raw' in served) await outlet.sendRaw(served);
      else await send(served, request, outlet);
    }
    await drain(request, outlet);
    if (this.faults.size > 0) await session.finish();
  }

  /** What the fixture answers; where it cannot, a 500, or a 413 where the request is larger than it takes. */
  async #serve(request: Seen, session: HttpSession): Promise<HttpRaw | Answer> {
    try {
      const found = this.#route(request);
      const served = (found instanceof Promise ? await found : found) ?? NOT_FOUND;
      return isRaw(served) ? served : answerOf(served, request);
    } catch (error) {
      if (error instanceof ConnectionError) throw error;
      session.note(`no answer could be made: ${messageOf(error)}`);
      return answerOf(isTooMuch(error) ? TOO_LARGE : FAILED, request);
    }
  }
}

const NOT_FOUND: HttpReply = { status: 404, body: 'there is nothing here\n' };
const TOO_LARGE: HttpReply = { status: 413, body: 'the request is too large\n' };
const FAILED: HttpReply = { status: 500, body: 'the answer could not be made\n' };

function isTooMuch(error: unknown): boolean {
  return error instanceof ProtocolError && error.reason === 'limit';
}

async function send(answer: Answer, request: Seen, outlet: Outlet): Promise<void> {
  const { body, information } = answer;
  const streams = body !== undefined && !(body instanceof Uint8Array);
  // a client that is still sending may not listen yet; but what is streamed may be made of what it sends
  if (!streams && !request.begun) await drain(request, outlet);
  for (const each of information) outlet.inform(each);
  const reads = streams && !outlet.isWaiting;
  const sending = outlet.send(answer);
  try {
    if (reads && !request.begun) await Promise.all([sending, request.drain()]);
    else await sending;
  } catch (error) {
    if (error instanceof ConnectionError || !outlet.isOpen) throw error;
    outlet.session.note(`the answer broke off: ${messageOf(error)}`);
    await outlet.abandon();
  }
}

/** Reads what is left of a body, unless the client has not even begun to send it. */
async function drain(request: Seen, outlet: Outlet): Promise<void> {
  if (!request.complete && !outlet.isWaiting) await request.drain();
}

function startLine({ method, target, version }: HttpSeen): string {
  return `${method} ${target} HTTP/${version}`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
