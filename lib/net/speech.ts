import type { Listener } from '../core/options.ts';
import type { Secret } from '../core/secret.ts';
import type { Command } from '../wire/command.ts';
import { isHeard, tell } from './transcript.ts';

const NONE: readonly Secret[] = [];

/** What one connection says and hears, for whoever listens. */
export class Speech {
  readonly #side: 'client' | 'server';
  readonly #peer: { readonly host: string; readonly port: number };
  /** What must not be shown, also when the peer says it. */
  #secrets: readonly Secret[] = NONE;
  listener: Listener | undefined;
  /** How a line of the peer's is shown: without what it may hold of secrets. */
  shown: ((line: string) => string) | undefined;

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

  commanded(commands: readonly Command[]): void {
    const { isHeard } = this;
    for (const command of commands) {
      if (command.secrets.length > 0) for (const secret of command.secrets) this.hide(secret);
      if (isHeard) this.said(command.toString());
    }
  }

  heard(text: string): void {
    if (this.isHeard) this.#tell(this.#side === 'server' ? 'C' : 'S', this.redact(this.shown?.(text) ?? text));
  }

  /** From now on this is shown nowhere: where it will be sent in another form, the peer may repeat it in its own. */
  hide(secret: Secret): void {
    if (!this.#secrets.includes(secret)) this.#secrets = [...this.#secrets, secret];
  }

  /** `text` without the secrets. */
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
