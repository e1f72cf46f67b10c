// The command line of every contestant: WORKLOAD port=P n=N size=S conc=C; the answer is one line of JSON.
let began = performance.now();

export const [, , workload = '', ...words] = process.argv;

export const args = { port: 0, n: 0, size: 0, conc: 1 };
for (const word of words) {
  const [key, value] = word.split('=');
  args[key] = Number(value);
}

/** What came before was preparation. */
export function restart() {
  began = performance.now();
}

export function done(items, more = {}) {
  console.log(JSON.stringify({ items, ...more, ms: Number((performance.now() - began).toFixed(1)) }));
}

/** What has come, added up; `check=1` asks for its hash too. */
export class Came {
  bytes = 0;
  #hash = args.check ? process.getBuiltinModule('node:crypto').createHash('sha1') : undefined;

  add(chunk) {
    this.bytes += chunk.length;
    this.#hash?.update(chunk, 'latin1');
  }

  done() {
    done(1, { bytes: this.bytes, sha1: this.#hash?.digest('hex') });
  }
}

/** This contestant does not do that. */
export function skip() {
  process.exit(77);
}

/** Runs `task` for 0 … total - 1, `conc` of them at once. */
export async function pool(total, conc, task) {
  let next = 0;
  const worker = async () => {
    while (next < total) await task(next++);
  };
  await Promise.all(Array.from({ length: Math.min(conc, total) }, worker));
}

/** Runs the function of this workload, or skips it. */
export async function contest(table) {
  const run = Object.hasOwn(table, workload) ? table[workload] : undefined;
  if (!run) return skip();
  return run(args);
}
