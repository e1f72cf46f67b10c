/** The key that leaves a conversation for a moment, and what can be asked for then. */
import { UsageError } from '../core/errors.ts';
import type { TerminalDialogue } from '../core/verbs.ts';
import { didYouMean } from './suggest.ts';
import { harmless } from './terminal.ts';

export const PROMPT = 'netkit> ';

/** The character of a key: `^]` is Ctrl and ], `~` is itself, `none` is empty. Throws UsageError for anything else. */
export function parseKey(name: string): string {
  if (name === 'none') return '';
  if (/^\^[@-_a-z]$/.test(name)) return String.fromCharCode((name.toUpperCase().codePointAt(1) ?? 0) & 0x1f);
  if (/^[^\s\x00-\x1f\x7f]$/u.test(name)) return name;
  throw new UsageError('a key is written ^] or ~, or none');
}

/** How a key is written. */
export function nameOfKey(key: string): string {
  return key < ' ' ? `^${String.fromCharCode(key.charCodeAt(0) + 64)}` : key;
}

/** What a person said at the prompt, as what is printed, and what is next: the prompt again, the conversation, or its end. */
export interface Said {
  readonly text: string;
  readonly next: 'prompt' | 'conversation' | 'end';
  /** Is sent to the peer as it is. */
  readonly keys?: string;
}

interface Asked {
  readonly dialogue: TerminalDialogue;
  /** The escape key. */
  readonly key: string;
  readonly word: string;
}

interface Order {
  readonly summary: string;
  readonly run: (asked: Asked) => Promise<Said> | Said;
}

const ORDERS = new Map<string, Order>([
  ['help', { summary: 'this', run: ({ dialogue }) => ({ text: help(dialogue), next: 'prompt' }) }],
  ['status', { summary: 'what is in use between both ends', run: status }],
  ['send', { summary: 'send NAME: one of the commands below', run: send }],
  ['quit', { summary: 'end the conversation', run: () => ({ text: '', next: 'end' }) }],
]);

const ALIASES: Readonly<Record<string, string>> = { '?': 'help', close: 'quit', q: 'quit', exit: 'quit' };

/** Does what a line asks for. What cannot be done is said, and is no failure; an error of the dialogue is one. */
export async function obey(line: string, dialogue: TerminalDialogue, key: string): Promise<Said> {
  const [first = '', word = ''] = line.trim().toLowerCase().split(/\s+/);
  if (first === '') return { text: '', next: 'conversation' };
  const name = Object.hasOwn(ALIASES, first) ? (ALIASES[first] ?? first) : first;
  const order = ORDERS.get(name);
  if (order) return order.run({ dialogue, key, word });
  return {
    text: `there is no ${harmless(first)} here${didYouMean(first, ORDERS.keys()) || ': see help'}\n`,
    next: 'prompt',
  };
}

function status({ dialogue }: Asked): Said {
  const { echo, characters } = dialogue.terminal;
  const how = echo || characters ? 'key by key' : 'line by line';
  const text = `What is typed is sent ${how}, and shown ${echo ? 'by the peer' : 'here'}.\n${dialogue.status()}\n`;
  return { text: harmless(text), next: 'prompt' };
}

async function send({ dialogue, key, word }: Asked): Promise<Said> {
  if (word === 'escape' && key !== '') return { text: '', next: 'conversation', keys: key };
  const command = dialogue.commands.get(word);
  if (!command) {
    const what = word === '' ? 'say what to send' : `there is no command ${harmless(word)}`;
    return { text: `${what}${didYouMean(word, dialogue.commands.keys()) || ': see help'}\n`, next: 'prompt' };
  }
  await command.send();
  return { text: '', next: 'conversation' };
}

function help({ commands }: TerminalDialogue): string {
  const rows = [
    ...[...ORDERS].map(([name, { summary }]) => [name, summary] as const),
    ['', 'an empty line returns to the conversation'] as const,
    ...[...commands].map(([name, { summary }]) => [`send ${name}`, summary] as const),
    ['send escape', 'the key that came here'] as const,
  ];
  return rows.map(([name, summary]) => `  ${name.padEnd(14)}${summary}\n`).join('');
}
