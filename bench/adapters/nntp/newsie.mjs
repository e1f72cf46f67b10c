import newsie from 'newsie';
import { args, contest, done, pool } from '../lib/args.mjs';

const Client = newsie.default ?? newsie;
const STEP = 500; // at once; larger ranges are slower, because all of the answer is parsed again with every chunk

async function reader(group) {
  const client = new Client({ host: '127.0.0.1', port: args.port, tlsPort: false });
  await client.connect();
  await client.capabilities();
  if (group) await client.group(group);
  return client;
}

async function overviews(n, see) {
  const client = await reader(`t${n}x2000`);
  for (let first = 1; first <= n; first += STEP) {
    const { articles } = await client.over({ start: first, end: Math.min(n, first + STEP - 1) });
    for (const article of articles) see(article);
  }
  client.disconnect();
}

/** The octets that overviews say, and a look at a field. */
function counter() {
  let bytes = 0;
  let letters = 0;
  return {
    see: (article) => {
      bytes += article.metadata[':bytes'];
      letters += article.headers.SUBJECT.length;
    },
    said: () => ({ bytes, letters }),
  };
}

/** The octets of a body, in characters. */
const length = (article) => article.body.reduce((sum, line) => sum + line.length + 2, 0);

await contest({
  latency: async ({ n }) => {
    const client = await reader();
    for (let i = 0; i < n; i++) await client.date();
    client.disconnect();
    done(n);
  },
  over: async ({ n }) => {
    let rows = 0;
    const count = counter();
    await overviews(n, (article) => {
      rows++;
      count.see(article);
    });
    done(rows, count.said());
  },
  overall: async ({ n }) => {
    const kept = [];
    await overviews(n, (article) => kept.push(article));
    const count = counter();
    kept.forEach(count.see);
    done(kept.length, count.said());
  },
  body: async ({ n, size }) => {
    const client = await reader(`b${n}x${size}`);
    let bytes = 0;
    for (let i = 1; i <= n; i++) bytes += length((await client.body(i)).article);
    client.disconnect();
    done(n, { bytes });
  },
  many: async ({ n, size }) => {
    const client = await reader(`t${n}x${size}`);
    for (let i = 1; i <= n; i++) length((await client.article(i)).article);
    client.disconnect();
    done(n);
  },
  active: async () => {
    const client = await reader();
    done((await client.listActive()).newsgroups.length);
    client.disconnect();
  },
  conc: async ({ n, conc, size }) => {
    await pool(conc, conc, async () => {
      const client = await reader(`t${n}x${size}`);
      for (let i = 1; i <= n / conc; i++) length((await client.article(i)).article);
      client.disconnect();
    });
    done(n);
  },
});
