// The fastest that the client offers: many messages in one run, each seen while it lies where it came to.
import { contest, done, pool } from '../lib/args.mjs';
import { drop } from '../lib/netkit-pop3.mjs';

async function all(client, count) {
  let bytes = 0;
  await client.each({ from: 1, to: count }, (message) => {
    bytes += message.length;
  });
  await client.close();
  return bytes;
}

await contest({
  many: async ({ n, size }) => done(n, { bytes: await all(await drop(n, size), n) }),
  stream: async ({ size }) => {
    const client = await drop(1, size);
    let bytes = 0;
    await (await client.retrieve(1)).forEachChunk((chunk) => {
      bytes += chunk.length;
    });
    await client.close();
    done(1, { bytes });
  },
  list: async ({ n }) => {
    const client = await drop(n, 2000);
    const sizes = await client.listing();
    await client.close();
    done(sizes.length);
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
