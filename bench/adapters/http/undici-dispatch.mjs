// What is beneath all of undici, and beneath netkit: callbacks, no streams, nothing kept.
import { Pool } from 'undici';
import { compete, connections, origin } from '../lib/http.mjs';

const pool = new Pool(origin, { connections });

function count(path) {
  return new Promise((resolve, reject) => {
    let bytes = 0;
    pool.dispatch(
      { method: 'GET', path },
      {
        onConnect() {},
        onHeaders: () => true,
        onData(chunk) {
          bytes += chunk.length;
          return true;
        },
        onComplete: () => resolve(bytes),
        onError: reject,
      },
    );
  });
}

await compete({ get: count, count });
await pool.destroy();
