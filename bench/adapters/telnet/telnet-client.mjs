import { Telnet } from 'telnet-client';
import { args, Came, contest, done, pool } from '../lib/args.mjs';
import { asked, GREETING } from '../lib/telnet.mjs';

const OPTIONS = {
  host: '127.0.0.1',
  port: args.port,
  shellPrompt: /\$ $/,
  negotiationMandatory: true,
  disableLogon: true,
  echoLines: 0,
  ors: '\r\n',
  irs: '\n', // it puts the lines together with \n: so the CR stays where it was
  encoding: 'latin1',
  maxBufferLength: 2 ** 31,
  timeout: 60_000,
  execTimeout: 60_000,
};

async function open() {
  const client = new Telnet();
  await client.connect(OPTIONS);
  return client;
}

/** It waits for a prompt, and gives what stood before it. */
const stream =
  (verb) =>
  async ({ size }) => {
    const client = await open();
    const came = new Came();
    came.add(Buffer.from(GREETING));
    came.add(Buffer.from(await client.exec(`${verb} ${size}`), 'latin1'));
    await client.destroy();
    came.done();
  };

await contest({
  latency: async ({ n }) => {
    const client = await open();
    const right = await asked(n, (line) => client.exec(line));
    await client.destroy();
    done(right);
  },
  stream: stream('show'),
  conc: async ({ n, conc }) => {
    let right = 0;
    await pool(conc, conc, async () => {
      const client = await open();
      const found = await asked(n / conc, (line) => client.exec(line));
      right += found;
      await client.destroy();
    });
    done(right);
  },
});
