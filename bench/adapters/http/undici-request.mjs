import { Pool } from 'undici';
import { compete, connections, origin, stream } from '../lib/http.mjs';

const pool = new Pool(origin, { connections });
const request = (path, options) => pool.request({ method: 'GET', path, ...options });

const get = async (path, options) => (await (await request(path, options)).body.arrayBuffer()).byteLength;

await compete({
  get: (path) => get(path),
  once: (path) => get(path, { reset: true }),
  count: async (path) => {
    const { body } = await request(path);
    return new Promise((resolve, reject) => {
      let bytes = 0;
      body.on('data', (chunk) => {
        bytes += chunk.length;
      });
      body.on('end', () => resolve(bytes)).on('error', reject);
    });
  },
  put: async (path, size) => {
    const { body } = await request(path, {
      method: 'PUT',
      body: stream(size),
      headers: { 'content-length': `${size}` },
    });
    return body.text();
  },
});
await pool.destroy();
