/**
 * Text over a link. It is pulled: octets are read while somebody waits for text, and options are answered meanwhile. A wait
 * that was too long, or was given up, leaves the dialogue as it is: what had come is still there.
 */
import type { Duplex } from 'node:stream';
import { limitError } from '../core/errors.ts';
import type { CallOptions } from '../core/options.ts';
import type { Flow } from '../core/resource.ts';
import { Secret } from '../core/secret.ts';
import type { Expected, Found, TerminalCommand, TerminalDialogue, TerminalState, WaitOptions } from '../core/verbs.ts';
import type { Connection } from '../net/connection.ts';
import { type BodyOptions, bodyOf } from './body.ts';
import { commandsOf } from './commands.ts';
import { duplexOf } from './duplex.ts';
import type { TelnetEvent } from './events.ts';
import { Expectation, foundAt, namesOf } from './expect.ts';
import { TelnetLink } from './link.ts';
import { type LoginPrompts, logIn, type TelnetCredentials } from './login.ts';
import { COMMANDS, OPTIONS, optionName, type SoleCommand } from './names.ts';
import type { Side } from './option.ts';
import type { TelnetOptions } from './options/index.ts';
import { Reader } from './reader.ts';
import { type PlayOptions, play, type Step } from './script.ts';
import type { TelnetSettings } from './settings.ts';
import { describeState } from './status.ts';
import { isSame, terminalOf } from './terminal.ts';
import { endedBefore, late } from './trouble.ts';
import type { IdleOptions } from './wait.ts';
import { Writer } from './writer.ts';

export interface DialogueParts extends Pick<TelnetSettings, 'charset' | 'accept' | 'onEvent'> {
  /** What this end does: `clientOptions(settings)`, `serverOptions(settings)`. */
  readonly options: TelnetOptions;
  /** How much text a wait may pass over, in characters. Default 8 Mi. */
  readonly maxSize?: number | undefined;
  /** Send a password also where somebody can listen. Default false. */
  readonly insecureLogin?: boolean | undefined;
}

const [MAX_SIZE, GATHERED] = [8 * 2 ** 20, 64 * 2 ** 20];

export class TelnetDialogue implements TerminalDialogue {
  readonly connection: Connection;
  /** Is told of every change of `terminal`. There is one at a time. */
  onTerminal: ((state: TerminalState) => void) | undefined;
  readonly #parts: DialogueParts;
  readonly #link: TelnetLink;
  readonly #reader: Reader;
  readonly #writer: Writer;
  #terminal: TerminalState = { echo: false, characters: false, password: false };
  /** Timing marks that were asked for, and that came. */
  #marks = { asked: 0, come: 0 };

  /** Over a connection that has just been made. Throws UsageError for a character set that nobody knows. */
  static async over(connection: Connection, parts: DialogueParts): Promise<TelnetDialogue> {
    const reader = await Reader.of(connection, parts.charset ?? 'UTF-8', parts.maxSize ?? MAX_SIZE);
    return new TelnetDialogue(connection, parts, reader);
  }

  private constructor(connection: Connection, parts: DialogueParts, reader: Reader) {
    this.connection = connection;
    this.#parts = parts;
    const onEvent = (event: TelnetEvent): void => this.#happened(event);
    this.#link = new TelnetLink(connection, { options: parts.options.all, accept: parts.accept, onEvent });
    this.#reader = reader;
    reader.link = this.#link;
    reader.onText = () => this.#look();
    this.#writer = new Writer(this.#link, reader);
    this.#link.begin();
  }

  /**
   * Sends text. Its line ends become CR LF, and a lone CR becomes CR NUL; in BINARY it is sent as it is. Each call is whole:
   * a CR at its end is a lone one. A Secret is shown nowhere. Throws UsageError, before anything is sent, for characters
   * that the character set does not have. Resolves when the socket has taken it.
   */
  async write(text: string | Secret, options: CallOptions = {}): Promise<void> {
    await this.#writer.write(text, '', this.#isHidden, options);
    if (text instanceof Secret || /[\r\n]/.test(text)) this.#answered();
  }

