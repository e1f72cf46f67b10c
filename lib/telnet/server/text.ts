import { UsageError } from '../../core/errors.ts';
import { type Charset, charsetOf, loadedCharset, type TextDecoding } from '../../wire/charset.ts';

/** What a client and its server write in, which may change in the middle. */
export class Text {
  #name: string;
  /** Undefined until it has been loaded. */
  #charset: Charset | undefined;
  #decoding: TextDecoding | undefined;

  constructor(charset: Charset) {
    this.#name = charset.name;
    this.#charset = charset;
  }

  get name(): string {
    return this.#name;
  }

  /** From now on it is this. */
  change(name: string): void {
    this.#name = name;
    this.#charset = loadedCharset(name);
    this.#decoding = undefined;
  }

  /** The text that is whole by now; a character may be split between two pieces. */
  async decode(octets: Buffer): Promise<string> {
    this.#decoding ??= (this.#charset ?? (await this.#load())).decoder();
    return this.#decoding.write(octets);
  }

  /** Text in octets; what the character set does not have is a question mark. */
  async encode(text: string): Promise<Buffer> {
    const charset = this.#charset ?? (await this.#load());
    return encodeIn(charset, text) ?? Buffer.concat(Array.from(text, (char) => encodeIn(charset, char) ?? UNKNOWN));
  }

  async #load(): Promise<Charset> {
    this.#charset = await charsetOf(this.#name);
    return this.#charset;
  }
}

const UNKNOWN = Buffer.from('?');

function encodeIn(charset: Charset, text: string): Buffer | undefined {
  try {
    return charset.encode(text);
  } catch (error) {
    if (error instanceof UsageError) return undefined;
    throw error;
  }
}
