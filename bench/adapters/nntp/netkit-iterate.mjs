// The uniform verbs: entries one by one, articles one by one as resources.
import { contest, done } from '../lib/args.mjs';
import { reader } from '../lib/netkit-nntp.mjs';

await contest({
  over: async ({ n }) => {
    const client = await reader();
    let entries = 0;
    let bytes = 0;
    for await (const entry of client.list(`/t${n}x2000`)) {
      entries++;
      bytes += entry.size;
    }
    await client.close();
    done(entries, { bytes });
  },
  many: async ({ n, size }) => {
    const client = await reader();
    let bytes = 0;
    for (let i = 1; i <= n; i++) bytes += (await (await client.fetch(`/t${n}x${size}/${i}`)).bytes()).length;
    await client.close();
    done(n, { bytes });
  },
  active: async () => {
    const client = await reader();
    let entries = 0;
    for await (const _ of client.list('/')) entries++;
    await client.close();
    done(entries);
  },
});
