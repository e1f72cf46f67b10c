import type { Flow } from '../core/resource.ts';
import { YencDecoder, type YencHeader } from '../message/yenc.ts';

/** A body of yEnc as the octets that it stands for. At its end sizes and checksums are right, or it is a ProtocolError. */
export class YencBody implements Flow {
  readonly #body: Flow;
  readonly #decoder = new YencDecoder();
  /** What was decoded to get at the header. */
  #first: Buffer | undefined;
  #ended = false;

  private constructor(body: Flow) {
    this.#body = body;
  }

  /** Reads up to the first octets. Throws ProtocolError (`integrity`) for a body that has no yEnc. */
  static async of(body: Flow): Promise<YencBody> {
    const decoded = new YencBody(body);
    decoded.#first = await decoded.#next();
    return decoded;
  }

  /** What is said before the octets. */
  get header(): YencHeader {
    return this.#decoder.header ?? this.#decoder.finish();
  }

  get complete(): boolean {
    return this.#ended && this.#first === undefined;
  }

  async pull(): Promise<Buffer | undefined> {
    const first = this.#first;
    this.#first = undefined;
    return first ?? this.#next();
  }

  async each(sink: (chunk: Buffer) => void): Promise<void> {
    const first = this.#first;
    this.#first = undefined;
    if (first) sink(first);
    if (this.#ended) return;
    // what is damaged ends this body, and not the connection: it is found outside the arrival of the octets
    for (let chunk = await this.#body.pull(); chunk; chunk = await this.#body.pull()) this.#decoder.push(chunk, sink);
    this.#finish();
  }

  async #next(): Promise<Buffer | undefined> {
    const parts: Buffer[] = [];
    while (!this.#ended && parts.length === 0) {
      const chunk = await this.#body.pull();
      if (chunk) this.#decoder.push(chunk, (octets) => parts.push(Buffer.from(octets)));
      else this.#finish();
    }
    return parts.length > 1 ? Buffer.concat(parts) : parts[0];
  }

  #finish(): void {
    this.#decoder.finish();
    this.#ended = true;
  }
}
