// A client with its connections: small answers as octets, large ones without a copy.
import { calls, compete, competeCalls, connections, stream } from '../lib/http.mjs';
import { open } from '../lib/netkit-http.mjs';

const client = await open({ maxConnections: connections });

if (calls) {
  await competeCalls(async (path) => {
    const server = await client.xmlrpc(path);
    return (method, params) => server.call(method, params);
  });
} else {
  await compete({
    get: async (path) => (await (await client.get(path)).bytes()).length,
    count: async (path) => {
      let bytes = 0;
      await (await client.get(path)).forEachChunk((chunk) => {
        bytes += chunk.length;
      });
      return bytes;
    },
    put: async (path, size) =>
      (await client.put(path, { body: stream(size), headers: { 'Content-Length': size } })).text(),
  });
}
await client.close();
