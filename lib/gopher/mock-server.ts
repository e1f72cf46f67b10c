import { type MockOptions, MockServer, type Session } from '../mock/server.ts';
import { DotEncoder } from '../wire/dot.ts';
import { formatItem } from './codec.ts';
import {
  type Answer,
  type Attributed,
  type GopherFixture,
  isAttributed,
  isMenu,
  type MenuLine,
  type Served,
} from './fixture.ts';

const WELCOME: GopherFixture = { '': { menu: ['This server has nothing yet.'] } };
const NOT_HERE = { type: '3', selector: '', host: 'error.host', port: 1 } as const;

/** A Gopher server (RFC 1436, Gopher+) for tests and for `netkit gopher serve`: one line, one answer, and it closes. */
export class GopherMockServer extends MockServer {
  readonly #fixture: GopherFixture;

  private constructor(fixture: GopherFixture, options: MockOptions) {
    super({ scheme: options.tls === 'implicit' ? 'gophers' : 'gopher', protocol: 'gopher', maxLine: 4096 }, options);
    this.#fixture = fixture;
  }

  static async start(fixture: GopherFixture = WELCOME, options: MockOptions = {}): Promise<GopherMockServer> {
    return new GopherMockServer(fixture, options).listen();
  }

  protected override async converse(session: Session): Promise<void> {
    const line = await session.command();
    if (line === undefined) return;
    const [selector = '', ...words] = line.split('\t');
    const plus = /^[+!$]/.test(words.at(-1) ?? '') ? words.pop() : undefined;
    const answer = await this.#find(selector);
    if (answer === undefined) await session.reply(this.#notHere(selector, plus));
    else if (plus !== undefined && isAttributed(answer)) await session.reply(await this.#plus(selector, answer, plus));
    else await session.reply(await this.#plain(answer, words.join('\t')));
  }

  async #find(selector: string): Promise<Answer | undefined> {
    if (typeof this.#fixture === 'function') return this.#fixture(selector);
    return Object.hasOwn(this.#fixture, selector) ? this.#fixture[selector] : undefined;
  }

  async #plain(answer: Answer, words: string): Promise<Uint8Array | AsyncIterable<Uint8Array>> {
    if (typeof answer === 'function') return this.#octets(await answer(words), '1');
    return isAttributed(answer) ? this.#octets(await answer.content(), answer.type) : this.#octets(answer, '');
  }

  /** What goes over the wire. */
  #octets(served: Served, type: string): Uint8Array | AsyncIterable<Uint8Array> {
    if (typeof served === 'string') return dotted(Buffer.from(served, 'utf8'));
    if (served instanceof Uint8Array) return type === '0' ? dotted(served) : served;
    return isMenu(served) ? this.#menu(served.menu) : served;
  }

  #menu(lines: readonly MenuLine[]): Buffer {
    return Buffer.from(`${lines.map((line) => this.#line(line)).join('')}.\r\n`, 'utf8');
  }

  #line(line: MenuLine): string {
    if (typeof line === 'string')
      return formatItem({ type: 'i', name: line, selector: '', host: 'null.host', port: 1 });
    return formatItem({ host: this.host, port: this.port, ...line });
  }

  #notHere(selector: string, plus: string | undefined): Buffer {
    const name = `'${selector.replace(/[^\x20-\x7e]/g, '?').slice(0, 200)}' is not here`;
    if (plus !== undefined) return Buffer.from(`--1\r\n1 netkit <gopher@localhost>\r\n${name}\r\n.\r\n`);
    return Buffer.from(`${formatItem({ ...NOT_HERE, name })}.\r\n`);
  }

  /** `!` and `$` ask for attributes, `+` and a view for the content with its length before it. */
  async #plus(selector: string, item: Attributed, plus: string): Promise<Uint8Array | AsyncIterable<Uint8Array>> {
    if (!plus.startsWith('+'))
      return Buffer.concat([Buffer.from('+-1\r\n'), dotted(Buffer.from(this.#attributes(selector, item)))]);
    const view = plus.slice(1);
    const wanted = view === '' || view === item.mediaType ? await item.content() : item.views?.[view];
    if (wanted === undefined) return this.#notHere(`${selector} as ${view}`, plus);
    const octets = this.#octets(wanted, item.type);
    const text =
      typeof wanted === 'string' || isMenuServed(wanted) || (wanted instanceof Uint8Array && item.type === '0');
    if (!(octets instanceof Uint8Array)) return withHeader('+-2\r\n', octets);
    return Buffer.concat([Buffer.from(text ? '+-1\r\n' : `+${octets.length}\r\n`), octets]);
  }

  #attributes(selector: string, item: Attributed): string {
    const {
      type,
      name,
      mediaType = 'application/octet-stream',
      size,
      modified,
      abstract,
      admin = 'netkit <gopher@localhost>',
    } = item;
    const line = formatItem({ type, name, selector, host: this.host, port: this.port, plus: '+' });
    const views = [
      [mediaType, size] as const,
      ...Object.keys(item.views ?? {}).map((view) => [view, undefined] as const),
    ];
    return [
      `+INFO: ${line.trimEnd()}`,
      '+ADMIN:',
      ` Admin: ${admin}`,
      ...(modified
        ? [` Mod-Date: ${modified.toUTCString()} <${modified.toISOString().replace(/\D/g, '').slice(0, 14)}>`]
        : []),
      '+VIEWS:',
      ...views.map(([view, octets]) => ` ${view}:${octets === undefined ? '' : ` <${octets}>`}`),
      ...(abstract === undefined ? [] : ['+ABSTRACT:', ...abstract.split('\n').map((text) => ` ${text}`)]),
      '',
    ].join('\r\n');
  }
}

function isMenuServed(served: Served): boolean {
  return typeof served === 'object' && 'menu' in served;
}

function dotted(text: Uint8Array): Buffer {
  const encoder = new DotEncoder();
  return Buffer.concat([encoder.encode(text), encoder.finish()]);
}

async function* withHeader(header: string, octets: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield Buffer.from(header);
  yield* octets;
}
