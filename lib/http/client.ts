import { setMaxListeners } from 'node:events';
import { type Endpoint, hasScheme, parseTarget } from '../core/endpoint.ts';
import { ConnectionError, excerpt, UsageError } from '../core/errors.ts';
import type { CallOptions } from '../core/options.ts';
import type { Body, Entry, Receipt } from '../core/resource.ts';
import { refuseControls } from '../core/url.ts';
import type { Can, Report } from '../core/verbs.ts';
import { requestBody, waysOf } from './body.ts';
import { addConditions } from './conditional.ts';
import { CookieJar } from './cookie-jar.ts';
import type { Downloaded, DownloadOptions } from './download.ts';
import type { ServerEvent } from './event-parser.ts';
import type { EventOptions } from './events.ts';
import { compose, type Exchange, type HttpRequest, type Interceptor, type Origin } from './exchange.ts';
import { type CheckedHeaders, checkHeaders, checkToken, joinHeaders } from './headers.ts';
import { parseDate } from './http-date.ts';
import { interceptorsOf } from './interceptors.ts';
import { kept, limited } from './kept.ts';
import { Lifetime } from './lifetime.ts';
import type { FetchOptions, HttpConnectOptions, InfoOptions, RequestOptions, SendOptions } from './options.ts';
import { withQuery } from './query.ts';
import { urlOf } from './redirect.ts';
import { HttpError, HttpResource } from './resource.ts';
import { SCHEMES } from './schemes.ts';
import { Ways } from './ways.ts';
import type { XmlRpcClient } from './xmlrpc/client.ts';
import type { XmlRpcOptions } from './xmlrpc/over-http.ts';

export type * from './options.ts';

/** Of the answer to what was sent, and of a failure, so much is kept: 1 MiB. */
const TOLD = 1024 * 1024;
const USUAL = checkHeaders({ 'User-Agent': 'netkit', Accept: '*/*' });
/** A path that goes onto the wire as it is. */
const PLAIN = /^\/[\x21\x22\x24-\x7e]*$/;

/**
 * Requests to one origin, and to where its redirects lead, over shared connections (RFC 9110, 9112, 9113). Nothing is
 * connected to before the first request.
 */
export class HttpClient implements Can<'fetch' | 'info' | 'send' | 'remove'> {
  readonly endpoint: Endpoint;
  /** Where its cookies are kept, if anywhere. */
  readonly cookies: CookieJar | undefined;
  readonly #options: HttpConnectOptions;
  readonly #ways: Ways;
  readonly #interceptors: Interceptor[];
  /** What is sent with every request that has nothing else to say. */
  readonly #headers: CheckedHeaders;
  readonly #origin: Origin;
  readonly #closed = new AbortController();
  #exchange: Exchange;

  /** Throws UsageError for a password without a user, and for options that cannot be. */
  static async connect(endpoint: Endpoint, options: HttpConnectOptions = {}): Promise<HttpClient> {
    const jar = await jarOf(options);
    return new HttpClient(endpoint, options, await Ways.open(options), jar);
  }

