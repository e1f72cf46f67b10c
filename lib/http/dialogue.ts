import type { Listener } from '../core/options.ts';
import { isHeard, tell } from '../net/transcript.ts';
import type { HeaderBlock } from '../wire/headers.ts';
import type { HttpAnswer, HttpRequest } from './exchange.ts';

/** Fields whose value is shown to nobody. */
const HIDDEN = new Set(['authorization', 'proxy-authorization', 'cookie', 'set-cookie', 'authentication-info']);

/** Requests and answers, told to whoever listens: start lines and header fields, without secrets. */
export class Dialogue {
  readonly #listener: Listener | undefined;

  constructor(listener: Listener | undefined) {
    this.#listener = listener;
  }

  get isHeard(): boolean {
    return isHeard(this.#listener);
  }

  asked(request: HttpRequest): void {
    if (!this.isHeard) return;
    this.#tell('C', `${request.method} ${withoutQueryValues(request.target)}`, request);
    this.#fields('C', request.headers, request);
  }

  answered({ request, status, reason, headers }: HttpAnswer): void {
    this.#tell('S', `${status}${reason === '' ? '' : ` ${reason}`}`, request);
    this.#fields('S', headers, request);
  }

  #fields(from: 'C' | 'S', headers: HeaderBlock, request: HttpRequest): void {
    for (const [name, value] of headers) {
      const key = name.toLowerCase();
      this.#tell(from, `${name}: ${HIDDEN.has(key) || request.secret.has(key) ? '***' : value}`, request);
    }
  }

  #tell(from: 'C' | 'S', text: string, { origin }: HttpRequest): void {
    tell(this.#listener, from, text, origin);
  }
}

/** A query may hold a token: its names are shown, its values are not (they may be secrets, as `?token=…`). */
function withoutQueryValues(target: string): string {
  const at = target.indexOf('?');
  if (at < 0) return target;
  return target.slice(0, at) + target.slice(at).replace(/=[^&]*/g, '=***');
}
