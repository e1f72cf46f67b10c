/** Our client, and what an Apache has. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import type { Peer } from '../start.ts';

export interface Seeded {
  readonly size: number;
  readonly sha256: string;
}

/** What `/cgi-bin/echo` says of what it was asked. */
export interface Asked {
  readonly method: string;
  readonly target: string;
  readonly protocol: string;
  readonly port: string;
  readonly type: string | null;
  readonly length: string | null;
  readonly size: number;
  readonly sha256: string;
  readonly text: string;
  readonly subject: string | null;
  readonly headers: Readonly<Record<string, string>>;
}

export const ALICE = { user: 'alice', password: 'alice-pw 1' } as const;

export async function manifestOf(server: Peer): Promise<Readonly<Record<string, Seeded>>> {
  return JSON.parse(await readFile(server.get('manifest'), 'utf8'));
}

export function sha256(octets: Uint8Array): string {
  return createHash('sha256').update(octets).digest('hex');
}

/** What a client was seen to ask. */
export async function askedOf(answer: { json(): Promise<unknown> }): Promise<Asked> {
  return (await answer.json()) as Asked;
}

/** What the access log has of a path: which connection, which protocol, which method and status. */
export interface Logged {
  readonly connection: string;
  readonly protocol: string;
  readonly method: string;
  readonly target: string;
  readonly status: number;
  readonly size: number;
}

/** Apache writes its log after the answer: for so many entries is waited, 5 seconds at most. */
export async function logged(server: Peer, target: RegExp, count = 1): Promise<Logged[]> {
  for (let round = 0; ; round++) {
    const entries = (await server.log('access'))
      .split('\n')
      .filter((line) => line !== '')
      .map(entryOf)
      .filter((entry) => target.test(entry.target));
    if (entries.length >= count || round === 100) return entries;
    await setTimeout(50);
  }
}

function entryOf(line: string): Logged {
  const [port = '', client = '', protocol = '', method = '', target = '', status, size] = line.split(' ');
  return { connection: `${port}-${client}`, protocol, method, target, status: Number(status), size: Number(size) };
}
