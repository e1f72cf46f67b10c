// node bench/profile.mjs ADAPTER WORKLOAD n=N … [--top N]: where a contestant in Node spends its time, on a server of
// its own. Idle time is left out of the percentages.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { top: { type: 'string', default: '25' } },
});
const [adapter = '', workload = '', ...words] = positionals;
const protocol = path.basename(path.dirname(path.resolve(adapter)));

const server = spawn(path.join(import.meta.dirname, 'work', 'blast'), [protocol, '0']);
let port = '';
for await (const line of createInterface({ input: server.stdout })) {
  if (line === 'ready') break;
  [, port = ''] = line.split(' ');
}

const folder = mkdtempSync(path.join(tmpdir(), 'netkit-profile-'));
const profiling = ['--cpu-prof', '--cpu-prof-interval', '200', '--cpu-prof-dir', folder];
const run = spawnSync('node', [...profiling, '--no-warnings', adapter, workload, `port=${port}`, ...words], {
  encoding: 'utf8',
});
server.stdin.end();
if (run.status !== 0) throw new Error(run.stderr);

const [file = ''] = readdirSync(folder);
const { nodes, samples, timeDeltas } = JSON.parse(readFileSync(path.join(folder, file), 'utf8'));
rmSync(folder, { recursive: true });

const places = new Map(nodes.map(({ id, callFrame }) => [id, placeOf(callFrame)]));
const times = new Map();
samples.forEach((id, i) => {
  const place = places.get(id);
  times.set(place, (times.get(place) ?? 0) + timeDeltas[i]);
});
const idle = times.get('(idle)') ?? 0;
times.delete('(idle)');
const busy = [...times.values()].reduce((sum, time) => sum + time, 0);

console.log(`${run.stdout.trim()} busy ${Math.round(busy / 1000)} ms, idle ${Math.round(idle / 1000)} ms`);
for (const [place, time] of [...times].sort(([, a], [, b]) => b - a).slice(0, Number(values.top))) {
  console.log(`${((100 * time) / busy).toFixed(1).padStart(5)} %  ${place}`);
}

function placeOf({ functionName, url, lineNumber }) {
  const name = functionName || '(anonymous)';
  return url === '' ? name : `${name} ${url.replace(/^.*\/(dist|node_modules)\//, '')}:${lineNumber + 1}`;
}
