/** Commands for trying clients. */

import type { TelnetCommand } from '../fixture.ts';
import { optionName } from '../names.ts';
import type { TelnetSession } from './session.ts';

/** The most lines that `big` says. */
const MOST = 100_000_000;
/** Lines that go out together. */
const BATCH = 500;

export const echo: TelnetCommand = (_, words) => words.join(' ');

/** So many lines, numbered, each of 64 octets with its end. */
export const big: TelnetCommand = (_, [count = '1000']) => {
  if (!/^\d{1,9}$/.test(count) || Number(count) > MOST) return `big: give a number up to ${MOST}`;
  return lines(Number(count));
};

function* lines(count: number): Generator<string> {
  for (let from = 1; from <= count; from += BATCH) {
    const many = Math.min(BATCH, count - from + 1);
    yield Array.from({ length: many }, (_, i) => `${`${from + i}`.padStart(9)} ${FILL}\n`).join('');
  }
}

const FILL = 'abcdefghijklmnopqrstuvwxyz0123456789 the quick brown';

/** What was learned of the client. */
export const who: TelnetCommand = (session) => facts(session).join('\n');

function facts(session: TelnetSession): string[] {
  const { client, peer } = session;
  const using = session.options.map(
    ({ side, option }) => `${side === 'local' ? 'server' : 'client'} ${optionName(option)}`,
  );
  const rows: readonly (readonly [name: string, value: string | undefined])[] = [
    ['you are', session.user],
    ['from', `${peer.address} port ${peer.port}${session.secure ? ', by TLS' : ''}`],
    ['terminal', client.terminals.join(', ') || undefined],
    ['window', client.window && `${client.window.columns} x ${client.window.rows}`],
    ['speed', client.speed && `${client.speed.transmit}, ${client.speed.receive}`],
    ['display', client.display],
    ['charset', session.charset],
    ['lines end', session.lineEnd],
    ['options', using.join(', ') || undefined],
    ...[...client.environment].map(([name, value]) => [`${name}=`, value] as const),
  ];
  return rows.flatMap(([name, value]) => (value === undefined ? [] : [`${name.padEnd(10)} ${value}`]));
}

/** A command that lists those that there are, and what they do. */
export function helpOf(summaries: Readonly<Record<string, string>>): string {
  const width = Math.max(...Object.keys(summaries).map((name) => name.length));
  return Object.entries(summaries)
    .map(([name, summary]) => `${name.padEnd(width)}  ${summary}\n`)
    .join('');
}
