/** The command. Nothing here is loaded that is not needed to find out what is asked for. */
import { readFileSync } from 'node:fs';
import type { Io } from './io.ts';
import type { Protocols } from './task.ts';

/** Runs the command with these arguments. Gives its exit code, when everything has been written. Never throws. */
export async function main(argv: readonly string[], io: Io = process, protocols?: Protocols): Promise<number> {
  const [first = ''] = argv;
  if (['version', '--version', '-V'].includes(first)) {
    io.stdout.write(`netkit ${version()}\n`);
    return 0;
  }
  const { command } = await import('./command.ts');
  return command(argv, io, protocols ?? (await import('../index.ts')).protocols);
}

/** The version of this package. */
export function version(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return String((JSON.parse(text) as { version: unknown }).version);
}
