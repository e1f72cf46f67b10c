import type { ConnectOptions } from '../../lib/core/options.ts';
import { ScriptedServer, type ScriptedServerOptions } from '../../lib/mock/script.ts';
import type { Pop3Client } from '../../lib/pop3/client.ts';
import { pop3 } from '../../lib/pop3/index.ts';

/** A greeting, and a server of RFC 1939 and nothing else. */
export const HELLO = `
  S: +OK POP3 server ready
  C: CAPA
  S: -ERR what?
`;

/** The same, and a login. */
export const IN = `${HELLO}
  C: USER joe
  S: +OK
  C: PASS hunter2
  S: +OK
`;

/** What a server of more than that says: lines for `capa`. */
export function capa(...lines: readonly string[]): string {
  return `
    C: CAPA
    S: +OK
    ${lines.map((line) => `S: ${line}`).join('\n')}
    S: .
  `;
}

/** A login at a server that can do this. */
export function inWith(...lines: readonly string[]): string {
  return `
    S: +OK POP3 server ready
    ${capa(...lines)}
    C: USER joe
    S: +OK
    C: PASS hunter2
    S: +OK
    ${capa(...lines)}
  `;
}

export const BYE = `
  C: QUIT
  S: +OK bye
`;

export const JOE: ConnectOptions = { user: 'joe', password: 'hunter2' };

/** Plays the server, while `work` does something with a client; both must come to their end. */
export async function scripted<T>(
  dialogue: string,
  work: (client: Pop3Client) => Promise<T>,
  options: ConnectOptions = JOE,
): Promise<T> {
  return serving(dialogue, async ({ port }) => {
    const client = await pop3.connect(`pop3://127.0.0.1:${port}`, options);
    try {
      return await work(client);
    } finally {
      await client.close();
    }
  });
}

/** Plays the server for whoever comes. */
export async function serving<T>(
  dialogues: string | readonly string[],
  work: (server: ScriptedServer) => Promise<T>,
  options: ScriptedServerOptions = {},
): Promise<T> {
  const server = await ScriptedServer.start(dialogues, options);
  try {
    return await work(server);
  } finally {
    await server.close();
  }
}
