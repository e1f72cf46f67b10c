import type { Listener } from '../core/options.ts';
import { isHeard, tell } from '../net/transcript.ts';
import type { HeaderBlock } from '../wire/headers.ts';
import { shownField, shownTarget } from './codec.ts';
import type { HttpAnswer, HttpRequest } from './exchange.ts';

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
    this.#tell('C', `${request.method} ${shownTarget(request.target)}`, request);
    this.#fields('C', request.headers, request);
  }

  answered({ request, status, reason, headers }: HttpAnswer): void {
    this.#tell('S', `${status}${reason === '' ? '' : ` ${reason}`}`, request);
    this.#fields('S', headers, request);
  }

  #fields(from: 'C' | 'S', headers: HeaderBlock, request: HttpRequest): void {
    for (const [name, value] of headers) {
      const secret = request.secret.has(name.toLowerCase());
      this.#tell(from, secret ? `${name}: ***` : shownField(name, value), request);
    }
  }

  #tell(from: 'C' | 'S', text: string, { origin }: HttpRequest): void {
    tell(this.#listener, from, text, origin);
  }
}
