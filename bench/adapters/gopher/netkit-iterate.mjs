// The uniform verbs, as most people will write them: one call by URL, entries one by one, chunks one by one.
import * as netkit from '../../../dist/index.js';
import { args, contest, done, pool, restart } from '../lib/args.mjs';

const server = `gopher://127.0.0.1:${args.port}`;
await netkit.gopher.connect(server);
restart(); // as for all others, loading is not counted here but in the time of the process

const small = async ({ n, conc }) => {
  await pool(n, conc, async (i) => (await netkit.fetch(`${server}/0/s${i}`)).text());
  done(n);
};

await contest({
  latency: small,
  many: small,
  conc: small,
  menu: async ({ n }) => {
    const kept = [];
    for await (const entry of netkit.list(`${server}/1/m${n}`, { maxItems: n, info: true })) kept.push(entry);
    done(kept.length);
  },
  stream: async ({ size }) => {
    let bytes = 0;
    for await (const chunk of await netkit.fetch(`${server}/9/b${size}`)) bytes += chunk.length;
    done(1, { bytes });
  },
});
