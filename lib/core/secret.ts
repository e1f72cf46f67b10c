import { inspect } from 'node:util';

/** A value that is sent on the wire and shown nowhere else: printed, inspected or put into JSON it is `***`. */
export class Secret {
  readonly #value: string;

  static {
    Object.defineProperty(Secret.prototype, inspect.custom, { value: () => 'Secret(***)' });
  }

  constructor(value: string) {
    this.#value = value;
  }

  /** A string or a Secret as a Secret. */
  static of(value: string | Secret): Secret {
    return value instanceof Secret ? value : new Secret(value);
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return '***';
  }

  toJSON(): string {
    return '***';
  }

  /** `text` without this secret, also where it stands base64-encoded: a server may repeat what it was told. */
  redact(text: string): string {
    if (this.#value === '') return text;
    const encoded = Buffer.from(this.#value, 'utf8').toString('base64').replace(/=+$/, '');
    return text.replaceAll(this.#value, '***').replaceAll(encoded, '***');
  }
}