  /** A line: its end is added. Throws UsageError for one that holds CR, LF or NUL. */
  async writeLine(text: string | Secret, options: CallOptions = {}): Promise<void> {
    await this.#writer.write(text, '\n', this.#isHidden, options);
    this.#answered();
  }

  /** Octets, of which only IAC is doubled and, outside BINARY, a lone CR made CR NUL. */
  async writeBytes(octets: Uint8Array, options: CallOptions = {}): Promise<void> {
    await this.#writer.octets(octets, options);
    this.#answered();
  }

  /**
   * Reads until one of these has come, and takes the text up to its end: see `expect.ts` for which of several. Throws
   * TimeoutError, with the text so far in `before`; ConnectionError when the peer ends before; ProtocolError (`limit`)
   * when more than `maxSize` characters have come before it; UsageError for two readers at once.
   */
  async waitFor(what: Expected | readonly Expected[], options: WaitOptions = {}): Promise<Found> {
    const reader = this.#reader;
    const expectation = new Expectation(what);
    const place = await reader.read(
      (ended, fresh) => expectation.feed(fresh()) ?? (ended ? this.#over() : undefined),
      options,
      (limit) => late(this.connection, namesOf(what), limit, reader.unread),
    );
    return foundAt(place, reader.take(place.end));
  }

  /** What has come, or the first part of it, as soon as there is some; undefined at the end. */
  async read(options: WaitOptions = {}): Promise<string | undefined> {
    const some = await this.#reader.read((ended) => this.#reader.length > 0 || (ended ? false : undefined), options);
    return some ? this.#reader.takePart() : undefined;
  }

  /** A line, without its end (CR LF or LF); at the end of the text what is left, then undefined. */
  async readLine(options: WaitOptions = {}): Promise<string | undefined> {
    const expectation = new Expectation('\n');
    const place = await this.#reader.read(
      (ended, fresh) => expectation.feed(fresh()) ?? (ended ? null : undefined),
      options,
    );
    if (place) return this.#reader.take(place.end).replace(/\r?\n$/, '');
    return this.#reader.length > 0 ? this.#reader.take() : undefined;
  }

