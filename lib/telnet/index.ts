import type { OptionSpec } from '../core/option-spec.ts';
import { defineProtocol } from '../core/protocol.ts';
import { SOLE_COMMANDS } from './commands.ts';
import { SCHEMES } from './schemes.ts';
import type { Step } from './script.ts';

export type {
  FetchOptions,
  InfoOptions,
  OpenOptions,
  SendOptions,
  TelnetClient,
  TelnetOptions,
} from './client.ts';
export type { TelnetDialogue } from './dialogue.ts';
export type { TelnetEvent } from './events.ts';
export type { TelnetFixture } from './fixture.ts';
export type { LoginPrompts, TelnetCredentials } from './login.ts';
export type { TelnetMockOptions, TelnetMockServer } from './mock-server.ts';
export {
  COMMANDS,
  type CommandName,
  commandName,
  OPTIONS,
  type OptionName,
  optionName,
  type SoleCommand,
} from './names.ts';
export type { Side } from './option.ts';
export type { Step } from './script.ts';
export type { GmcpHello, TelnetServerSettings, TelnetSettings } from './settings.ts';

/** What the server is told of this end, and let do. */
const SETTINGS = {
  charset: { type: 'string', summary: 'what text is written in (UTF-8)', value: 'NAME' },
  terminal: { type: 'string', summary: 'what the terminal is (dumb)', value: 'NAME' },
  columns: { type: 'number', summary: 'how wide the window is, in characters', value: 'N' },
  rows: { type: 'number', summary: 'how high the window is, in characters', value: 'N' },
  env: { type: 'pairs', summary: 'a variable that the server may be told, and no others' },
  speed: { type: 'number', summary: 'the speed of the terminal, in bits per second', value: 'N' },
  display: { type: 'string', summary: 'where the X display is', value: 'HOST:N' },
  compress: { type: 'boolean', summary: 'let the server compress (MCCP)' },
  gmcp: { type: 'boolean', summary: 'take part in the messages of games (GMCP)' },
} satisfies Readonly<Record<string, OptionSpec>>;

const idle = { type: 'duration', summary: 'how long nothing must come until it is over', value: 'TIME' } as const;

const PATH = 'not looked at: leave it out';

const DEMO_SCRIPT: readonly Step[] = [{ expect: '$ ' }, { send: 'colours' }, { expect: '$ ' }, { send: 'exit' }];

export const telnet = defineProtocol({
  name: 'telnet',
  summary: 'Talk to a terminal server, a shell, a game',
  rfc: [854, 855, 856, 857, 858, 859, 860, 885, 1073, 1079, 1091, 1096, 1143, 1572, 2066, 4248],
  schemes: SCHEMES,
  client: async () => (await import('./client.ts')).TelnetClient,
  mock: async () => (await import('./mock-server.ts')).TelnetMockServer,
  verbs: {
    open: { summary: 'Hold a conversation', path: PATH, options: SETTINGS },
    fetch: {
      summary: 'Read what the server says, and play a script meanwhile',
      path: PATH,
      options: {
        ...SETTINGS,
        idle,
        script: {
          type: 'steps',
          summary: 'what to wait for, and to say',
          steps: {
            expect: { type: 'pattern', summary: 'wait for this' },
            send: { type: 'text', summary: 'send this line', value: 'TEXT' },
            type: { type: 'keys', summary: 'send this without a line end', value: 'KEYS' },
            command: { type: 'text', summary: 'send this command', value: 'NAME', choices: SOLE_COMMANDS },
          },
        },
      },
    },
    send: { summary: 'Send lines, and read what is answered', path: PATH, options: { ...SETTINGS, idle } },
    info: {
      summary: 'Tell what the server offers and asks for, and how it greets',
      path: PATH,
      options: { ...SETTINGS, idle },
    },
  },
  bare: 'open',
  login: 'named',
  serve: {
    summary: 'Serve a shell of files to any Telnet client',
    folder: 'files and folders, read by ls, cat and cd; nobody logs in',
    load: async (folder) => (await import('./folder.ts')).folderFixture(folder),
  },
  demo: {
    fixture: async () => (await import('./demo.ts')).fixture,
    steps: [
      { verb: 'info', path: '/', options: { idle: 200 } },
      { verb: 'open', path: '/', body: 'echo Hello\nexit\n' },
      { verb: 'fetch', path: '/', options: { script: DEMO_SCRIPT } },
      { verb: 'send', path: '/', body: 'big 3\nexit\n' },
    ],
  },
});
