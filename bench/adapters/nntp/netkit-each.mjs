// The fastest that the client offers: many articles in one run, each seen while it lies where it came to; rows of
// overviews inside their arrival.
import { contest, done, pool } from '../lib/args.mjs';
import { numbers, reader, Sum } from '../lib/netkit-nntp.mjs';

async function all(client, count, part) {
  let bytes = 0;
  const visit = (octets) => {
    bytes += octets.length;
  };
  await client.each(numbers(count), visit, { part });
  await client.close();
  return bytes;
}

await contest({
  over: async ({ n }) => {
    const client = await reader(`t${n}x2000`);
    const sum = new Sum();
    await client.forEachOverview({ low: 1, high: n }, (rows) => {
      for (const row of rows) sum.see(row);
    });
    await client.close();
    done(sum.rows, { bytes: sum.bytes });
  },
  body: async ({ n, size }) => done(n, { bytes: await all(await reader(`b${n}x${size}`), n, 'body') }),
  many: async ({ n, size }) => done(n, { bytes: await all(await reader(`t${n}x${size}`), n, 'article') }),
  conc: async ({ n, conc, size }) => {
    let bytes = 0;
    await pool(conc, conc, async () => {
      const octets = await all(await reader(`t${n}x${size}`), n / conc, 'article');
      bytes += octets;
    });
    done(n, { bytes });
  },
});
