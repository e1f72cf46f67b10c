import { TelnetDecoder, type TelnetSink } from '../../lib/telnet/codec.ts';
import { commandName, optionName } from '../../lib/telnet/names.ts';

/** Octets from words: names and numbers are octets, `"text"` is text in latin1. `octets('IAC', 'WILL', 1, '"hi"')`. */
export function octets(...words: readonly (string | number)[]): Buffer {
  return Buffer.concat(
    words.map((word) => {
      if (typeof word === 'number') return Buffer.of(word);
      if (word.startsWith('"')) return Buffer.from(word.slice(1, -1), 'latin1');
      const code = CODES.get(word);
      if (code === undefined) throw new Error(`no octet is called ${word}`);
      return Buffer.of(code);
    }),
  );
}

const CODES = new Map<string, number>([
  ...Array.from({ length: 256 }, (_, code): [string, number] => [optionName(code), code]),
  // EOR, EOF and a few others are both: the commands win
  ...Array.from({ length: 256 }, (_, code): [string, number] => [commandName(code), code]),
]);

/** What a decoder tells, as words; text that came in pieces is put together. */
export class Heard implements TelnetSink {
  readonly words: string[] = [];
  /** How often it was told of text. */
  calls = 0;
  #text = '';
  /** Where to stop. */
  readonly #stopBehind: number | undefined;

  constructor(stopBehind?: number) {
    this.#stopBehind = stopBehind;
  }

  data(text: Buffer): void {
    this.calls++;
    this.#text += text.toString('latin1');
  }

  command(code: number): void {
    this.#say(commandName(code));
  }

  negotiation(verb: string, option: number): void {
    this.#say(`${verb} ${optionName(option)}`);
  }

  subnegotiation(option: number, data: Buffer): boolean {
    this.#say(`SB ${optionName(option)} ${data.toString('hex')}`.trimEnd());
    return option === this.#stopBehind;
  }

  all(): string[] {
    this.#say();
    return this.words;
  }

  #say(...words: string[]): void {
    if (this.#text !== '') this.words.push(JSON.stringify(this.#text));
    this.#text = '';
    this.words.push(...words);
  }
}

/** What chunks say. */
export function heard(chunks: readonly Uint8Array[], binary = false): string[] {
  const decoder = new TelnetDecoder();
  decoder.binary = binary;
  const sink = new Heard();
  for (const chunk of chunks) decoder.decode(Buffer.from(chunk), sink);
  return sink.all();
}
