/** Sessions of our client with a telnetd, behind which is servers/lib/login.py. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { telnet } from '../../../lib/index.ts';
import type { OpenOptions, TelnetOptions } from '../../../lib/telnet/client.ts';
import type { TelnetDialogue } from '../../../lib/telnet/dialogue.ts';
import type { TelnetEvent } from '../../../lib/telnet/events.ts';
import type { Peer } from '../start.ts';

export const LOGIN = { user: 'alice', password: 'alice-pw 1' } as const;
/** Of the shell of alice. */
export const PROMPT = 'alice@debian:$ ';

export type Options = TelnetOptions & OpenOptions;

/** Logs in as alice, and reads up to her prompt. */
export async function logIn(url: string, options: Options = {}): Promise<TelnetDialogue> {
  const dialogue = await telnet.open(url, options);
  await dialogue.login(LOGIN);
  await dialogue.waitFor(PROMPT);
  return dialogue;
}

/** Gives a command, and what it says: without the echo of the command, and with the line ends of this system. */
export async function ask(dialogue: TelnetDialogue, command: string): Promise<string> {
  await dialogue.writeLine(command);
  const { before } = await dialogue.waitFor(PROMPT, { timeout: 20_000 });
  return before.slice(before.indexOf('\n') + 1).replaceAll('\r\n', '\n');
}

/** Gathers events, and can wait for one: `read` is what reads meanwhile. */
export class Events {
  readonly all: TelnetEvent[] = [];
  readonly onEvent = (event: TelnetEvent): void => {
    this.all.push(event);
  };

  /** `local BINARY` of all options that are in use. */
  get options(): string[] {
    const inUse = new Set<string>();
    for (const event of this.all) {
      if (event.type !== 'option') continue;
      const name = `${event.side} ${event.name}`;
      if (event.enabled) inUse.add(name);
      else inUse.delete(name);
    }
    return [...inUse].sort();
  }
}

export interface Seeded {
  readonly size: number;
  readonly sha256: string;
}

/** What servers/lib/home.py has put down, by its name. */
export async function seeded(peer: Peer, name: string): Promise<Seeded> {
  return described(await readFile(join(peer.get('home'), name)));
}

export function described(octets: Uint8Array): Seeded {
  return { size: octets.length, sha256: createHash('sha256').update(octets).digest('hex') };
}
