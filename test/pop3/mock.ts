import type { ConnectOptions } from '../../lib/core/options.ts';
import { ScriptedClient } from '../../lib/mock/script.ts';
import type { Pop3Fixture } from '../../lib/pop3/fixture.ts';
import { type Pop3MockOptions, Pop3MockServer } from '../../lib/pop3/mock-server.ts';

/** Plays each dialogue, a session after the other, against one server. */
export async function play(
  fixture: Pop3Fixture,
  options: Pop3MockOptions,
  ...dialogues: readonly string[]
): Promise<Pop3MockServer> {
  const server = await Pop3MockServer.start(fixture, options);
  try {
    for (const dialogue of dialogues) await playAgainst(server, dialogue);
  } finally {
    await server.close();
  }
  return server;
}

/** Plays one dialogue against a server that goes on. */
export async function playAgainst(
  server: Pop3MockServer,
  dialogue: string,
  options: ConnectOptions = {},
): Promise<void> {
  const tls = { ca: server.ca };
  await new ScriptedClient(dialogue).play(
    { host: server.host, port: server.port, tls: server.url.startsWith('pop3s') },
    { tls, ...options },
  );
}

/** A message of exactly so many octets, when its lines end with CRLF. */
export function messageOf(octets: number, subject = 'x'): string {
  const head = `Subject: ${subject}\r\n\r\n`;
  return `${head}${'x'.repeat(octets - head.length - 2)}\r\n`;
}

/** What a dialogue begins with: the greeting, and a login. */
export const IN = `
  S~ ^\\+OK
  C: USER user
  S~ ^\\+OK
  C: PASS password
  S~ ^\\+OK
`;
