// A promise for each message, which is the caller's to keep, some hundred asked for at once; entries and chunks one by one.
import { contest, done, pool } from '../lib/args.mjs';
import { drop } from '../lib/netkit-pop3.mjs';

/** As many as may be on their way: more would only wait in line. */
const AT_ONCE = 256;

async function all(client, count) {
  let bytes = 0;
  await pool(count, AT_ONCE, async (i) => {
    const message = await client.retr(i + 1);
    bytes += message.length;
  });
  await client.close();
  return bytes;
}

const many = async ({ n, size }) => done(n, { bytes: await all(await drop(n, size), n) });

await contest({
  latency: async ({ n }) => {
    const client = await drop(10, 100);
    for (let i = 0; i < n; i++) await client.stat();
    await client.close();
    done(n);
  },
  many,
  big: many,
  stream: async ({ size }) => {
    const client = await drop(1, size);
    let bytes = 0;
    for await (const chunk of await client.fetch('/1')) bytes += chunk.length;
    await client.close();
    done(1, { bytes });
  },
  list: async ({ n }) => {
    const client = await drop(n, 2000);
    const kept = [];
    for await (const entry of client.list()) kept.push(entry);
    await client.close();
    done(kept.length);
  },
  conc: async ({ n, conc, size }) => {
    let bytes = 0;
    await pool(conc, conc, async () => {
      const octets = await all(await drop(n, size), n / conc);
      bytes += octets;
    });
    done(n, { bytes });
  },
});
