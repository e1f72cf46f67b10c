import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { TimeoutError, UsageError } from '../core/errors.ts';
import type { ConnectOptions } from '../core/options.ts';
import { safeName } from '../core/safe-name.ts';
import { decodeText } from '../core/url.ts';
import { connectOptions } from './connect.ts';
import { Credentials } from './credentials.ts';
import { formatDuration } from './durations.ts';
import { Interrupted } from './exit.ts';
import { BrokenPipe, type Io, put } from './io.ts';
import type { Values } from './options.ts';
import { FileSink, type Sink, StreamSink } from './output.ts';
import { errorRecord, jsonLine } from './records.ts';
import type { Reporter } from './reporter.ts';
import { type Ask, makeTask, masked, type Task, withoutPassword } from './task.ts';
import { plan, RUNS } from './verbs.ts';

/** A verb and its targets, read from the command line. */
export interface Job extends Ask {
  readonly targets: readonly string[];
  readonly values: Values;
  readonly query: string;
  readonly file: string | undefined;
}

/** How long one target may take as a whole, in milliseconds, where nobody says so. A conversation has no limit. */
const MAX_TIME = 300_000;

/** Does a job, target by target. Gives the exit code of the first that failed. */
export async function run(job: Job, io: Io, reporter: Reporter, signal: AbortSignal): Promise<number> {
  const { values } = job;
  checkOutput(job);
  const options = await connectOptions(values, reporter);
  const credentials = new Credentials(values, io, reporter, signal);
  let code = 0;
  for (const text of job.targets) {
    let task: Task | undefined;
    try {
      task = makeTask(text, job);
      if (values.dryRun) await put(io.stdout, plan(task, job));
      else await runTask(task, { job, io, options, credentials, signal });
    } catch (error) {
      if (error instanceof BrokenPipe || error instanceof Interrupted) throw error;
      const url = task?.url ?? masked(withoutPassword(text));
      code ||= reporter.fail(error, task?.protocol.name ?? job.protocol?.name, url);
      if (values.json) await put(io.stdout, jsonLine(errorRecord(error, (said) => reporter.redact(said), url)));
      if (values.failFast) break;
    }
  }
  return code;
}

interface Circumstances {
  readonly job: Job;
  readonly io: Io;
  readonly options: ConnectOptions;
  readonly credentials: Credentials;
  readonly signal: AbortSignal;
}

async function runTask(task: Task, { job, io, options, credentials, signal }: Circumstances): Promise<void> {
  const { values, query, file } = job;
  const login = await credentials.for(task.endpoint, task.protocol.login ?? false);
  const failure = new AbortController();
  const limit = values.maxTime ?? (task.verb === 'open' ? Number.POSITIVE_INFINITY : MAX_TIME);
  const sink = await openSink(task, values, io);
  const timer = Number.isFinite(limit) ? setTimeout(() => failure.abort(tooLong(limit)), limit) : undefined;
  const whole = { ...options, ...login, ...task.own, signal: AbortSignal.any([signal, failure.signal]) };
  const abort = (reason: unknown): void => failure.abort(reason);
  try {
    await RUNS[task.verb](task, { io, values, options: whole, sink, query, file, abort });
    await sink.commit();
  } catch (error) {
    await sink.discard();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

function tooLong(limit: number): TimeoutError {
  return new TimeoutError(`the whole took longer than ${formatDuration(limit)} (--max-time)`, { phase: 'command' });
}

function checkOutput({ values, targets }: Job): void {
  const { output, remoteName, outputDir } = values;
  if (output !== undefined && remoteName) throw new UsageError('-o and -O exclude each other');
  if (outputDir !== undefined && output === undefined && !remoteName) {
    throw new UsageError('--output-dir is the folder of -o or -O: one of them is needed');
  }
  if (output !== undefined && output !== '-' && targets.length > 1) {
    throw new UsageError('-o is one file for several targets: use -O, or one target');
  }
}

async function openSink(task: Task, { output, remoteName, outputDir = '' }: Values, io: Io): Promise<Sink> {
  if (remoteName) {
    const name = nameOf(task.path);
    await refuseTwin(name, outputDir);
    return FileSink.create(join(outputDir, name));
  }
  if (output === undefined || output === '-') return new StreamSink(io.stdout);
  return FileSink.create(join(outputDir, output));
}

/** The last segment of a path, as the name of a file. Throws UsageError (`unsafe-name`). */
function nameOf(path: string): string {
  const [file = ''] = path.split('?', 1);
  return safeName(decodeText(file.slice(file.lastIndexOf('/') + 1)));
}

/** Where `a.txt` and `A.TXT` are one file, the second must not replace the first. */
async function refuseTwin(name: string, folder: string): Promise<void> {
  const twin = (await readdir(folder || '.')).find((other) => other !== name && fold(other) === fold(name));
  if (twin !== undefined) {
    throw new UsageError('there is a file whose name differs in case only: use -o', { reason: 'unsafe-name' });
  }
}

function fold(name: string): string {
  return name.normalize('NFC').toLowerCase();
}
