import gopherLib from 'gopher-lib';
import { args, contest, done, pool } from '../lib/args.mjs';

const client = new gopherLib.Client({ timeout: 60_000 });

function get(path) {
  return new Promise((resolve, reject) => {
    const answered = (error, reply) => (error ? reject(error) : resolve(reply));
    client.get(`gopher://127.0.0.1:${args.port}${path}`, answered);
  });
}

const small = async ({ n, conc }) => {
  await pool(n, conc, (i) => get(`/0/s${i}`));
  done(n);
};

await contest({
  latency: small,
  many: small,
  conc: small,
  menu: async ({ n }) => done((await get(`/1/m${n}`)).directory.length),
  stream: async ({ size }) => done(1, { bytes: (await get(`/9/b${size}`)).buffer.length }),
});
