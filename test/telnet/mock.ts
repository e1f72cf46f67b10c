import type { ConnectOptions } from '../../lib/core/options.ts';
import { ScriptedClient } from '../../lib/mock/script.ts';
import type { TelnetFixture } from '../../lib/telnet/fixture.ts';
import { type TelnetMockOptions, TelnetMockServer } from '../../lib/telnet/mock-server.ts';

/** A server that has no options, so that a dialogue has what is said and nothing else. */
export const QUIET = { asks: [], offers: [], agrees: [] } as const;

/** Plays each dialogue, a session after the other, against one server, which has no options unless it is told. */
export async function play(
  fixture: TelnetFixture,
  options: TelnetMockOptions,
  ...dialogues: readonly string[]
): Promise<TelnetMockServer> {
  const server = await TelnetMockServer.start(fixture, { ...QUIET, ...options });
  try {
    for (const dialogue of dialogues) await playAgainst(server, dialogue);
  } finally {
    await server.close();
  }
  return server;
}

/** Plays one dialogue against a server that goes on. */
export async function playAgainst(
  server: TelnetMockServer,
  dialogue: string,
  options: ConnectOptions = {},
): Promise<void> {
  await new ScriptedClient(dialogue).play(
    { host: server.host, port: server.port, tls: server.url.startsWith('telnets') },
    { tls: { ca: server.ca }, ...options },
  );
}
