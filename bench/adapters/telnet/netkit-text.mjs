// As most people will write it: the text of a dialogue, as it comes.
import { Came, contest } from '../lib/args.mjs';
import { client } from '../lib/netkit-telnet.mjs';
import { STREAMS } from '../lib/telnet.mjs';

const stream =
  (verb) =>
  async ({ size }) => {
    const dialogue = await client.open();
    const came = new Came();
    await dialogue.write(`${verb} ${size}\n`);
    for await (const text of dialogue) came.add(text);
    await dialogue.close();
    came.done();
  };

await contest({ stream: stream(STREAMS.stream), iac: stream(STREAMS.iac) });
