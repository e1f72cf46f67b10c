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

  /** `text` without this secret, also where it stands inside base64: a server may repeat what it was told. */
  redact(text: string): string {
    if (this.#value === '') return text;
    let redacted = text.replaceAll(this.#value, '***');
    for (const core of this.#inBase64()) redacted = redacted.replaceAll(core, '***');
    return redacted;
  }

  /** How it looks inside base64, at each of the three places where an octet can stand in a group of three. */
  #inBase64(): string[] {
    const octets = Buffer.from(this.#value, 'utf8');
    const cores = [0, 1, 2].map((before) => {
      const encoded = Buffer.concat([Buffer.alloc(before), octets]).toString('base64');
      // only the characters that depend on nothing else
      return encoded.slice(Math.ceil((before * 4) / 3), Math.floor(((before + octets.length) * 4) / 3));
    });
    return cores.filter((core) => core.length >= 4);
  }
}
