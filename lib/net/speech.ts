import type { Listener } from '../core/options.ts';
import type { Secret } from '../core/secret.ts';
import type { Command } from '../wire/command.ts';
import { isHeard, tell } from './transcript.ts';

/** What one connection says and hears, for whoever listens. */
export class Speech {
  readonly #side: 'client' | 'server';
  readonly #peer: { readonly host: string; readonly port: number };
  /** What was sent and must not be shown, also when the peer repeats it. */
  readonly #secrets: Secret[] = [];
  listener: Listener | undefined;
  /** How a line of the peer's is shown: without what it may hold of secrets. */
  shown: (line: string) => string = (line) => line;

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

  commanded(command: Command): void {
    if (command.secrets.length > 0) this.#secrets.push(...command.secrets);
    if (this.isHeard) this.said(command.toString());
  }

  heard(text: string): void {
    if (this.isHeard) this.#tell(this.#side === 'server' ? 'C' : 'S', this.redact(this.shown(text)));
  }

  /** `text` without the secrets that were sent. */
  redact(text: string): string {
    return this.#secrets.reduce((redacted, secret) => secret.redact(redacted), text);
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
