// Each command waits some 40 ms: "DATE" and its CR LF are two writes, with Nagle's delay between them.
import NNTP from 'nntp';
import { args, contest, done, pool } from '../lib/args.mjs';

const call = (start) =>
  new Promise((resolve, reject) => {
    start((error, ...answer) => (error ? reject(error) : resolve(answer)));
  });

function reader(group) {
  return new Promise((resolve, reject) => {
    const client = new NNTP();
    client.on('error', reject);
    client.on('ready', () => {
      if (group) client.group(group, (error) => (error ? reject(error) : resolve(client)));
      else resolve(client);
    });
    client.connect({ host: '127.0.0.1', port: args.port });
  });
}

async function articles(client, count) {
  for (let i = 1; i <= count; i++) await call((back) => client.article(i, back));
  client.end();
}

await contest({
  latency: async ({ n }) => {
    const client = await reader();
    for (let i = 0; i < n; i++) await call((back) => client.dateTime(back));
    client.end();
    done(n);
  },
  body: async ({ n, size }) => {
    const client = await reader(`b${n}x${size}`);
    let bytes = 0;
    for (let i = 1; i <= n; i++) bytes += (await call((back) => client.body(i, back)))[2].length;
    client.end();
    done(n, { bytes });
  },
  many: async ({ n, size }) => {
    await articles(await reader(`t${n}x${size}`), n);
    done(n);
  },
  active: async () => {
    const client = await reader();
    const [groups] = await call((back) => client.groups(back));
    client.end();
    done(groups.length);
  },
  conc: async ({ n, conc, size }) => {
    await pool(conc, conc, async () => articles(await reader(`t${n}x${size}`), n / conc));
    done(n);
  },
});
