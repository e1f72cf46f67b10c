/** A protocol of pretended conversations, each with what a terminal needs to know; and a pretended terminal. */
import { EventEmitter, once } from 'node:events';
import { PassThrough } from 'node:stream';
import type { Endpoint } from '../../lib/core/endpoint.ts';
import { ConnectionError } from '../../lib/core/errors.ts';
import type { CallOptions, ConnectOptions } from '../../lib/core/options.ts';
import { defineProtocol, type Mock } from '../../lib/core/protocol.ts';
import { Resource } from '../../lib/core/resource.ts';
import type {
  Can,
  Found,
  Report,
  ScriptOptions,
  TerminalCommand,
  TerminalDialogue,
  TerminalState,
} from '../../lib/core/verbs.ts';
import { Gathered } from './run.ts';

/** What a test says as the peer, and what the peer was told. */
export class FakeTerminal extends EventEmitter implements TerminalDialogue {
  terminal: TerminalState = { echo: false, characters: false, password: false };
  onTerminal: ((state: TerminalState) => void) | undefined;
  readonly written: string[] = [];
  readonly sizes: string[] = [];
  readonly commands = new Map<string, TerminalCommand>([
    ['ayt', { summary: 'are you there?', send: async () => this.#hear('<AYT>') }],
    ['brk', { summary: 'break', send: async () => this.#hear('<BRK>') }],
  ]);
  closed = 0;
  /** What writing fails with. */
  deaf: Error | undefined;
  readonly #said: (string | Partial<TerminalState> | Error)[] = [];
  #ended = false;

  /** Text, a change of what the terminal is to do, or a failure, in the order in which the peer's would be read. */
  say(...said: readonly (string | Partial<TerminalState> | Error)[]): void {
    this.#said.push(...said);
    this.emit('said');
  }

  end(): void {
    this.#ended = true;
    this.emit('said');
  }

  async write(text: string): Promise<void> {
    if (this.deaf) throw this.deaf;
    this.#hear(text);
  }

  /** Waits until all that was written is this. */
  async wrote(text: string): Promise<void> {
    while (this.written.join('') !== text) await once(this, 'heard');
  }

  async waitFor(): Promise<Found> {
    return { index: 0, match: '', groups: {}, before: '', text: '' };
  }

  resize(columns: number, rows: number): void {
    this.sizes.push(`${columns}x${rows}`);
    this.emit('resized');
  }

  status(): string {
    return 'ECHO remote\n\x1b[31mred';
  }

  async close(): Promise<void> {
    this.closed++;
    this.say(new ConnectionError('it was closed here'));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<string> {
    for (;;) {
      const said = this.#said.shift();
      if (said instanceof Error) throw said;
      if (typeof said === 'string') yield said;
      else if (said) {
        this.terminal = { ...this.terminal, ...said };
        this.onTerminal?.(this.terminal);
        this.emit('adapted');
      } else if (this.#ended) return;
      else await once(this, 'said');
    }
  }

  #hear(text: string): void {
    this.written.push(text);
    this.emit('heard');
  }
}

/** A keyboard that a test types on; it knows how the terminal treats the keys. */
export class FakeKeyboard extends PassThrough {
  readonly isTTY = true;
  readonly modes: ('raw' | 'lines')[] = [];

  setRawMode(raw: boolean): this {
    const mode = raw ? 'raw' : 'lines';
    if (this.modes.at(-1) !== mode) this.modes.push(mode);
    return this;
  }
}

export class FakeScreen extends Gathered {
  columns = 80;
  rows = 24;

  constructor() {
    super(true);
  }

  /** Waits until this is on it. */
  async shows(text: string): Promise<void> {
    while (!this.text.includes(text)) await once(this, 'written');
  }
}

/** What the pretended client was asked. */
export const asked: { options?: Record<string, unknown>; connect?: ConnectOptions; verb?: string } = {};
/** The conversation that the next `open` gives. */
export const next: { dialogue: FakeTerminal } = { dialogue: new FakeTerminal() };

interface TalkOptions extends CallOptions {
  readonly terminal?: string;
  readonly columns?: number;
  readonly rows?: number;
  readonly env?: Readonly<Record<string, string>>;
}
interface RunOptions extends ScriptOptions {
  readonly script?: readonly unknown[];
}

class TeleClient implements Can<'fetch' | 'open'> {
  readonly endpoint: Endpoint;

  constructor(endpoint: Endpoint) {
    this.endpoint = endpoint;
  }

  static async connect(endpoint: Endpoint, options: ConnectOptions = {}): Promise<TeleClient> {
    asked.connect = { ...options };
    return new TeleClient(endpoint);
  }

  async open(_path?: string, options: TalkOptions = {}): Promise<FakeTerminal> {
    Object.assign(asked, { options: { ...options }, verb: 'open' });
    return next.dialogue;
  }

  async fetch(path: string, options: RunOptions = {}): Promise<Resource> {
    Object.assign(asked, { options: { ...options }, verb: 'fetch' });
    options.onFound?.({ index: 0, match: 'login:', groups: { 1: 'in' }, before: 'hello ', text: 'hello login:' }, 0);
    const chunks = [Buffer.from('hello login: \x1b[2J')];
    const body = {
      complete: true,
      pull: async () => chunks.shift(),
      each: async (sink: (chunk: Buffer) => void) => chunks.splice(0).forEach(sink),
    };
    return new Resource({ path, url: 'tele://h/', type: 'text/plain', body, close: async () => {} });
  }

  async check(): Promise<Report> {
    return {};
  }

  async close(): Promise<void> {}

  async [Symbol.asyncDispose](): Promise<void> {}
}

class TeleMock implements Mock {
  readonly url = 'tele://h/';
  static async start(): Promise<TeleMock> {
    return new TeleMock();
  }
  async close(): Promise<void> {}
  async [Symbol.asyncDispose](): Promise<void> {}
}

export const tele = defineProtocol({
  name: 'tele',
  summary: 'Pretend to talk',
  rfc: [1],
  schemes: { tele: { port: 79 } },
  client: async () => TeleClient,
  mock: async () => TeleMock,
  verbs: {
    fetch: {
      summary: 'Run a script',
      options: {
        script: {
          type: 'steps',
          summary: 'what is said and waited for',
          steps: {
            send: { type: 'text', value: 'LINE', summary: 'a line' },
            type: { type: 'keys', value: 'KEYS', summary: 'keys' },
            expect: { type: 'pattern', summary: 'what to wait for' },
            command: { type: 'text', value: 'NAME', summary: 'a command', choices: ['AYT', 'BRK', 'IP', 'AO', 'NOP'] },
          },
        },
      },
    },
    open: {
      summary: 'Talk',
      options: {
        terminal: { type: 'string', value: 'NAME', summary: 'what the terminal is' },
        columns: { type: 'number', value: 'N', summary: 'its width' },
        rows: { type: 'number', value: 'N', summary: 'its height' },
        env: { type: 'pairs', summary: 'a variable that the peer may be told' },
      },
    },
  },
  bare: 'open',
  login: true,
});

export const protocols = { tele };
