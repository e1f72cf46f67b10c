// The uniform way through a maildrop: one message after another as a resource, with its unique id.
import { contest, done } from '../lib/args.mjs';
import { drop } from '../lib/netkit-pop3.mjs';

await contest({
  many: async ({ n, size }) => {
    const client = await drop(n, size);
    let bytes = 0;
    for await (const message of client.fetchAll()) bytes += (await message.bytes()).length;
    await client.close();
    done(n, { bytes });
  },
});