  private constructor(endpoint: Endpoint, options: HttpConnectOptions, ways: Ways, jar: CookieJar | undefined) {
    // many may wait for a repetition
    setMaxListeners(0, this.#closed.signal);
    this.endpoint = endpoint;
    this.cookies = jar;
    this.#options = options;
    this.#ways = ways;
    this.#origin = { scheme: endpoint.scheme === 'https' ? 'https' : 'http', host: endpoint.host, port: endpoint.port };
    this.#headers = joinHeaders(options.headers, USUAL);
    this.#interceptors = interceptorsOf(endpoint, options, { jar, closed: this.#closed.signal });
    this.#exchange = this.#composed();
  }

  /** Puts one more interceptor around all that are there. */
  use(interceptor: Interceptor): this {
    this.#interceptors.unshift(interceptor);
    this.#exchange = this.#composed();
    return this;
  }

  /** GET, or the method of the options. A status that says that it failed is an HttpError, unless `failing: 'return'`. */
  async fetch(path: string, options: FetchOptions = {}): Promise<HttpResource> {
    return this.request(options.method ?? 'GET', path, options);
  }

  /** HEAD: how large it is, of when, and all header fields in `meta`. */
  async info(path: string, options: InfoOptions = {}): Promise<Entry> {
    const answer = await this.request('HEAD', path, options);
    await answer.close();
    const { headers, size, meta, url } = answer;
    const modified = parseDate(headers.get('last-modified'));
    const name = nameOf(url);
    return { name, path, url, kind: 'item', meta, ...(size !== undefined && { size }), ...(modified && { modified }) };
  }

  /** POST, or the method of the options (PUT, PATCH). The text of the receipt is what the server said, its path where it is. */
  async send(path: string, body: Body, options: SendOptions = {}): Promise<Receipt> {
    const answer = await this.submit(path, body, options);
    const location = answer.headers.get('location');
    const text = await answer.text(TOLD);
    return { text, ...(location !== undefined && { path: location }) };
  }

  /** The same, and the answer as it is. */
  async submit(path: string, body: Body, options: SendOptions = {}): Promise<HttpResource> {
    const { method = 'POST', ...rest } = options;
    return this.request(method, path, body === '' && waysOf(rest).length > 0 ? rest : { ...rest, body });
  }

  /** DELETE. */
  async remove(path: string, options: RequestOptions = {}): Promise<void> {
    await (await this.request('DELETE', path, options)).close();
  }

  /**
   * Any method. Resolves when the header of the answer is there. Throws UsageError for what cannot be sent, HttpError for a
   * status of 400 and above, ConnectionError, TimeoutError, ProtocolError; the reason of a signal.
   */
  async request(method: string, path: string, options: RequestOptions = {}): Promise<HttpResource> {
    const lifetime = new Lifetime(
      options.timeouts?.total ?? this.#options.timeouts?.total,
      this.#options.signal,
      options.signal,
    );
    try {
      const request = this.#request(method, path, options, lifetime.signal);
      const answer = await this.#exchange(request);
      if (answer.status >= 400 && (options.failing ?? this.#options.failing) !== 'return') {
        const failed = await kept(answer, TOLD);
        lifetime.signal?.throwIfAborted();
        throw new HttpError(new HttpResource(failed, path), method);
      }
      return new HttpResource(limited(answer, options.maxSize), path, lifetime.signal && (() => lifetime.end()));
    } catch (error) {
      lifetime.end();
      throw error;
    }
  }

  get(path: string, options?: RequestOptions): Promise<HttpResource> {
    return this.request('GET', path, options);
  }

  head(path: string, options?: RequestOptions): Promise<HttpResource> {
    return this.request('HEAD', path, options);
  }

  post(path: string, options?: RequestOptions): Promise<HttpResource> {
    return this.request('POST', path, options);
  }

  put(path: string, options?: RequestOptions): Promise<HttpResource> {
    return this.request('PUT', path, options);
  }

  patch(path: string, options?: RequestOptions): Promise<HttpResource> {
    return this.request('PATCH', path, options);
  }

  delete(path: string, options?: RequestOptions): Promise<HttpResource> {
    return this.request('DELETE', path, options);
  }

  options(path: string, options?: RequestOptions): Promise<HttpResource> {
    return this.request('OPTIONS', path, options);
  }

  /** GET into a file: whole or not at all, and gone on with where it broke off. See `DownloadOptions`. */
  async download(path: string, file: string, options: DownloadOptions = {}): Promise<Downloaded> {
    const { download } = await import('./download.ts');
    return download(this, path, file, options, this.#closed.signal);
  }

  /** Server-sent events, as they come, until the server ends them. With `reconnect` a lost stream is gone on with. */
  async *events(path: string, options: EventOptions = {}): AsyncGenerator<ServerEvent, void, void> {
    const { events } = await import('./events.ts');
    yield* events(this, path, options, this.#closed.signal);
  }

  /** The methods of a server of XML-RPC. Nothing is asked before the first call. */
  async xmlrpc(path = '/RPC2', options: XmlRpcOptions = {}): Promise<XmlRpcClient> {
    const { xmlRpcAt } = await import('./xmlrpc/over-http.ts');
    return xmlRpcAt(this, path, options);
  }

  /** Asks for the first page by HEAD, whatever its status, and reports who answered, how, and how fast. */
  async check(options: CallOptions = {}): Promise<Report> {
    const began = performance.now();
    const answer = await this.request('HEAD', '/', { ...options, failing: 'return' });
    await answer.close();
    const milliseconds = Math.round(performance.now() - began);
    const { status, reason, version, headers, url } = answer;
    const server = headers.get('server');
    return {
      url,
      ...this.#ways.describe(this.#origin),
      version,
      status,
      reason,
      ...(server && { server }),
      milliseconds,
    };
  }

  /** Ends all connections; bodies that are still read fail. A file of cookies is written. */
  async close(): Promise<void> {
    this.#closed.abort(new ConnectionError('this client has been closed', { protocol: 'http', temporary: false }));
    await this.#ways.close();
    const { cookies } = this.#options;
    if (typeof cookies === 'string') await this.cookies?.save(cookies);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #composed(): Exchange {
    return compose((request) => this.#ways.exchange(request), this.#interceptors);
  }

  #request(method: string, path: string, options: RequestOptions, signal: AbortSignal | undefined): HttpRequest {
    const { headers, secret } = joinHeaders(options.headers, this.#headers);
    addConditions(headers, options);
    return {
      method: checkToken(method, 'a method'),
      origin: this.#origin,
      target: withQuery(this.#target(path), options.query),
      headers,
      secret,
      body: requestBody(options),
      idempotent: options.idempotent,
      onInformation: options.onInformation,
      onSent: options.onSent,
      signal,
    };
  }

  /** A path, or a URL of this origin, as it goes onto the wire. Throws UsageError for a URL of another. */
  #target(path: string): string {
    if (PLAIN.test(path)) return path;
    if (path === '*') throw new UsageError('a request is for a path here, not for *', { protocol: 'http' });
    refuseControls(path, 'a path');
    if (path.includes(' ')) throw new UsageError('a path has no spaces: write %20', { protocol: 'http' });
    if (!hasScheme(path)) return encoded(path.startsWith('/') ? path : `/${path}`);
    const target = parseTarget(path, SCHEMES, 'http');
    const { scheme, host, port } = target.endpoint;
    if (scheme !== this.endpoint.scheme || host !== this.endpoint.host || port !== this.endpoint.port) {
      const message = `${excerpt(urlOf(this.#origin, '/'))} is what this client asks: open ${excerpt(path)} by itself`;
      throw new UsageError(message, { protocol: 'http', reason: 'policy' });
    }
    return encoded(target.path);
  }
}

async function jarOf({ cookies }: HttpConnectOptions): Promise<CookieJar | undefined> {
  if (cookies === true) return CookieJar.open();
  return typeof cookies === 'string' ? CookieJar.at(cookies) : cookies;
}

/** What is not in ASCII is percent-encoded; a fragment is for who asks, not for the server. */
function encoded(path: string): string {
  const [target = ''] = path.split('#', 1);
  return target.replace(/[^\x21-\x7e]+/gu, encodeURIComponent);
}

function nameOf(url: string): string {
  const { pathname } = new URL(url);
  return pathname.replace(/\/+$/, '').split('/').at(-1) || '/';
}
