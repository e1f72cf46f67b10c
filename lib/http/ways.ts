/** Where requests go: where the caller wants, and where a stranger leads only to what is public (server-side request forgery). */
import { isIP } from 'node:net';
import type { Report } from '../core/verbs.ts';
import { checkTarget, isPublic } from '../net/policy.ts';
import { chooseProxy } from '../net/proxy.ts';
import { normalHost } from '../net/resolve.ts';
import type { HttpAnswer, HttpRequest, Origin } from './exchange.ts';
import { Transport, type TransportOptions } from './transport.ts';

export class Ways {
  readonly #options: TransportOptions;
  readonly #own: Transport;
  /** Dials public addresses only: whatever a name says when it is looked up, that is what is checked. */
  #led: Promise<Transport> | undefined;

  /** Nothing is connected to before the first request. Throws UsageError for durations that are none. */
  static async open(options: TransportOptions = {}): Promise<Ways> {
    return new Ways(options, await Transport.open(options));
  }

  private constructor(options: TransportOptions, own: Transport) {
    this.#options = options;
    this.#own = own;
  }

  /**
   * Sends a request, and gives the answer once its header has come. Throws as `Transport.exchange` does, and UsageError
   * (`policy`) where a redirect from a public address leads to one that is not, or to a port of another protocol.
   */
  exchange(request: HttpRequest): Promise<HttpAnswer> {
    return request.ledBy ? this.#follow(request, request.ledBy) : this.#own.exchange(request);
  }

  /** Who answered at an origin last, and how safely. */
  describe(origin: Origin): Report {
    return this.#own.describe(origin);
  }

  /** Ends all connections. What is still on its way fails. */
  async close(): Promise<void> {
    const led = await this.#led;
    await Promise.all([this.#own.close(), led?.close()]);
  }

  async #follow(request: HttpRequest, from: Origin): Promise<HttpAnswer> {
    const { policy, unixSocket } = this.#options;
    // a Unix socket leads nowhere else
    if (policy !== undefined || unixSocket !== undefined || !this.#isStranger(from)) return this.#own.exchange(request);
    const { origin } = request;
    checkTarget(normalHost(origin.host), origin.port, origin.scheme);
    // who connects for us resolves names himself, and has rules of his own
    if (this.#isIndirect(origin)) return this.#own.exchange(request);
    this.#led ??= Transport.open({ ...this.#options, policy: 'public' });
    return (await this.#led).exchange(request);
  }

  /** Who is not known to be at an address that is not public. */
  #isStranger(origin: Origin): boolean {
    const { host } = origin;
    if (this.#isIndirect(origin)) return isIP(host) ? isPublic(host) : !/(?:^|\.)localhost$/.test(host);
    return this.#own.isPublic(origin) ?? true;
  }

  #isIndirect({ host, port, scheme }: Origin): boolean {
    return this.#options.via !== undefined || chooseProxy(this.#options, host, port, process.env, scheme) !== undefined;
  }
}
