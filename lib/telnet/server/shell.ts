import { TimeoutError } from '../../core/errors.ts';
import type { Answered, TelnetCommand, TelnetScript } from '../fixture.ts';
import { logIn } from './login.ts';
import type { TelnetSession } from './session.ts';

/** In milliseconds. */
const IDLE = 600_000;

/** Leads a session as a script says. */
export async function serveScript(session: TelnetSession, script: TelnetScript): Promise<void> {
  session.idle = script.idle ?? IDLE;
  try {
    if (script.banner !== undefined) await session.write(withEnd(script.banner));
    await session.finish();
    if (script.users) session.user = await logIn(session, script);
    if (script.users && session.user === undefined) return;
    if (script.motd !== undefined) await session.write(withEnd(script.motd));
    await session.finish();
    await serveCommands(session, script);
    await session.write(withEnd(script.farewell ?? 'logout'));
  } catch (error) {
    if (!(error instanceof TimeoutError) || !session.connection.usable) throw error;
    await session.write(`\n${IDLE_WORDS}\n`);
  }
}

const IDLE_WORDS = 'timed out waiting for input: auto-logout';

/** Reads commands and answers them, until one says that this is all. */
async function serveCommands(session: TelnetSession, script: TelnetScript): Promise<void> {
  const commands = new Map(Object.entries(script.commands ?? {}));
  const { prompt = '$ ', unknown = refuse } = script;
  for (;;) {
    const line = await session.command({ prompt: typeof prompt === 'string' ? prompt : prompt(session) });
    if (line === undefined) return;
    const { name, words } = find(commands, line);
    const command = commands.get(name);
    if (command === undefined && LEAVING.has(name)) return;
    if (name !== '') await answer(session, command ?? unknown, command === undefined ? line.split(/\s+/) : words, line);
    await session.finish();
  }
}

const LEAVING: ReadonlySet<string> = new Set(['exit', 'logout', 'quit']);

/** The longest name that a line begins with, and the words behind it; without one, the first word. */
function find(commands: ReadonlyMap<string, unknown>, line: string): { name: string; words: readonly string[] } {
  const words = line.split(/\s+/).filter((word) => word !== '');
  for (let count = words.length; count > 0; count--) {
    const name = words.slice(0, count).join(' ');
    if (commands.has(name)) return { name, words: words.slice(count) };
  }
  return { name: words[0] ?? '', words: words.slice(1) };
}

function refuse(_: TelnetSession, [name]: readonly string[]): string {
  return `${name}: unknown command`;
}

async function answer(
  session: TelnetSession,
  command: TelnetCommand,
  words: readonly string[],
  line: string,
): Promise<void> {
  if (typeof command === 'string') return session.write(withEnd(command));
  await session.run(async (signal) => {
    const answered = await command(session, words, line, signal);
    if (answered !== undefined) await say(session, answered, signal);
  });
}

async function say(session: TelnetSession, answered: Answered, signal: AbortSignal): Promise<void> {
  if (typeof answered === 'string') return session.write(withEnd(answered));
  if (answered instanceof Uint8Array) return session.write(answered);
  for await (const part of answered) {
    if (signal.aborted) return;
    await session.write(part);
  }
}

function withEnd(text: string): string {
  return text === '' || text.endsWith('\n') ? text : `${text}\n`;
}
