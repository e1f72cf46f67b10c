import { constants, performServerHandshake, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import type { Field } from '../../wire/headers.ts';
import type { HttpRaw } from '../fixture.ts';
import type { Answer, Information } from './answer.ts';
import type { Respond } from './http1.ts';
import { deliver, type Outlet } from './outlet.ts';
import { fieldsOf, Seen } from './seen.ts';
import type { HttpSession } from './session.ts';
import type { SessionStream } from './stream.ts';

/** Fields that HTTP/2 does not have (RFC 9113 8.2.2). */
const HOP_BY_HOP = new Set(['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'upgrade', 'trailer']);

/** The most requests of one connection that are answered at a time (RFC 9113 5.1.2 recommends no fewer than 100). */
const STREAMS = 256;

/** HTTP/2 on a stream, to its end. */
export function serveHttp2(stream: SessionStream, respond: Respond): void {
  const { session } = stream;
  const http2: ServerHttp2Session = performServerHandshake(stream, { settings: { maxConcurrentStreams: STREAMS } });
  http2.on('error', (error) => stream.destroy(error)).on('close', () => stream.destroy());
  http2.on('stream', (one: ServerHttp2Stream, _headers: unknown, _flags: unknown, raw: readonly string[]) => {
    one.on('error', () => {});
    answer(session, one, raw, respond).catch((error: unknown) => {
      session.note(`${error instanceof Error ? error.message : error}`);
      stream.destroy(error instanceof Error ? error : undefined);
    });
  });
}

async function answer(
  session: HttpSession,
  stream: ServerHttp2Stream,
  raw: readonly string[],
  respond: Respond,
): Promise<void> {
  const all = [...fieldsOf(raw)];
  const pseudo = new Map(all.filter(([name]) => name.startsWith(':')));
  const fields = all.filter(([name]) => !name.startsWith(':'));
  const authority = pseudo.get(':authority');
  if (authority !== undefined && !fields.some(([name]) => name === 'host')) fields.unshift(['host', authority]);
  const [method = 'GET', target = '/'] = [pseudo.get(':method'), pseudo.get(':path')];
  session.heard(method, target, '2', fields.flat());
  const outlet = new Outlet2(session, stream, method);
  let trailers: readonly string[] = [];
  stream.on('trailers', (_headers, _flags, rawTrailers: readonly string[] = []) => {
    trailers = rawTrailers;
  });
  // CONNECT has no path: there are no tunnels here
  if (method === 'CONNECT') return outlet.send({ ...NOTHING, status: 405 });
  const expects = fields.some(([name, value]) => name === 'expect' && /^100-continue$/i.test(value));
  let seen: Seen;
  try {
    const arrival = {
      source: stream,
      trailers: () => trailers,
      wanted: expects ? () => outlet.inform({ status: 100, fields: [] }) : undefined,
    };
    const line = { method, target, version: '2' };
    seen = new Seen(session, line, fields.flat(), stream.endAfterHeaders ? undefined : arrival);
  } catch {
    return outlet.send({ ...NOTHING, status: 400 });
  }
  await respond(seen, outlet);
}

const NOTHING: Omit<Answer, 'status'> = {
  ...{ reason: undefined, body: undefined },
  ...{ fields: [], trailers: [], information: [] },
};

class Outlet2 implements Outlet {
  readonly session: HttpSession;
  readonly isWaiting = false;
  readonly #stream: ServerHttp2Stream;
  readonly #method: string;

  constructor(session: HttpSession, stream: ServerHttp2Stream, method: string) {
    this.session = session;
    this.#stream = stream;
    this.#method = method;
  }

  get isOpen(): boolean {
    return !this.#stream.destroyed;
  }

  inform({ status, fields }: Information): void {
    if (!this.isOpen || this.#stream.headersSent) return;
    this.session.tellHead(`HTTP/2 ${status}`, fields);
    this.#stream.additionalHeaders({ ':status': status, ...headersOf(fields) });
  }

  async send({ status, fields, body, trailers }: Answer): Promise<void> {
    const stream = this.#stream;
    if (!this.isOpen) return;
    this.session.tellHead(`HTTP/2 ${status}`, fields);
    const endStream = (body === undefined || this.#method === 'HEAD') && trailers.length === 0;
    if (trailers.length > 0) stream.once('wantTrailers', () => stream.sendTrailers(headersOf(trailers)));
    const streams = body !== undefined && !(body instanceof Uint8Array);
    // what is to come behind the octets keeps an answer open: else one that is abandoned would be ended in good order
    const waitForTrailers = trailers.length > 0 || streams;
    stream.respond({ ':status': status, ...headersOf(fields) }, { endStream, waitForTrailers });
    if (endStream) return;
    let size = 0;
    if (body instanceof Uint8Array || body === undefined) {
      size = body?.length ?? 0;
      stream.end(body);
    } else {
      size = await deliver(body, stream);
      stream.end();
    }
    if (!stream.closed) await new Promise((resolve) => stream.once('finish', resolve).once('close', resolve));
    this.session.note(`${size} octets`);
  }

  /** Octets of HTTP/1 mean nothing here. */
  async sendRaw(_raw: HttpRaw): Promise<void> {
    await this.abandon();
  }

  async skip(): Promise<void> {
    await this.abandon();
  }

  async abandon(): Promise<void> {
    this.#stream.close(constants.NGHTTP2_INTERNAL_ERROR);
  }
}

function headersOf(fields: readonly Field[]): Record<string, string | string[]> {
  const headers = new Map<string, string[]>();
  for (const [name, value] of fields) {
    const key = name.toLowerCase();
    if (!HOP_BY_HOP.has(key)) headers.set(key, [...(headers.get(key) ?? []), value]);
  }
  return Object.fromEntries(
    [...headers].map(([name, values]) => [name, values.length > 1 ? values : (values[0] ?? '')]),
  );
}
