import { access, constants } from 'node:fs/promises';
import { ReplyError, TimeoutError, UsageError } from '../core/errors.ts';
import type { ConnectOptions } from '../core/options.ts';
import { connectOptions } from './connect.ts';
import { type Asks, Credentials, type Login } from './credentials.ts';
import { formatDuration } from './durations.ts';
import { Interrupted } from './exit.ts';
import { excerptOf, responseOf, responseRecord } from './failure.ts';
import { withHeaderFiles } from './header-files.ts';
import { BrokenPipe, type Io, put } from './io.ts';
import { Names } from './names.ts';
import type { Values } from './options.ts';
import { errorRecord, jsonLine } from './records.ts';
import type { Reporter } from './reporter.ts';
import { Session } from './session.ts';
import { checkDownload, checkOutput, openSink } from './store.ts';
import { AllOptions, type Ask, makeTask, masked, ownFlags, type Task, urlOf, withoutPassword } from './task.ts';
import { bodyOf, type Context, plan, RUNS } from './verbs.ts';
import { patient, terminalOptions } from './window.ts';

/** A verb and its targets, read from the command line. */
export interface Job extends Ask {
  readonly targets: readonly string[];
  readonly values: Values;
  readonly query: string;
  readonly file: string | undefined;
  /** What to send, where it stands on the command line. */
  readonly data: string | undefined;
}

/** How long one target may take as a whole, in milliseconds, where nobody says so. */
const MAX_TIME = 300_000;
/** What takes as long as it is large, or as somebody types: a silent server has its own limit. */
const UNLIMITED: ReadonlySet<string> = new Set(['fetch', 'send', 'open']);

/** Does a job, target by target. Gives the exit code of the first that failed. */
export async function run(job: Job, io: Io, reporter: Reporter, signal: AbortSignal): Promise<number> {
  const { values, targets } = job;
  checkOutput(values, targets.length, new AllOptions(job.given));
  checkDownload(job.given, values);
  if (job.data?.startsWith('@')) reporter.warn('--data is sent as it is, its @ too: a file is named behind the target');
  const given = await withHeaderFiles(job.given, io, reporter);
  const options = await connectOptions(values, reporter);
  const credentials = new Credentials(values, io, reporter, signal);
  const [session, names] = [new Session(), new Names()];
  return new Round({ job: { ...job, given }, io, reporter, signal, options, credentials, session, names }).run();
}

interface World {
  readonly job: Job;
  readonly io: Io;
  readonly reporter: Reporter;
  readonly signal: AbortSignal;
  readonly options: ConnectOptions;
  readonly credentials: Credentials;
  readonly session: Session;
  readonly names: Names;
}

/** One after another, all targets are visited; what fails is told, and does not keep the others from their turn. */
class Round {
  readonly #world: World;
  #code = 0;

  constructor(world: World) {
    this.#world = world;
  }

  async run(): Promise<number> {
    const { job, session } = this.#world;
    try {
      for (const text of job.targets) {
        if (!(await this.#visit(text)) && job.values.failFast) break;
      }
      await this.#leave();
    } finally {
      // where we were interrupted, or nobody reads what we say, there is a session left
      await session.close().catch(() => {});
    }
    return this.#code;
  }

  /** False when it failed. */
  async #visit(text: string): Promise<boolean> {
    const { job, io, session, credentials } = this.#world;
    let task: Task | undefined;
    try {
      task = makeTask(text, job);
      const user = job.values.dryRun ? undefined : await credentials.userOf(task.endpoint, asksForLogin(task));
      task = { ...task, user };
      if (!session.serves(task)) await this.#leave();
      if (job.values.dryRun) await put(io.stdout, plan(task, job));
      else await runTask(task, this.#world, this.#failAt(task));
      return true;
    } catch (error) {
      const { name } = task?.protocol ?? job.protocol ?? {};
      await this.#fail(error, name, task?.url ?? masked(withoutPassword(text)));
      // what a server refused, or we did, is over; what broke off is not to be gone on with
      if (!(error instanceof ReplyError || error instanceof UsageError)) await this.#leave();
      return false;
    }
  }

  /** Ends the session: what was asked for in it may fail at its end. */
  async #leave(): Promise<void> {
    const { session } = this.#world;
    const { task } = session;
    try {
      await session.close();
    } catch (error) {
      await this.#fail(error, task?.protocol.name, task?.url);
    }
  }

  /** Tells of what failed at a path beside that of the task, while the task goes on. */
  #failAt(task: Task): Context['fail'] {
    return (error, path) => {
      // where nobody reads what we say, whoever writes next hears of it
      this.#fail(error, task.protocol.name, urlOf(task, path)).catch(() => {});
    };
  }

