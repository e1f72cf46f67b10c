// The fastest that the client offers: a stream without a copy; lines by a dialogue, and what stood before the prompt.
import { Came, contest } from '../lib/args.mjs';
import { client, conc, latency } from '../lib/netkit-telnet.mjs';
import { STREAMS } from '../lib/telnet.mjs';

const stream =
  (verb) =>
  async ({ size }) => {
    const came = new Came();
    const resource = await client.fetch('/', { script: [{ send: `${verb} ${size}` }] });
    await resource.forEachChunk((chunk) => came.add(chunk));
    came.done();
  };

await contest({ latency, stream: stream(STREAMS.stream), iac: stream(STREAMS.iac), conc });
