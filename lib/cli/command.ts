import { UsageError } from '../core/errors.ts';
import { EXIT, Interrupted, type InterruptSignal } from './exit.ts';
import { COMMANDS, type CommandName, isCommand, isVerb, jobOf, type Plan, planOf } from './grammar.ts';
import { BrokenPipe, type Io, put } from './io.ts';
import { errorRecord, jsonLine } from './records.ts';
import { Reporter } from './reporter.ts';
import { run } from './run.ts';
import { didYouMean } from './suggest.ts';
import type { Protocols } from './task.ts';
import { readWords, type Words } from './words.ts';

/** What a command is given. */
export interface Call extends Words {
  readonly io: Io;
  readonly protocols: Protocols;
  readonly reporter: Reporter;
  /** Aborted, with Interrupted as its reason, by SIGINT, SIGTERM and SIGHUP. */
  readonly signal: AbortSignal;
  /** The protocol that was named before the command. */
  readonly protocol: Plan['protocol'];
}

/** Loaded when they are called. */
const CALLS: Readonly<Record<CommandName, (call: Call) => Promise<number>>> = {
  serve: async (call) => (await import('./serve.ts')).serve(call),
  demo: async (call) => (await import('./demo.ts')).demo(call),
  url: async (call) => (await import('./url.ts')).url(call),
  completion: async (call) => (await import('./completion.ts')).completion(call),
  help: async ({ io, protocols, operands }) => help(io, topic(operands, protocols), protocols),
  version: async ({ io }) => say(io, `netkit ${(await import('./main.ts')).version()}\n`),
};

/** The whole command, but for its version. Gives the exit code; never throws. */
export async function command(argv: readonly string[], io: Io, protocols: Protocols): Promise<number> {
  const flags = argv.slice(0, argv.includes('--') ? argv.indexOf('--') : undefined);
  const reporter = new Reporter(io, { quiet: flags.includes('-q') || flags.includes('--quiet') });
  const interrupt = new Interrupt(io);
  // Whoever reads our output may go at any time: the write that fails then says so. Its event may come later.
  const ignore = (): void => {};
  io.stdout.on('error', ignore);
  io.stderr.on('error', ignore);
  try {
    return await obey(argv, flags, { io, protocols, reporter, signal: interrupt.signal });
  } catch (error) {
    if (error instanceof BrokenPipe) return EXIT.ok;
    if (error instanceof Interrupted) io.stdin.destroy();
    const code = reporter.fail(error);
    if (flags.includes('--json') && !(error instanceof Interrupted)) {
      await put(io.stdout, jsonLine(errorRecord(error, (text) => reporter.redact(text)))).catch(ignore);
    }
    return code;
  } finally {
    interrupt.end();
  }
}

type World = Pick<Call, 'io' | 'protocols' | 'reporter' | 'signal'>;

async function obey(argv: readonly string[], flags: readonly string[], world: World): Promise<number> {
  const { io, protocols, signal } = world;
  const plan = planOf(argv, protocols);
  if (flags.includes('--help') || flags.includes('-h')) return help(io, plan, protocols);
  const words = readWords(argv, plan.flags);
  const reporter = new Reporter(io, words.values);
  if (plan.command) {
    const operands = words.operands.slice(plan.words);
    return CALLS[plan.command]({ ...words, operands, ...world, reporter, protocol: plan.protocol });
  }
  if (words.operands.length === 0 || (plan.protocol && !plan.verb)) {
    const { overview, usage } = await import('./usage.ts');
    io.stderr.write(plan.protocol ? usage(plan, protocols) : `${overview(protocols)}\nnetkit help says more.\n`);
    return EXIT.usage;
  }
  const terminal = io.stdin.isTTY === true && io.stdout.isTTY === true;
  return run(jobOf(plan, words, protocols, terminal), io, reporter, signal);
}

async function help(io: Io, plan: Pick<Plan, 'protocol' | 'verb' | 'command'>, protocols: Protocols): Promise<number> {
  const { usage } = await import('./usage.ts');
  return say(io, usage(plan, protocols));
}

/** `help`, `help PROTOCOL`, `help PROTOCOL VERB`, `help VERB`, `help COMMAND`. */
function topic(words: readonly string[], protocols: Protocols): Pick<Plan, 'protocol' | 'verb' | 'command'> {
  const [first, second] = words;
  if (first === undefined) return {};
  if (Object.hasOwn(protocols, first)) return planOf(words, protocols);
  if (second === undefined && isVerb(first)) return { verb: first };
  if (second === undefined && isCommand(first)) return { command: first };
  const known = [...Object.keys(protocols), ...Object.keys(COMMANDS)];
  throw new UsageError(`there is no help on ${words.join(' ')}${didYouMean(first, known) || '. See netkit help'}`);
}

export async function say(io: Io, text: string): Promise<number> {
  await put(io.stdout, text);
  return EXIT.ok;
}

/** SIGINT, SIGTERM and SIGHUP as an abort. The second one of a kind ends the process at once, as it does without us. */
class Interrupt {
  readonly #controller = new AbortController();
  readonly #given: AbortSignal | undefined;
  readonly #listeners = (['SIGINT', 'SIGTERM', 'SIGHUP'] as const).map(
    (name: InterruptSignal) => [name, (): void => this.#controller.abort(new Interrupted(name))] as const,
  );

  constructor(io: Io) {
    this.#given = io.signal;
    for (const [name, listener] of this.#listeners) process.once(name, listener);
    if (io.signal?.aborted) this.#onAbort();
    else io.signal?.addEventListener('abort', this.#onAbort, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  end(): void {
    for (const [name, listener] of this.#listeners) process.off(name, listener);
    this.#given?.removeEventListener('abort', this.#onAbort);
  }

  readonly #onAbort = (): void => this.#controller.abort(new Interrupted('SIGINT'));
}
