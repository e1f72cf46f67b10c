import { contest, done, pool, skip } from './args.mjs';
import { lockstep, pour, until } from './raw.mjs';

const get = (path, more = '') => `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n${more}\r\n`;
const LF = 10;

export function raw(way) {
  const small = async ({ n, conc }) => {
    let wire = 0;
    const requests = Array.from({ length: n / conc }, (_, i) => get(`/s${i}`));
    await pool(conc, conc, async () => {
      const octets = await lockstep(way, requests, LF, false);
      wire += octets;
    });
    done(n, { wire });
  };
  const once = async ({ n }) => {
    let wire = 0;
    for (let i = 0; i < n; i++) wire += await until(way, get(`/s${i}`, 'Connection: close\r\n'), 16_384);
    done(n, { wire });
  };
  const large =
    (kind) =>
    async ({ size }) =>
      done(1, { wire: await until(way, get(`/${kind}${size}`, 'Connection: close\r\n')) });
  return contest({
    once,
    latency: small,
    many: small,
    conc: small,
    stream: large('n'),
    chunked: large('c'),
    upload: async ({ size }) => {
      if (way === 'onread') return skip();
      const request = `PUT /u HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: ${size}\r\n\r\n`;
      await pour(way, request, Buffer.alloc(64 * 1024, 'x'), size);
      return done(1, { wire: size });
    },
  });
}
