import { contest, done, pool } from './args.mjs';
import { until } from './raw.mjs';

export function raw(way) {
  const small = async ({ n, conc }) => {
    await pool(n, conc, (i) => until(way, `/s${i}\r\n`));
    done(n);
  };
  return contest({
    latency: small,
    many: small,
    conc: small,
    menu: async ({ n }) => {
      await until(way, `/m${n}\r\n`);
      done(n);
    },
    stream: async ({ size }) => done(1, { bytes: await until(way, `/b${size}\r\n`) }),
  });
}
