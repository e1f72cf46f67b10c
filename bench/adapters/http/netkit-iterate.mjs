// As most people will write it: answers as text, chunks one by one.
import { compete, connections, stream } from '../lib/http.mjs';
import { open } from '../lib/netkit-http.mjs';

const client = await open({ maxConnections: connections });

await compete({
  get: async (path) => (await (await client.get(path)).text()).length,
  count: async (path) => {
    let bytes = 0;
    for await (const chunk of await client.get(path)) bytes += chunk.length;
    return bytes;
  },
  put: async (path, size) => (await client.send(path, stream(size), { method: 'PUT' })).text,
});
await client.close();
