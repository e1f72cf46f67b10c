/** Our client, and what an Apache has. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
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

export async function logged(server: Peer, target: RegExp): Promise<Logged[]> {
  const lines = (await server.log('access')).split('\n').filter((line) => line !== '');
  return lines
    .map((line) => {
      const [port = '', client = '', protocol = '', method = '', path = '', status, size] = line.split(' ');
      const connection = `${port}-${client}`;
      return { connection, protocol, method, target: path, status: Number(status), size: Number(size) };
    })
    .filter((entry) => target.test(entry.target));
}
