// Overviews as objects of their own, by toJSON: every field is cut out at once, and nothing else is kept alive.
import { contest, done } from '../lib/args.mjs';
import { reader, Sum } from '../lib/netkit-nntp.mjs';

await contest({
  over: async ({ n }) => {
    const client = await reader(`t${n}x2000`);
    const sum = new Sum();
    for await (const rows of client.over({ low: 1, high: n })) for (const row of rows) sum.see(row.toJSON());
    await client.close();
    done(sum.rows, { bytes: sum.bytes });
  },
  overall: async ({ n }) => {
    const client = await reader(`t${n}x2000`);
    const kept = [];
    for await (const rows of client.over({ low: 1, high: n })) for (const row of rows) kept.push(row.toJSON());
    await client.close();
    const sum = new Sum();
    for (const row of kept) sum.see(row);
    done(kept.length, { bytes: sum.bytes });
  },
});
