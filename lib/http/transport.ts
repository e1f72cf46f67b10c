/**
 * Requests over shared connections. The library beneath frames and parses; who is connected to, how, for how long, and
 * what an answer may be is ours.
 */
import { setMaxListeners } from 'node:events';
import type { Duplex } from 'node:stream';
import { ConnectionError, UsageError } from '../core/errors.ts';
import { type ConnectOptions, durationOf, TIMEOUTS } from '../core/options.ts';
import { Secret } from '../core/secret.ts';
import { hostInUrl } from '../core/url.ts';
import type { Report } from '../core/verbs.ts';
import { describeStream } from '../net/describe.ts';
import { dial } from '../net/dial.ts';
import { isPublic } from '../net/policy.ts';
import { chooseProxy, type ProxyServer } from '../net/proxy.ts';
import { secure } from '../net/tls.ts';
import { announce } from '../net/transcript.ts';
import { Dialogue } from './dialogue.ts';
import { watchEnding } from './ending.ts';
import { compose, type Exchange, type HttpAnswer, type HttpRequest, type Origin } from './exchange.ts';
import { wireFields } from './headers.ts';
import type { Http2Line } from './http2.ts';
import { Reception } from './reception.ts';
import { Stale } from './stale.ts';
import { MAX_HEADER, translate } from './trouble.ts';

export interface TransportOptions extends ConnectOptions {
  /** Whether HTTP/2 is offered where there is TLS. Default false. */
  readonly http2?: boolean | undefined;
  /** The most connections to one origin. Default 64. */
  readonly maxConnections?: number | undefined;
  /** How long a connection is kept that nobody uses, in milliseconds. Default 4,000. */
  readonly keepAliveTimeout?: number | undefined;
}

type Library = typeof import('undici/lib/dispatcher/agent.js');
type Agent = InstanceType<Library['default']>;

interface Peer {
  readonly version: HttpAnswer['version'];
  readonly report: Report;
  readonly isPublic: boolean;
}

const KEEP_ALIVE = 4_000;
const HTTP1 = ['http/1.1'];
const HTTP2 = ['h2', 'http/1.1'];

type Connected = (error: Error | null, socket: Duplex | null) => void;

export class Transport {
  readonly #agent: Agent;
  readonly #options: TransportOptions;
  readonly #dialogue: Dialogue;
  /** The longest silence, in milliseconds; 0 for no limit. */
  readonly #idle: number;
  /** What was agreed on with each origin, and what is known of who is there. */
  readonly #peers = new Map<string, Peer>();
  /** The connection to each origin where HTTP/2 may be spoken; undefined where the server has not agreed to that. */
  readonly #lines = new Map<string, Promise<Http2Line | undefined>>();
  /** Those that were made to find that out, until HTTP/1.1 takes them. */
  readonly #spares = new Map<string, Duplex>();
  readonly #stale = new Stale();
  readonly #closed = new AbortController();

