import type { TerminalCommand } from '../core/verbs.ts';
import type { SoleCommand } from './names.ts';

/** What each command that stands by itself asks of the peer (RFC 854, RFC 1184, RFC 885). */
const COMMANDS: readonly (readonly [SoleCommand, string])[] = [
  ['AYT', 'ask whether the peer is still there'],
  ['BRK', 'break, as the key of that name'],
  ['IP', 'interrupt what runs there'],
  ['AO', 'let it run, but without its output'],
  ['EC', 'erase the last character'],
  ['EL', 'erase the line'],
  ['GA', 'it is the turn of the peer'],
  ['NOP', 'nothing at all'],
  ['DM', 'the end of urgent data'],
  ['EOR', 'the end of a record'],
  ['EOF', 'the end of a file'],
  ['SUSP', 'suspend what runs there'],
  ['ABORT', 'abort what runs there'],
];

/** Their names. */
export const SOLE_COMMANDS: readonly SoleCommand[] = COMMANDS.map(([name]) => name);

/** The commands by the names that a person types: `ayt`. */
export function commandsOf(to: { command(name: SoleCommand): Promise<void> }): ReadonlyMap<string, TerminalCommand> {
  return new Map(COMMANDS.map(([name, summary]) => [name.toLowerCase(), { summary, send: () => to.command(name) }]));
}
