import { PassThrough, Readable, Writable } from 'node:stream';
import type { Io } from '../../lib/cli/io.ts';
import { main } from '../../lib/cli/main.ts';
import type { Protocols } from '../../lib/cli/task.ts';
import { protocols as pretended } from './fake.ts';

export interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  /** Standard output as JSON, line by line. */
  readonly records: readonly Record<string, unknown>[];
  readonly bytes: Buffer;
}

export interface World {
  readonly stdin?: string | Readable;
  readonly env?: Record<string, string>;
  /** Which of the standard streams are terminals. */
  readonly tty?: readonly ('stdin' | 'stdout' | 'stderr')[];
  readonly signal?: AbortSignal;
  /** Whether whoever reads standard output has gone. */
  readonly deaf?: boolean;
  /** Others than the pretended one. */
  readonly protocols?: Protocols;
}

/** A stream that gathers what is written to it. */
export class Gathered extends Writable {
  readonly chunks: Buffer[] = [];
  readonly isTTY: boolean;

  constructor(isTTY = false) {
    super();
    this.isTTY = isTTY;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.chunks.push(Buffer.from(chunk));
    this.emit('written');
    done();
  }

  get text(): string {
    return Buffer.concat(this.chunks).toString();
  }
}

/** Standard input that fails the test when it is read. */
export class Untouched extends Readable {
  readonly isTTY = false;
  touched = false;
  override _read(): void {
    this.touched = true;
    this.push(null);
  }
}

/** Runs the command over the fake protocols. A `HOME` that does not exist keeps the real netrc out. */
export async function netkit(line: string | readonly string[], world: World = {}): Promise<Outcome> {
  const argv = typeof line === 'string' ? line.split(' ').filter(Boolean) : line;
  const { tty = [], env = {}, protocols = pretended } = world;
  const stdout = new Gathered(tty.includes('stdout'));
  const stderr = new Gathered(tty.includes('stderr'));
  if (world.deaf) stdout.destroy();
  const stdin = typeof world.stdin === 'string' ? input(world.stdin) : (world.stdin ?? new Untouched());
  Object.assign(stdin, { isTTY: tty.includes('stdin') });
  const io: Io = {
    stdin,
    stdout,
    stderr,
    env: { HOME: '/nonexistent', PATH: process.env['PATH'], ...env },
    signal: world.signal,
  };
  const code = await main(argv, io, protocols);
  const bytes = Buffer.concat(stdout.chunks);
  return {
    code,
    out: stdout.text,
    err: stderr.text,
    bytes,
    get records() {
      return stdout.text
        .trim()
        .split('\n')
        .filter(Boolean)
        .map((text) => JSON.parse(text) as Record<string, unknown>);
    },
  };
}

function input(text: string): Readable {
  const stream = new PassThrough();
  stream.end(text);
  return stream;
}
