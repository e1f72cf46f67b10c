import { Secret } from '../../core/secret.ts';
import type { Expected, Found } from '../../core/verbs.ts';
import { Session, type SessionParts } from '../../mock/session.ts';
import type { Charset } from '../../wire/charset.ts';
import type { TelnetEvent } from '../events.ts';
import { TelnetLink } from '../link.ts';
import { COMMANDS, OPTIONS, type SoleCommand } from '../names.ts';
import type { Side } from '../option.ts';
import { type ServerOptions, serverOptions } from '../options/index.ts';
import type { TelnetServerSettings } from '../settings.ts';
import { ClientFacts } from './facts.ts';
import { keyOf, type LineEnd } from './input.ts';
import { Keyboard } from './keyboard.ts';
import { LineEditor } from './line-editor.ts';
import { Text } from './text.ts';

/** What all sessions of a server know. */
export interface House {
  readonly settings: TelnetServerSettings;
  readonly charset: Charset;
  readonly onEvent?: ((event: TelnetEvent, session: TelnetSession) => void) | undefined;
}

export interface LineOptions {
  /** Stands before the line; it is said again when the client interrupts it. */
  readonly prompt?: string | undefined;
  /** What is typed is shown nowhere: not to the client, not in a transcript. Default false. */
  readonly secret?: boolean | undefined;
}

/** Text above this is counted in the transcript, not shown. In characters. */
const SHOWN = 4096;
/** How much echo is gathered before it goes out, in characters. */
const ECHOED = 4096;

/** One client of a Telnet server: what it types, what it is told, and what was learned of it. */
export class TelnetSession extends Session {
  /** What it told of itself. */
  readonly client: ClientFacts = new ClientFacts();
  /** Options, commands and octets, for those who say these by themselves. */
  readonly link: TelnetLink;
  /** Who has logged in. */
  user: string | undefined;
  /** For how many milliseconds it may type nothing: then whoever reads has a TimeoutError. Default: no limit. */
  idle: number = Number.POSITIVE_INFINITY;
  readonly #house: House;
  readonly #options: ServerOptions;
  readonly #keyboard: Keyboard;
  readonly #text: Text;
  /** What runs, and can be interrupted. */
  #running: AbortController | undefined;
  /** Whether what is said is dropped, as the client asked for with AO. */
  #dropping = false;
  #echoed = '';
  /** Whether an answer to AYT is on its way: who asks meanwhile has it too. */
  #answering = false;

  constructor(parts: SessionParts, house: House) {
    super(parts);
    this.#house = house;
    this.#options = serverOptions(house.settings);
    this.link = new TelnetLink(parts.connection, {
      options: this.#options.all,
      onEvent: (event) => this.#happened(event),
    });
    this.#text = new Text(house.charset);
    this.#keyboard = new Keyboard(this.link, this.#text);
  }

  /** How the last end of line that came was written; undefined before there was one. */
  get lineEnd(): LineEnd | undefined {
    return this.#keyboard.lineEnd;
  }

  /** What text is written in, by both. */
  get charset(): string {
    return this.#text.name;
  }

  /** Every option that is in use. */
  get options(): readonly { readonly side: Side; readonly option: number }[] {
    return this.link.machine.inUse();
  }

  /** Whether what it types is shown to it by this end. */
  get echoes(): boolean {
    return this.link.machine.enabled('local', OPTIONS.ECHO);
  }

  /** Asks for what is to be asked for first of all. */
  begin(): void {
    this.gather();
    this.link.begin();
  }

  /** Asks for an option, or for its end. */
  request(side: Side, option: number, enabled: boolean): void {
    this.link.machine.request(side, option, enabled);
  }

  /** Sends a command that stands by itself. */
  sendCommand(name: SoleCommand): void {
    this.link.machine.command(COMMANDS[name]);
  }

  /** Sends a message of GMCP. Throws UsageError when it is not in use. */
  gmcp(name: string, data?: unknown): void {
    this.#options.gmcp.send(this.link.machine, name, data);
  }