  async #fail(error: unknown, protocol: string | undefined, url: string | undefined): Promise<void> {
    if (error instanceof BrokenPipe || error instanceof Interrupted) throw error;
    const { job, io, reporter } = this.#world;
    const code = reporter.fail(error, protocol, url);
    this.#code ||= code;
    const redact = (said: string): string => reporter.redact(said);
    const response = responseOf(error);
    if (job.values.json) {
      const answer = response && (await responseRecord(response, redact));
      await put(io.stdout, jsonLine(errorRecord(error, redact, url, answer)));
    } else if (response && !job.values.quiet) {
      for (const line of await excerptOf(response)) reporter.say(redact(line));
    }
  }
}

async function runTask(task: Task, world: World, fail: Context['fail']): Promise<void> {
  const { job, io, session, options, credentials, signal, names } = world;
  const { values, query, file } = job;
  // where a session goes on, nobody is asked again
  const login = session.serves(task) ? {} : await credentials.for(task.endpoint, asksForLogin(task));
  const failure = new AbortController();
  const limit = values.maxTime ?? (UNLIMITED.has(task.verb) ? Number.POSITIVE_INFINITY : MAX_TIME);
  const sink = await openSink(task, values, io, names);
  const { body, own } = await whatIsSent(task, job, io);
  const timer = Number.isFinite(limit) ? setTimeout(() => failure.abort(tooLong(limit)), limit) : undefined;
  const connect = task.atTerminal ? patient(options) : options;
  const call = { ...own, signal: AbortSignal.any([signal, failure.signal]) };
  const abort = (reason: unknown): void => failure.abort(reason);
  try {
    const client = await session.client(task, { ...connect, ...(values.oauth2 ? asToken(login) : login), ...call });
    await RUNS[task.verb](task, client, { io, values, call, sink, names, query, file, body, fail, abort });
    await sink.commit();
    if (sink.path !== undefined) names.add(sink.path);
  } catch (error) {
    await sink.discard();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** A body, and the options of the call: a verb that has the option `file` reads the file itself. */
async function whatIsSent(task: Task, { file, data }: Job, io: Io): Promise<Pick<Context, 'body'> & Pick<Task, 'own'>> {
  const { protocol, verb, own, atTerminal } = task;
  if (verb !== 'send') return { body: '', own: atTerminal ? terminalOptions(task, io) : own };
  const { file: _, data: __, ...rest } = own;
  if (data !== undefined || file === undefined) return { body: data ?? '', own: rest };
  if (file !== '-' && Object.hasOwn(ownFlags(protocol, verb), 'file')) {
    await access(file, constants.R_OK);
    return { body: '', own: { ...rest, file } };
  }
  return { body: await bodyOf(io, file), own: rest };
}

/** Who is at a terminal answers the peer's own question, where no flag has done it. */
function asksForLogin({ protocol: { login = false }, atTerminal, local }: Task): Asks {
  return login !== 'named' && !atTerminal && !local && login;
}

/** The password of a login as what it is there: a token. */
function asToken({ user, password }: Login): ConnectOptions {
  return { user, token: password };
}

function tooLong(limit: number): TimeoutError {
  return new TimeoutError(`the whole took longer than ${formatDuration(limit)} (--max-time)`, { phase: 'command' });
}