  /** So many characters. Throws ConnectionError when the peer ends before. */
  async readExactly(characters: number, options: WaitOptions = {}): Promise<string> {
    await this.#reader.read(
      (ended) => this.#reader.length >= characters || (ended ? this.#over() : undefined),
      options,
    );
    return this.#reader.take(characters);
  }

  /**
   * Everything until nothing more comes for so many milliseconds, or the peer ends. Throws TimeoutError where the idle
   * timeout of the connection is not longer than that.
   */
  async readUntilIdle(milliseconds: number, options: IdleOptions = {}): Promise<string> {
    await this.#reader.readUntilIdle(milliseconds, options);
    return this.#reader.take();
  }

  /** Everything until the peer ends. Throws ProtocolError (`limit`) for more than `max` characters. Default 64 Mi. */
  async readToEnd(max: number = GATHERED, options: WaitOptions = {}): Promise<string> {
    const parts: string[] = [];
    let length = 0;
    for (let text = await this.read(options); text !== undefined; text = await this.read(options)) {
      parts.push(text);
      length += text.length;
      if (length > max) throw limitError('the text of a dialogue', max, { protocol: 'telnet', phase: 'body' });
    }
    return parts.join('');
  }

  /** Takes what has come already, without waiting. */
  available(): string {
    return this.#reader.take();
  }

  /** The text as it comes. Leaving it early leaves the dialogue as it is. */
  async *[Symbol.asyncIterator](): AsyncGenerator<string> {
    for (let text = await this.read(); text !== undefined; text = await this.read()) yield text;
  }

  /** The lines as they come, without their ends. */
  async *lines(options: WaitOptions = {}): AsyncGenerator<string> {
    for (let line = await this.readLine(options); line !== undefined; line = await this.readLine(options)) yield line;
  }

  /** Octets in both directions, with all of Telnet undone. While it is there, nobody else reads. */
  duplex(): Duplex {
    return duplexOf(this.#link, this.#reader, () => this.close());
  }

  /** Sends a command that stands by itself. */
  async command(name: SoleCommand): Promise<void> {
    this.connection.refuseGone();
    this.#link.machine.command(COMMANDS[name]);
  }

  /** The size of the window is now this, in characters. A peer that never asked is told nothing. Throws UsageError. */
  resize(columns: number, rows: number): void {
    this.#parts.options.windowSize.resize(this.#link.machine, columns, rows);
  }

  /** Asks for an option, or for its end. An event tells what both agree on: wait for it before a line in BINARY. */
  request(side: Side, option: number, enabled: boolean): void {
    this.#link.machine.request(side, option, enabled);
  }

  subnegotiate(option: number, data: Uint8Array): void {
    this.#link.machine.subnegotiate(option, data);
  }

  /** Sends a message of GMCP. Throws UsageError where it is not in use. */
  gmcp(name: string, data?: unknown): void {
    this.#parts.options.gmcp.send(this.#link.machine, name, data);
  }

  /** Resolves when the peer has dealt with everything that was sent before (RFC 860). Text that comes meanwhile is kept. */
  async timingMark(options: WaitOptions = {}): Promise<void> {
    let mine = 0;
    await this.#reader.read((ended) => {
      // not before it is known that nobody else reads
      if (mine === 0) this.request('remote', OPTIONS.TM, true);
      mine ||= ++this.#marks.asked;
      return this.#marks.come >= mine || (ended ? this.#over() : undefined);
    }, options);
  }

  /** Answers the prompts of a login: see `login.ts`. What the server says behind it is still to be read. */
  async login(credentials: TelnetCredentials, prompts: LoginPrompts = {}, options: WaitOptions = {}): Promise<void> {
    await logIn(this, this.#reader, { insecureLogin: this.#parts.insecureLogin, ...credentials }, prompts, options);
  }

  /** Plays steps, one after another: see `script.ts`. Gives what each `expect` found. */
  async play(steps: readonly Step[], options: PlayOptions = {}): Promise<readonly Found[]> {
    return play(this, steps, options);
  }

  /**
   * All that the peer says from now on, in octets, to be read once; `steps` are played meanwhile. Nobody else reads then.
   * Throws UsageError for two readers, and for what is no step.
   */
  body(options: BodyOptions = {}, steps?: readonly Step[]): Flow {
    return bodyOf(this, this.#link, this.#reader, options, steps);
  }

  /** What both ends do. */
  get options(): readonly { readonly side: Side; readonly option: number; readonly name: string }[] {
    return this.#link.machine.inUse().map(({ side, option }) => ({ side, option, name: optionName(option) }));
  }

  /** What text is written in. It can be changed to one that Node has, or that has been loaded by `over`. */
  get charset(): string {
    return this.#reader.charset.name;
  }

  set charset(name: string) {
    this.#reader.setCharset(name);
  }

  get commands(): ReadonlyMap<string, TerminalCommand> {
    return commandsOf(this);
  }

  get terminal(): TerminalState {
    return this.#terminal;
  }

  status(): string {
    return describeState(this.connection, this.options, this.charset);
  }

  /** Nothing more will be written; what the peer still says can be read. */
  async end(): Promise<void> {
    await this.#link.end();
  }

  async close(): Promise<void> {
    this.#reader.record.flush();
    await this.connection.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** What is typed is not to be shown: it may be a password. */
  get #isHidden(): boolean {
    return this.#terminal.password || this.#link.machine.enabled('remote', OPTIONS.ECHO);
  }

  #happened(event: TelnetEvent): void {
    if (event.type === 'charset' && event.charset !== undefined) this.#reader.setCharset(event.charset);
    if (event.type === 'timing-mark') this.#marks.come++;
    this.#parts.onEvent?.(event);
    if (event.type === 'option') this.#look();
  }

  /** What was asked for has been given; what is typed key by key is, with the end of its line. */
  #answered(): void {
    this.#reader.forgetPrompt();
    this.#look();
  }

  /** Looks whether the peer expects something else of the terminal now. */
  #look(): void {
    const terminal = terminalOf(this.#link.machine, this.#reader.asksForPassword);
    if (isSame(terminal, this.#terminal)) return;
    this.#terminal = terminal;
    this.onTerminal?.(this.#terminal);
  }

  #over(): never {
    throw endedBefore(this.connection, this.#reader.length > 0);
  }
}
