// What the workloads of HTTP ask, and what is right to get. A contestant says how it does each; what it cannot do it leaves out.
import { args, contest, done, pool, workload } from './args.mjs';

export const origin = `http://127.0.0.1:${args.port}`;
/** As many connections as there are requests at once. */
export const connections = args.conc;

/** What is uploaded, chunk by chunk. */
export const CHUNK = Buffer.alloc(64 * 1024, 'x');

/** `size` octets, one chunk after another. */
export function* chunks(size) {
  for (let left = size; left > 0; left -= CHUNK.length) yield left < CHUNK.length ? CHUNK.subarray(0, left) : CHUNK;
}

/** The same, as who sends it will have it: by `for await`. */
export async function* stream(size) {
  yield* chunks(size);
}

/**
 * `get(path)` gives how many octets a small answer has, `once(path)` the same by a connection of its own; `count(path)` gives
 * how many came of a large one, and `put(path, size)` what the server said of an upload.
 */
export function compete({ get, once, count, put }) {
  const small =
    (ask) =>
    async ({ n, conc }) => {
      let bytes = 0;
      await pool(n, conc, async (i) => {
        const octets = await ask(`/s${i}`);
        bytes += octets;
      });
      done(n, { bytes });
    };
  return contest({
    ...(get && { latency: small(get), many: small(get), conc: small(get) }),
    ...(once && { once: small(once) }),
    ...(count && {
      stream: async ({ size }) => done(1, { bytes: await count(`/n${size}`) }),
      chunked: async ({ size }) => done(1, { bytes: await count(`/c${size}`) }),
    }),
    ...(put && { upload: async ({ size }) => done(1, { bytes: Number(await put('/u', size)) }) }),
  });
}

/** Methods of a server: `open(path)` gives a function that calls one. */
export function competeCalls(open) {
  return contest({
    xmlrpc: async ({ n }) => {
      let right = 0;
      const call = await open('/x');
      for (let i = 0; i < n; i++) if ((await call('add', [i, 1])) === 42) right++;
      done(right);
    },
    xmlrpcbig: async ({ n }) => {
      const call = await open(`/x${n}`);
      const items = await call('list', []);
      done(items.filter(({ name, size, modified }, i) => name.length >= 20 && size === i && modified).length);
    },
  });
}

/** Whether methods are called. */
export const calls = workload.startsWith('xmlrpc');
