/** What `fetch` can do beside, where a client can: downloads that are gone on with, and streams of events. */
import { UsageError } from '../core/errors.ts';
import type { DownloadOptions, Downloads, Events } from '../core/verbs.ts';
import { put } from './io.ts';
import { Progress } from './progress.ts';
import { jsonLine } from './records.ts';
import { fileOf } from './store.ts';
import type { Task } from './task.ts';
import { harmless, harmlessLine } from './terminal.ts';
import type { Context } from './verbs.ts';

/** Lets the client write the file: it goes on with what is there of it, or it is named by the server. */
export async function download(task: Task, client: Partial<Downloads>, context: Context): Promise<void> {
  const { io, values, call, names } = context;
  const byServer = task.own['remoteHeaderName'] === true;
  const target = byServer ? (values.outputDir ?? '.') : await fileOf(task, values, names);
  if (!client.download || target === undefined) return;
  const { continue: resume, retries, checksum } = task.own;
  const wanted = typeof checksum === 'string' ? parseChecksum(checksum) : undefined;
  const progress = values.quiet ? undefined : new Progress(io);
  try {
    const { file, url, size, resumedFrom, complete } = await client.download(task.path, target, {
      ...call,
      resume: resume === true,
      ...(resume === true && typeof retries === 'number' && { resumes: retries }),
      checksum: wanted,
      name: byServer ? 'server' : 'given',
      progress: (received, total) => progress?.at(received, total),
    });
    progress?.end();
    names.add(file);
    if (values.json)
      await put(io.stdout, jsonLine({ path: task.path, url, output: file, size, resumedFrom, complete }));
    else if (byServer && !values.quiet) await put(io.stderr, `netkit: written to ${harmlessLine(file)}\n`);
  } finally {
    progress?.end();
  }
}

/** `sha256:0123…`. Throws UsageError for what is none. */
function parseChecksum(text: string): DownloadOptions['checksum'] {
  const [, algorithm, digest] = /^([A-Za-z0-9-]{1,20}):([0-9A-Fa-f]{1,200})$/.exec(text) ?? [];
  if (algorithm === undefined || digest === undefined) {
    throw new UsageError('--checksum is written NAME:DIGEST, the digest in hexadecimal: sha256:0123...');
  }
  return { algorithm: algorithm.toLowerCase(), digest: digest.toLowerCase() };
}

/** What each event says, or all that is known of it as an object, until the stream ends. */
export async function follow(task: Task, client: Partial<Events>, { values, call, sink }: Context): Promise<void> {
  if (!client.events) return;
  const shown = (text: string): string => (sink.terminal && !values.raw ? harmless(text) : text);
  for await (const event of client.events(task.path, call)) {
    await sink.write(values.json ? jsonLine({ ...event }) : `${shown(event.data)}\n`);
  }
}
