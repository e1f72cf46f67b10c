/** The Telnet clients of others: each is run in a terminal, and told what a person would type. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inFolder, output, run } from '../run.ts';
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

/**
 * curl, which reads what comes only when what it is told says something, or has ended: it is told everything at once.
 * `options` are those of its -t: `TTYPE=vt100`.
 */
export async function curl({ port }: Peer, typed: string, options: readonly string[] = []): Promise<Buffer> {
  let printed: Buffer = Buffer.alloc(0);
  await inFolder(async (folder) => {
    const file = join(folder, 'typed');
    await writeFile(file, typed);
    const args = ['-q', '--silent', '--show-error', '--no-buffer', '--max-time', '15'];
    const told = [...args, ...options.flatMap((option) => ['-t', option]), `telnet://localhost:${port}`];
    printed = output(await run('sh', ['-c', 'exec curl "$@" <"$0"', file, ...told]));
  });
  return printed;
}
