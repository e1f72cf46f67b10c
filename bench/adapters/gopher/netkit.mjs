// The fastest that the client offers: menus in batches, a stream without a copy.
import { gopher } from '../../../dist/index.js';
import { args, contest, done, pool, restart } from '../lib/args.mjs';

const client = await gopher.connect(`gopher://127.0.0.1:${args.port}/`);
restart(); // as for all others, loading is not counted here but in the time of the process

const small = async ({ n, conc }) => {
  await pool(n, conc, async (i) => (await client.fetch(`/0/s${i}`)).text());
  done(n);
};

await contest({
  latency: small,
  many: small,
  conc: small,
  menu: async ({ n }) => {
    const kept = [];
    for await (const items of client.menu(`/1/m${n}`, { maxItems: n })) for (const item of items) kept.push(item);
    done(kept.length);
  },
  stream: async ({ size }) => {
    let bytes = 0;
    const resource = await client.fetch(`/9/b${size}`);
    await resource.forEachChunk((chunk) => {
      bytes += chunk.length;
    });
    done(1, { bytes });
  },
});
