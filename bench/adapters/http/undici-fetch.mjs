import { Agent, fetch } from 'undici';
import { compete, connections, origin, stream } from '../lib/http.mjs';

const dispatcher = new Agent({ connections });
const ask = (path, options) => fetch(`${origin}${path}`, { dispatcher, ...options });

await compete({
  get: async (path) => (await (await ask(path)).arrayBuffer()).byteLength,
  count: async (path) => {
    let bytes = 0;
    for await (const chunk of (await ask(path)).body) bytes += chunk.length;
    return bytes;
  },
  put: async (path, size) => (await ask(path, { method: 'PUT', body: stream(size), duplex: 'half' })).text(),
});
await dispatcher.destroy();
