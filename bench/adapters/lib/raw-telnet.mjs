import { contest, done, pool, skip } from './args.mjs';
import { lockstep, until } from './raw.mjs';

const SPACE = 32; // ends a prompt

export function raw(way) {
  const stream =
    (verb) =>
    async ({ size }) =>
      done(1, { wire: await until(way, `${verb} ${size}\r\n`) });
  return contest({
    latency: async ({ n }) => {
      if (way === 'lines') return skip();
      await lockstep(
        way,
        Array.from({ length: n }, (_, i) => `line ${i}\r\n`),
        SPACE,
      );
      return done(n);
    },
    stream: stream('prose'),
    iac: stream('iac'),
    conc: async ({ n, conc }) => {
      let wire = 0;
      const blob = `${'line 1\r\n'.repeat(n / conc)}quit\r\n`;
      await pool(conc, conc, async () => {
        const octets = await until(way, blob, 16_384);
        wire += octets;
      });
      done(n, { wire });
    },
  });
}
