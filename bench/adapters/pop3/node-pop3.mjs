import Pop3 from 'node-pop3';
import { args, contest, done, pool } from '../lib/args.mjs';

const drop = (n, size) =>
  new Pop3({ user: `m${n}x${size}`, password: 'x', host: '127.0.0.1', port: args.port, tls: false });

async function all(client, count) {
  let bytes = 0;
  for (let i = 1; i <= count; i++) bytes += Buffer.byteLength(await client.RETR(i));
  await client.QUIT();
  return bytes;
}

const many = async ({ n, size }) => done(n, { bytes: await all(drop(n, size), n) });

await contest({
  latency: async ({ n }) => {
    const client = drop(10, 100);
    for (let i = 0; i < n; i++) await client.STAT();
    await client.QUIT();
    done(n);
  },
  many,
  big: many,
  list: async ({ n }) => {
    const client = drop(n, 2000);
    const listed = await client.LIST();
    await client.QUIT();
    done(listed.length);
  },
  conc: async ({ n, conc, size }) => {
    let bytes = 0;
    await pool(conc, conc, async () => {
      const octets = await all(drop(n, size), n / conc);
      bytes += octets;
    });
    done(n, { bytes });
  },
});
