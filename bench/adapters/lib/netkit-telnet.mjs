import { telnet } from '../../../dist/telnet/index.js';
import { args, done, pool, restart } from './args.mjs';
import { asked, PROMPT } from './telnet.mjs';

/** The octets of the server have no charset, so each is one character. Nothing is dialed before the first verb. */
export const client = await telnet.connect(`telnet://127.0.0.1:${args.port}/`, { charset: 'latin1' });

/** A dialogue behind the first prompt. `ask(line)` says a line, and gives what comes until the prompt. */
export async function session() {
  const dialogue = await client.open();
  await dialogue.waitFor(PROMPT);
  const ask = async (line) => {
    await dialogue.write(`${line}\n`);
    return (await dialogue.waitFor(PROMPT)).before;
  };
  return { ask, close: () => dialogue.close() };
}

export async function latency({ n }) {
  const { ask, close } = await session();
  const right = await asked(n, ask);
  await close();
  done(right);
}

export async function conc({ n, conc }) {
  let right = 0;
  await pool(conc, conc, async () => {
    const { ask, close } = await session();
    const found = await asked(n / conc, ask);
    right += found;
    await close();
  });
  done(right);
}

// as for all others, loading is not counted with the work but in the time of the process
await (await session()).close();
restart();