  /** Says text, its line ends as CR LF; or octets, as they are but for IAC. Throws ConnectionError when the client is lost. */
  async write(said: string | Uint8Array): Promise<void> {
    if (this.#dropping) return;
    if (typeof said === 'string' && said.length <= SHOWN) this.told(said);
    else this.note(`${said.length} ${typeof said === 'string' ? 'characters' : 'octets'}`);
    await this.#put(said);
  }

  /** Text that something typed is to follow. Its end is marked, where that was agreed (EOR, RFC 885). */
  async prompt(text: string): Promise<void> {
    if (text !== '') await this.write(text);
    if (this.link.machine.enabled('local', OPTIONS.EOR)) this.sendCommand('EOR');
  }

  /**
   * A line, as it was edited: with echo where that was agreed. Undefined when the client has ended, or says so (^D).
   * Throws TimeoutError (`idle`), ConnectionError; ProtocolError for a line of more than 8192 characters.
   */
  async readLine({ prompt = '', secret = false }: LineOptions = {}): Promise<string | undefined> {
    const hides = secret && this.#mayHide;
    if (hides) this.request('local', OPTIONS.ECHO, true);
    try {
      await this.prompt(prompt);
      await this.finish();
      return await this.#edit(prompt, secret);
    } finally {
      if (hides) this.request('local', OPTIONS.ECHO, false);
      this.#keyboard.resume();
    }
  }

  /** What is typed next, without echo and editing; every end of line is `\n`. Undefined when the client has ended. */
  async read(): Promise<string | undefined> {
    try {
      await this.finish();
      const text = await this.#keyboard.text(this.idle);
      if (text !== undefined) this.connection.heard(text);
      return text;
    } finally {
      this.#keyboard.resume();
    }
  }

  /**
   * What is typed next, up to what is waited for, without echo and editing. Throws TimeoutError (`idle`), ConnectionError
   * when the client ends before it, ProtocolError when it types more than 64 KiB before it.
   */
  async waitFor(what: Expected | readonly Expected[]): Promise<Found> {
    try {
      await this.finish();
      const found = await this.#keyboard.find(what, this.idle);
      this.connection.heard(found.text);
      return found;
    } finally {
      this.#keyboard.resume();
    }
  }

  /** A line that is a command: those that a fault answers are not seen here. */
  override async command(options: LineOptions = {}): Promise<string | undefined> {
    for (;;) {
      const line = await this.readLine(options);
      if (line === undefined || !(await this.faulted(line))) return line;
    }
  }

  /**
   * Does something that the client can interrupt (IP, BRK, ^C): then `signal` aborts, and it is left alone. True when it
   * was interrupted.
   */
  async run(work: (signal: AbortSignal) => Promise<void>): Promise<boolean> {
    const stop = new AbortController();
    const { signal } = stop;
    const interrupted = new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason));
    });
    this.#running = stop;
    this.#keyboard.watch((reason: unknown = INTERRUPTED) => stop.abort(reason));
    try {
      await Promise.race([interrupted, work(signal)]);
    } catch (error) {
      if (error !== INTERRUPTED && error !== ABANDONED) throw error;
    } finally {
      this.#running = undefined;
      this.#dropping = false;
      await this.#keyboard.unwatch();
    }
    if (signal.reason === INTERRUPTED && this.echoes) await this.#put('^C\n');
    return signal.aborted;
  }

  protected override transmit(octets: Uint8Array): Promise<void> {
    return this.link.put(octets);
  }

  /** Whether the client is asked for echo, and told to show nothing itself, while it types a secret. */
  get #mayHide(): boolean {
    const { offers, agrees } = this.#house.settings;
    return !this.echoes && !offers?.includes('ECHO') && (agrees?.includes('ECHO') ?? true);
  }

  async #edit(prompt: string, secret: boolean): Promise<string | undefined> {
    const editor = new LineEditor((text) => this.#echo(text), secret);
    for (;;) {
      const key = this.#keyboard.ready() ?? (await this.#nextKey());
      const typed = key === undefined ? 'end' : editor.press(key);
      if (this.#echoed.length > ECHOED || typed !== undefined) await this.#flushEcho();
      if (typed === 'end') return undefined;
      if (typed === 'interrupt') await this.#interrupt(prompt);
      else if (typed) return this.#heard(typed.line, secret);
    }
  }

  async #nextKey(): Promise<string | undefined> {
    await this.#flushEcho();
    return this.#keyboard.next(this.idle);
  }

  /** A line is thrown away; what runs and asked for it is too. */
  async #interrupt(prompt: string): Promise<void> {
    this.#keyboard.clear();
    this.#running?.abort(ABANDONED);
    if (this.#running) throw ABANDONED;
    await this.prompt(prompt);
  }

  #heard(line: string, secret: boolean): string {
    this.gather();
    if (secret) this.connection.hide(new Secret(line));
    this.connection.heard(secret ? '***' : line);
    return line;
  }

  #echo(text: string): void {
    if (this.echoes) this.#echoed += text;
  }

  async #flushEcho(): Promise<void> {
    const echoed = this.#echoed;
    this.#echoed = '';
    if (echoed !== '') await this.#put(echoed);
  }

  async #put(said: string | Uint8Array): Promise<void> {
    this.gather();
    const octets = typeof said === 'string' ? await this.#text.encode(said.replace(/\r?\n/g, '\r\n')) : said;
    await this.put(this.link.machine.encode(octets));
  }

  #happened(event: TelnetEvent): void {
    const fact = this.client.learn(event);
    if (fact !== undefined) this.note(fact);
    if (event.type === 'charset' && event.charset !== undefined) this.#text.change(event.charset);
    if (event.type === 'command') this.#commanded(event.command);
    this.#house.onEvent?.(event, this);
  }

  /** Says that it is there. Nobody waits for it: whoever reads or writes next is told that the client is lost. */
  async #answer(): Promise<void> {
    if (this.#answering) return;
    this.#answering = true;
    await this.#put('\n[Yes]\n').catch(() => {});
    this.#answering = false;
  }

  /** What a terminal's driver does with what is no text (RFC 854). */
  #commanded(command: number): void {
    const key = keyOf(command);
    if (key !== undefined) this.#keyboard.press(key);
    else if (command === COMMANDS.AYT) void this.#answer();
    else if (command === COMMANDS.AO && this.#running) {
      this.#dropping = true;
      this.sendCommand('DM');
    }
  }
}

const INTERRUPTED = Symbol('interrupted');
/** It was, while it asked for a line: there that was shown already. */
const ABANDONED = Symbol('abandoned');