  /**
   * Sends a request, and gives the answer once its header has come. Throws UsageError for what cannot be sent,
   * ConnectionError, TimeoutError, ProtocolError; the reason of the signal.
   */
  readonly exchange: Exchange = compose((request) => this.#exchange(request), [this.#stale.restarts()]);

  /** Nothing is connected to before the first request. Throws UsageError for durations that are none. */
  static async open(options: TransportOptions = {}): Promise<Transport> {
    return new Transport(await import('undici/lib/dispatcher/agent.js'), options);
  }

  private constructor({ default: Agent }: Library, options: TransportOptions) {
    this.#options = options;
    // many may be on their way to be connected
    setMaxListeners(0, this.#closed.signal);
    this.#dialogue = new Dialogue(options.transcript);
    const idle = durationOf(options.timeouts?.idle ?? TIMEOUTS.idle);
    this.#idle = Number.isFinite(idle) ? idle : 0;
    this.#agent = new Agent({
      connections: options.maxConnections ?? 64,
      allowH2: false, // that is spoken by Node itself
      headersTimeout: this.#idle,
      bodyTimeout: this.#idle,
      maxHeaderSize: MAX_HEADER,
      keepAliveTimeout: options.keepAliveTimeout ?? KEEP_ALIVE,
      connect: (
        to: { readonly hostname: string; readonly port: string; readonly protocol: string },
        done: Connected,
      ) => {
        this.#connect1(originOf(to)).then(
          (socket) => done(null, watchEnding(socket)),
          (error: Error) => done(error, null),
        );
      },
      // what the library says of sockets is less than what it takes
    } as ConstructorParameters<Library['default']>[0]);
  }

  #exchange(request: HttpRequest): Promise<HttpAnswer> {
    const { origin, signal } = request;
    if (signal?.aborted) return Promise.reject(signal.reason);
    const reception = new Reception(request, () => this.#peers.get(keyOf(origin))?.version ?? '1.1');
    this.#dialogue.asked(request);
    if (origin.scheme === 'https' && this.#options.http2) void this.#send(request, reception);
    else this.#attempt(request, reception, () => this.#dispatch(request, reception));
    if (this.#dialogue.isHeard)
      reception.answer.then(
        (answer) => this.#dialogue.answered(answer),
        () => {},
      );
    return reception.answer;
  }

  /** By HTTP/2 where the server agrees to that. */
  async #send(request: HttpRequest, reception: Reception): Promise<void> {
    try {
      const line = await this.#line(request.origin);
      // who has been told to stop has stopped
      if (request.signal?.aborted) return;
      this.#attempt(request, reception, () => {
        if (line) line.send(request, reception);
        else this.#dispatch(request, reception);
      });
    } catch (error) {
      reception.fail(error);
    }
  }

  /** Begins it. What is thrown at once is what cannot be sent. */
  #attempt({ origin, signal }: HttpRequest, reception: Reception, begin: () => void): void {
    try {
      begin();
    } catch (error) {
      reception.fail(translate(error, signal, { origin, phase: 'usage', bytesReceived: 0, mayBeDone: false }));
    }
  }

  #dispatch(request: HttpRequest, reception: Reception): void {
    const { origin, method } = request;
    const proxy = this.#forwarder(origin);
    const body = request.body?.open() ?? null;
    const key = keyOf(origin);
    this.#agent.dispatch(
      {
        origin: key,
        path: proxy ? `${key}${request.target}` : request.target,
        method,
        headers: wireFields(request, proxy && credentialsOf(proxy)),
        // the library takes what its types do not say: any asynchronous iterable
        body: body as Uint8Array | null,
        // many a proxy closes behind an answer without a word, and nobody could tell what has become of the next request
        reset: proxy !== undefined,
      },
      reception,
    );
  }

  /** Whether an origin has been met at a public address; undefined where nobody has been met. */
  isPublic(origin: Origin): boolean | undefined {
    return this.#peers.get(keyOf(origin))?.isPublic;
  }

  /** Who answered at an origin last, and how safely. */
  describe(origin: Origin): Report {
    return this.#peers.get(keyOf(origin))?.report ?? {};
  }

  /** Ends all connections. What is still on its way fails. */
  async close(): Promise<void> {
    const error = new ConnectionError('this client has been closed', {
      protocol: 'http',
      phase: 'close',
      temporary: false,
    });
    this.#closed.abort(error);
    for (const spare of this.#spares.values()) spare.destroy();
    const lines = [...this.#lines.values()].map((line) =>
      line.then(
        (made) => made?.close(error),
        () => {},
      ),
    );
    await Promise.all([...lines, this.#agent.destroy(error)]);
  }

  /** All who ask at the same time wait for the same. */
  async #line(origin: Origin): Promise<Http2Line | undefined> {
    const key = keyOf(origin);
    for (let known = this.#lines.get(key); known; known = this.#lines.get(key)) {
      const line = await known;
      if (!line || line.isOpen) return line;
      if (this.#lines.get(key) === known) this.#lines.delete(key);
    }
    const made = this.#agree(origin, key);
    this.#lines.set(key, made);
    made.catch(() => this.#lines.delete(key));
    return made;
  }

  async #agree(origin: Origin, key: string): Promise<Http2Line | undefined> {
    const [{ Http2Line }, stream] = await Promise.all([import('./http2.ts'), this.#connect(origin, HTTP2)]);
    if (this.#peers.get(key)?.version === '2')
      return new Http2Line(stream, key, {
        idle: this.#idle,
        keepAlive: this.#options.keepAliveTimeout ?? KEEP_ALIVE,
        onRefused: (error) => this.#stale.add(error),
      });
    this.#spares.set(
      key,
      stream.on('error', () => {}),
    );
    return undefined;
  }

  /** For HTTP/1.1. */
  async #connect1(origin: Origin): Promise<Duplex> {
    const key = keyOf(origin);
    const spare = this.#spares.get(key);
    this.#spares.delete(key);
    return spare && !spare.destroyed ? spare : this.#connect(origin, HTTP1);
  }

  async #connect(origin: Origin, protocols: readonly string[]): Promise<Duplex> {
    const { host, port, scheme } = origin;
    const forwarder = this.#forwarder(origin);
    const options = { ...this.#options, signal: this.#closed.signal };
    const to = forwarder ?? origin;
    const { stream } = await dial({ ...to, scheme }, forwarder ? { ...options, proxy: undefined } : options);
    if (scheme === 'http') {
      announce('opened', to);
      this.#stale.watch(stream);
      return this.#meet(origin, stream, '1.1');
    }
    const alpn = this.#options.tls?.alpn?.filter((name) => name !== 'h2' || protocols === HTTP2) ?? protocols;
    const secured = await secure(stream, host, { ...options, tls: { ...this.#options.tls, alpn } }, port);
    announce('secured', origin);
    this.#stale.watch(secured);
    return this.#meet(origin, secured, secured.alpnProtocol === 'h2' ? '2' : '1.1');
  }

  /** Remembers who is there. Names can be made to lead elsewhere: who had a public address once is a stranger for good. */
  #meet(origin: Origin, stream: Duplex, version: Peer['version']): Duplex {
    const key = keyOf(origin);
    const report = describeStream(stream);
    const isStranger = this.#peers.get(key)?.isPublic || isPublic(`${report['address'] ?? ''}`);
    this.#peers.set(key, { version, report, isPublic: isStranger });
    return stream;
  }

  /** The proxy that is told whole URLs, as such are for what is not encrypted; others are dialled through. */
  #forwarder({ scheme, host, port }: Origin): ProxyServer | undefined {
    const { unixSocket, via, proxy, policy } = this.#options;
    if (scheme !== 'http' || !proxy || unixSocket !== undefined || via !== undefined) return undefined;
    // what it makes of a name nobody could check
    if (policy === 'public') return undefined;
    const chosen = chooseProxy(this.#options, host, port, process.env, scheme);
    return chosen?.scheme === 'http' ? chosen : undefined;
  }
}

/** An origin as a URL, put together once: the requests of a client share theirs. */
const keys = new WeakMap<Origin, string>();

function keyOf(origin: Origin): string {
  const known = keys.get(origin);
  if (known !== undefined) return known;
  const key = `${origin.scheme}://${hostInUrl(origin.host)}:${origin.port}`;
  keys.set(origin, key);
  return key;
}

function originOf(to: { readonly hostname: string; readonly port: string; readonly protocol: string }): Origin {
  const scheme = to.protocol === 'https:' ? 'https' : 'http';
  const host = to.hostname.replace(/^\[|\]$/g, '');
  if (host === '') throw new UsageError('a request needs a host');
  return { scheme, host, port: Number(to.port) || (scheme === 'https' ? 443 : 80) };
}

function credentialsOf({ user, password }: ProxyServer): Secret | undefined {
  if (user === undefined) return undefined;
  return new Secret(`Basic ${Buffer.from(`${user}:${password?.reveal() ?? ''}`).toString('base64')}`);
}
