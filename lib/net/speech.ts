import type { Listener } from '../core/options.ts';
import { isHeard, tell } from './transcript.ts';

/** What one connection says and hears, for whoever listens. */
export class Speech {
  readonly #side: 'client' | 'server';
  readonly #peer: { readonly host: string; readonly port: number };
  listener: Listener | undefined;

  constructor(
    side: 'client' | 'server',
    peer: { readonly host: string; readonly port: number },
    listener: Listener | undefined,
  ) {
    this.#side = side;
    this.#peer = peer;
    this.listener = listener;
  }

  said(text: string): void {
    this.#tell(this.#side === 'server' ? 'S' : 'C', text);
  }

  heard(text: string): void {
    this.#tell(this.#side === 'server' ? 'C' : 'S', text);
  }

  note(text: string): void {
    this.#tell('*', text);
  }

  get isHeard(): boolean {
    return isHeard(this.listener);
  }

  #tell(from: 'C' | 'S' | '*', text: string): void {
    if (isHeard(this.listener)) tell(this.listener, from, text, this.#peer);
  }
}
