/** The Telnet clients of others: each is run in a terminal, and told what a person would type. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { output, type Ran, run } from '../run.ts';
import { inTerminal, type Step, type Terminal } from './terminal.ts';

export interface Peer {
  readonly port: number;
  /** What is trusted, where there is TLS. */
  readonly ca?: string | undefined;
}

/** Runs a client to its end, and gives all that it has printed. */
export type Client = (peer: Peer, steps: readonly Step[], terminal?: Terminal) => Promise<Buffer>;

const BUSYBOX = '/opt/netkit-interop/busybox-static/bin/busybox';

function client(program: string, args: (peer: Peer) => readonly string[]): Client {
  return async (peer, steps, terminal) => inTerminal(program, args(peer), steps, terminal);
}

export const inetutils = client('inetutils-telnet', ({ port }) => ['localhost', `${port}`]);

/** It asks for BINARY in both directions. */
export const inetutilsBinary = client('inetutils-telnet', ({ port }) => ['-8', 'localhost', `${port}`]);

export const busybox = client(BUSYBOX, ({ port }) => ['telnet', 'localhost', `${port}`]);

/** It hands over as USER who runs it, unless it is told of somebody. */
export const plink = client('plink', ({ port }) => ['-telnet', '-P', `${port}`, 'localhost']);

export const telnetSsl = client('telnet-ssl', ({ port, ca }) => {
  const tls = ca === undefined ? [] : ['ssl', 'secure', 'verify=1', `cacert=${ca}`];
  return [...tls.flatMap((each) => ['-z', each]), 'localhost', `${port}`];
});

/** TinTin++, a client of games. `events` are what it does when something happens: `IAC WILL GMCP`, and a command of its. */
export function tintin(events: Readonly<Record<string, string>>): Client {
  return async ({ port }, steps, terminal) =>
    withFile(
      [
        '#config {charset} {utf-8}',
        ...Object.entries(events).map(([event, does]) => `#event {${event}} {${does}}`),
        `#session game localhost ${port}\n`,
      ].join('\n'),
      (file) =>
        inTerminal('/usr/games/tt++', ['-G', file], [...steps, { send: '#end\r' }], { ...terminal, screen: true }),
    );
}

/**
 * curl, which reads what comes only when what it is told says something, or has ended: it is told everything at once.
 * `options` are those of its -t: `TTYPE=vt100`.
 */
export async function curl({ port }: Peer, typed: string, options: readonly string[] = []): Promise<Buffer> {
  const args = ['-q', '--silent', '--show-error', '--no-buffer', '--max-time', '15'];
  const told = options.flatMap((option) => ['-t', option]);
  return output(await runWith(typed, 'curl', [...args, ...told, `telnet://localhost:${port}`]));
}

/** Runs a program to its end, with this as its standard input. */
export async function runWith(input: string, program: string, args: readonly string[]): Promise<Ran> {
  return withFile(input, (file) => run('sh', ['-c', 'exec "$@" <"$0"', file, program, ...args]));
}

/** Gives `work` a file with this in it, which is gone afterwards. */
async function withFile<T>(content: string, work: (file: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'netkit-interop-'));
  try {
    const file = join(folder, 'file');
    await writeFile(file, content);
    return await work(file);
  } finally {
    await rm(folder, { recursive: true });
  }
}
