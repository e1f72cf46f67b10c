import { contest, done, pool, skip } from './args.mjs';
import { lockstep, repeated, until } from './raw.mjs';

const user = (n, size) => `USER m${n}x${size}\r\nPASS x\r\n`;
const retrieved = (count) => `${repeated(count, (i) => `RETR ${i}\r\n`)}QUIT\r\n`;

export function raw(way) {
  const all = async ({ n, size }) => done(n, { wire: await until(way, user(n, size) + retrieved(n)) });
  return contest({
    latency: async ({ n }) => {
      if (way === 'lines') return skip();
      await lockstep(way, ['USER m10x100\r\n', 'PASS x\r\n', ...Array.from({ length: n }, () => 'STAT\r\n')]);
      return done(n);
    },
    many: all,
    big: all,
    stream: all,
    list: async ({ n }) => done(n, { wire: await until(way, `${user(n, 2000)}LIST\r\nQUIT\r\n`) }),
    conc: async ({ n, conc, size }) => {
      let wire = 0;
      const blob = user(n, size) + retrieved(n / conc);
      await pool(conc, conc, async () => {
        const octets = await until(way, blob, 16_384);
        wire += octets;
      });
      done(n, { wire });
    },
  });
}
