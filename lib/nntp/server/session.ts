import { Session, type SessionParts } from '../../mock/session.ts';
import { AtMost, DotBlock } from '../../wire/framing.ts';
import type { Feature } from './features.ts';
import { type NewsArticle, stuffed } from './news-article.ts';
import type { Newsgroup } from './newsgroup.ts';
import type { Site } from './site.ts';

/** Up to this size, in characters, a block is shown in the transcript, not counted. */
const SHOWN = 4096;
/** How much more than it takes a server hears out, so that it can say no. */
const PATIENCE = 4;

/** What is no secret of an AUTHINFO, also where it is badly said. */
const OPEN = /^\W*AUTHINFO(?:\s+(?:USER(?:\s.*|$)|PASS|SASL(?:\s+[\w-]{1,20}(?!\S))?))?/i;

const FINAL_DOT = Buffer.from('.\r\n');

/** One client at a news server: where it is, and who. */
export class NntpSession extends Session {
  readonly site: Site;
  group: Newsgroup | undefined;
  /** The number of the current article; undefined where there is none. */
  current: number | undefined;
  /** Who has logged in. */
  user: string | undefined;
  /** Who wants to, and has not given the password yet. */
  candidate: string | undefined;
  compressed = false;
  /** Whether the next line is part of a login. */
  hushed = false;
  #reader: boolean;

  constructor(parts: SessionParts, site: Site) {
    super(parts);
    this.site = site;
    this.#reader = !site.transit;
  }

  /** Whether it answers readers now. */
  get reads(): boolean {
    return this.#reader;
  }

  /** Whether it takes feeds now. */
  get feeds(): boolean {
    return !(this.site.transit && this.#reader);
  }

  /** Whether TLS can begin (RFC 4642 2.2.2). */
  get canSecure(): boolean {
    return this.has('STARTTLS') && this.site.tls && !this.secure && this.user === undefined && !this.compressed;
  }

  /** Whether a login is possible now: not in the clear, where it must not be, and not in what is compressed (RFC 8054 2.2.2). */
  get mayLogIn(): boolean {
    return !this.compressed && (this.secure || this.site.tlsFor === 'nothing');
  }

  has(feature: Feature): boolean {
    return this.site.features.has(feature);
  }

  read(): void {
    this.#reader = true;
  }

  /** As at the beginning: nothing that was said in the clear counts (RFC 4642 2.2.2). */
  reset(): void {
    this.group = this.current = this.user = this.candidate = undefined;
    this.#reader = !this.site.transit;
  }

  /** Whether a group is to be seen by who is there. */
  maySee(group: string): boolean {
    return this.user !== undefined || !this.site.isClosed(group);
  }

  /** Whether one of its groups is. */
  maySeeArticle(article: NewsArticle): boolean {
    for (const group of article.numbers.keys()) if (this.maySee(group)) return true;
    return false;
  }

  override shown(line: string): string {
    if (this.hushed) return '***';
    const kept = OPEN.exec(line)?.[0];
    return kept === undefined || line.slice(kept.length).trim() === '' ? line : `${kept} ***`;
  }

  /** A reply that is a line and a block of lines. */
  async lines(line: string, lines: Iterable<string>): Promise<void> {
    let text = `${line}\r\n`;
    for (const each of lines) text += `${each.startsWith('.') ? '.' : ''}${each}\r\n`;
    text += '.\r\n';
    await this.reply(text.length <= SHOWN ? text : Buffer.from(text, 'utf8'));
  }

  /** A reply that is a line and a block of octets, the dots of which have not been doubled. */
  async block(line: string, ...parts: readonly Buffer[]): Promise<void> {
    await this.say(line);
    await this.reply(Buffer.concat([...parts.map(stuffed), FINAL_DOT]));
  }

  /** A reply that is a line and a block that comes in parts, each of them whole lines that begin with no dot. */
  async parts(line: string, parts: Iterable<Buffer>): Promise<void> {
    await this.say(line);
    await this.reply(
      (function* () {
        yield* parts;
        yield FINAL_DOT;
      })(),
    );
  }

  /** The article that the client sends; undefined when it is too large, and has been heard out. */
  async article(): Promise<Buffer | undefined> {
    const { maxArticle } = this.site;
    const chunks: Buffer[] = [];
    let size = 0;
    const most = new AtMost(new DotBlock(), maxArticle * PATIENCE);
    await this.connection.body(most).each((chunk) => {
      size += chunk.length;
      if (size <= maxArticle) chunks.push(Buffer.from(chunk));
      else chunks.length = 0;
    });
    return size > maxArticle ? undefined : Buffer.concat(chunks);
  }
}
