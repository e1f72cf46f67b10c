import { contest, done, pool, skip } from './args.mjs';
import { lockstep, repeated, until } from './raw.mjs';

const group = (kind, n, size) => `GROUP ${kind}${n}x${size}\r\n`;
const each = (verb, count) => `${repeated(count, (i) => `${verb} ${i}\r\n`)}QUIT\r\n`;

export function raw(way) {
  const over = async ({ n }) => done(n, { wire: await until(way, `${group('t', n, 2000)}OVER 1-${n}\r\nQUIT\r\n`) });
  return contest({
    latency: async ({ n }) => {
      if (way === 'lines') return skip();
      await lockstep(
        way,
        Array.from({ length: n }, () => 'DATE\r\n'),
      );
      return done(n);
    },
    over,
    overall: over,
    body: async ({ n, size }) => done(n, { wire: await until(way, group('b', n, size) + each('BODY', n)) }),
    many: async ({ n, size }) => done(n, { wire: await until(way, group('t', n, size) + each('ARTICLE', n)) }),
    active: async ({ n }) => done(n, { wire: await until(way, 'LIST ACTIVE\r\nQUIT\r\n') }),
    conc: async ({ n, conc, size }) => {
      let wire = 0;
      const blob = group('t', n, size) + each('ARTICLE', n / conc);
      await pool(conc, conc, async () => {
        const octets = await until(way, blob, 16_384);
        wire += octets;
      });
      done(n, { wire });
    },
  });
}
