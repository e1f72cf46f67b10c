import { ConnectionError } from '../core/errors.ts';
import { resetWhenRead } from '../mock/delivery.ts';
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
    await session.reply(await this.#answer(session, line));
  }

  /** What is said to a line. Where that cannot be made, an error item is. */
  async #answer(session: Session, line: string): Promise<Said> {
    const [selector = '', ...fields] = line.split('\t');
    let plus: string | undefined;
    try {
      const answer = await this.#find(selector);
      const asked = readFields(fields, isSearch(answer));
      plus = asked.plus;
      if (answer === undefined) return this.#error(`${shown(selector)} is not here`, plus);
      const said =
        plus !== undefined && isAttributed(answer)
          ? await this.#plus(selector, answer, plus)
          : await this.#plain(answer, asked.words);
      return Symbol.asyncIterator in said ? await begin(session, said) : said;
    } catch (error) {
      session.note(`no answer could be made: ${messageOf(error)}`);
      return this.#error(`${shown(selector)} cannot be read`, plus);
    }
  }

  async #find(selector: string): Promise<Answer | undefined> {
    if (typeof this.#fixture === 'function') return this.#fixture(selector);
    return Object.hasOwn(this.#fixture, selector) ? this.#fixture[selector] : undefined;
  }

  async #plain(answer: Answer, words: string): Promise<Said> {
    if (typeof answer === 'function') return this.#octets(await answer(words), '1');
    return isAttributed(answer) ? this.#octets(await answer.content(), answer.type) : this.#octets(answer, '');
  }

  /** What goes over the wire. */
  #octets(served: Served, type: string): Said {
    if (typeof served === 'string') return dotted(Buffer.from(served, 'utf8'));
    if (served instanceof Uint8Array) return type === '0' ? dotted(served) : served;
    return isMenu(served) ? this.#menu(served.menu) : served;
  }

  #menu(lines: readonly MenuLine[]): Buffer {
    return Buffer.from(`${lines.map((line) => this.#line(line)).join('')}.\r\n`, 'utf8');
  }

  #line(line: MenuLine): string {
    if (typeof line === 'string')
      return formatItem({ type: 'i', name: clean(line), selector: '', host: 'null.host', port: 1 });
    return formatItem({ host: this.host, port: this.port, ...line, name: clean(line.name) });
  }

  #error(text: string, plus: string | undefined): Buffer {
    if (plus !== undefined) return Buffer.from(`--1\r\n1 netkit <gopher@localhost>\r\n${text}\r\n.\r\n`);
    return Buffer.from(`${formatItem({ ...NOT_HERE, name: text })}.\r\n`);
  }

  /** `!` and `$` ask for attributes, `+` and a view for the content with its length before it. */
  async #plus(selector: string, item: Attributed, plus: string): Promise<Said> {
    if (!plus.startsWith('+'))
      return Buffer.concat([Buffer.from('+-1\r\n'), dotted(Buffer.from(this.#attributes(selector, item)))]);
    const view = plus.slice(1);
    const wanted = view === '' || view === item.mediaType ? await item.content() : item.views?.[view];
    if (wanted === undefined) return this.#error(`${shown(`${selector} as ${view}`)} is not here`, plus);
    const octets = this.#octets(wanted, item.type);
    const text = typeof wanted === 'string' || isMenu(wanted) || (wanted instanceof Uint8Array && item.type === '0');
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
    const line = formatItem({ type, name: clean(name), selector, host: this.host, port: this.port, plus: '+' });
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

type Said = Uint8Array | AsyncIterable<Uint8Array>;

/** The words of a search, and the Gopher+ string: a search has it in the third field, for its second is the words. */
function readFields(fields: readonly string[], search: boolean): { words: string; plus: string | undefined } {
  const [second, third] = fields;
  if (isPlus(third)) return { words: second ?? '', plus: third };
  if (!search && isPlus(second)) return { words: '', plus: second };
  return { words: fields.join('\t'), plus: undefined };
}

function isPlus(field: string | undefined): boolean {
  return field !== undefined && /^[+!$]/.test(field);
}

function isSearch(answer: Answer | undefined): boolean {
  return typeof answer === 'function' || (answer !== undefined && isAttributed(answer) && answer.type === '7');
}

/** A selector as it can be in an error. */
function shown(selector: string): string {
  return `'${selector.replace(/[^\x20-\x7e]/g, '?').slice(0, 200)}'`;
}

/** A name without what would end its field or its line. */
function clean(name: string): string {
  return name.replace(/[\0-\x1f\x7f]/g, ' ');
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/**
 * A stream of which the first octets are there, so that what cannot be read at all is found before anything is said. When
 * it fails after that, the connection is reset: its end would be taken for the end of the document.
 */
async function begin(session: Session, octets: AsyncIterable<Uint8Array>): Promise<AsyncIterable<Uint8Array>> {
  const iterator = octets[Symbol.asyncIterator]();
  let step = await iterator.next();
  return (async function* () {
    try {
      for (; !step.done; step = await next(session, iterator)) yield step.value;
    } finally {
      await iterator.return?.();
    }
  })();
}

async function next(session: Session, iterator: AsyncIterator<Uint8Array>): Promise<IteratorResult<Uint8Array>> {
  try {
    return await iterator.next();
  } catch (cause) {
    const message = `the answer broke off: ${messageOf(cause)}`;
    session.note(message);
    await resetWhenRead(session.connection);
    throw new ConnectionError(message, { protocol: 'gopher', phase: 'body', cause });
  }
}

function dotted(text: Uint8Array): Buffer {
  const encoder = new DotEncoder();
  return Buffer.concat([encoder.encode(text), encoder.finish()]);
}

/** The header comes with the first octets: where there are none because they cannot be read, nothing has been said. */
async function* withHeader(header: string, octets: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let said = false;
  for await (const chunk of octets) {
    if (!said) yield Buffer.from(header);
    said = true;
    yield chunk;
  }
  if (!said) yield Buffer.from(header);
}
