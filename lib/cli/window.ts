import type { ConnectOptions } from '../core/options.ts';
import type { Io } from './io.ts';
import { optionsOf } from './options.ts';
import { ownFlags, type Task } from './task.ts';

/** A name of a terminal that any protocol can say. */
const NAME = /^[A-Za-z0-9./-]{1,40}$/;

/** What the terminal is, for a verb that has options for it: its name, and its size in characters. */
export function terminalOptions({ protocol, verb, own }: Task, { env, stdout }: Io): Readonly<Record<string, unknown>> {
  const { TERM: name = '' } = env;
  const { columns, rows } = stdout;
  const facts = { ...(NAME.test(name) && { terminal: name }), ...(columns && rows && { columns, rows }) };
  const options = optionsOf(ownFlags(protocol, verb));
  return { ...Object.fromEntries(Object.entries(facts).filter(([option]) => options.has(option))), ...own };
}

/** A person takes the time that it takes: only who asks for a limit has one. */
export function patient(options: ConnectOptions): ConnectOptions {
  return { ...options, timeouts: { idle: Number.POSITIVE_INFINITY, ...options.timeouts } };
}
