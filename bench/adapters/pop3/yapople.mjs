import yapople from 'yapople';
import { args, contest, done, pool } from '../lib/args.mjs';

async function drop(n, size) {
  const client = new yapople.Client({
    host: '127.0.0.1',
    port: args.port,
    tls: false,
    mailparser: false,
    username: `m${n}x${size}`,
    password: 'x',
  });
  await client.connect();
  return client;
}

async function all(client, count) {
  let bytes = 0;
  for (let i = 1; i <= count; i++) bytes += Buffer.byteLength(await client.retrieve(i));
  await client.quit();
  return bytes;
}

const many = async ({ n, size }) => done(n, { bytes: await all(await drop(n, size), n) });

await contest({
  latency: async ({ n }) => {
    const client = await drop(10, 100);
    for (let i = 0; i < n; i++) await client.stat();
    await client.quit();
    done(n);
  },
  many,
  big: many,
  list: async ({ n }) => {
    const client = await drop(n, 2000);
    const listed = await client.list();
    await client.quit();
    done(Object.keys(listed).length);
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
