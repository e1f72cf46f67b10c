// What most people write: rows of overviews by `for await`, a promise for each body, which is the caller's to keep.
import { contest, done } from '../lib/args.mjs';
import { reader, Sum } from '../lib/netkit-nntp.mjs';

await contest({
  latency: async ({ n }) => {
    const client = await reader();
    for (let i = 0; i < n; i++) await client.date();
    await client.close();
    done(n);
  },
  over: async ({ n }) => {
    const client = await reader(`t${n}x2000`);
    const sum = new Sum();
    for await (const rows of client.over({ low: 1, high: n })) for (const row of rows) sum.see(row);
    await client.close();
    done(sum.rows, { bytes: sum.bytes });
  },
  overall: async ({ n }) => {
    const client = await reader(`t${n}x2000`);
    const kept = [];
    for await (const rows of client.over({ low: 1, high: n })) for (const row of rows) kept.push(row);
    await client.close();
    const sum = new Sum();
    for (const row of kept) sum.see(row);
    done(kept.length, { bytes: sum.bytes });
  },
  body: async ({ n, size }) => {
    const client = await reader(`b${n}x${size}`);
    let bytes = 0;
    const fetch = async (_, i) => {
      const body = await client.bodyOf(i + 1);
      bytes += body.length;
    };
    await Promise.all(Array.from({ length: n }, fetch));
    await client.close();
    done(n, { bytes });
  },
  active: async () => {
    const client = await reader();
    const { items } = await client.listActive();
    await client.close();
    done(items.length);
  },
});
