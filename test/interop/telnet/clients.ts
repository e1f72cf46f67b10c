/** The Telnet clients of others: each is run in a terminal, and told what a person would type. */
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

/** It waits for what is typed and what comes together only when it uploads `.`. */
export function curl(...options: readonly string[]): Client {
  const all = ['-q', '--silent', '--show-error', '--no-buffer', '--max-time', '15', '-T', '.'];
  return client('curl', ({ port }) => [...all, ...options, `telnet://localhost:${port}`]);
}
