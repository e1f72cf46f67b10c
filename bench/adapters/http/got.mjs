import http from 'node:http';
import { Readable } from 'node:stream';
import got from 'got';
import { compete, connections, origin, stream } from '../lib/http.mjs';

const agent = { http: new http.Agent({ keepAlive: true, maxSockets: connections }) };
const client = got.extend({ prefixUrl: origin, agent, retry: { limit: 0 } });

await compete({
  get: async (path) => (await client.get(path.slice(1)).buffer()).length,
  count: async (path) => {
    let bytes = 0;
    for await (const chunk of client.stream(path.slice(1))) bytes += chunk.length;
    return bytes;
  },
  put: (path, size) =>
    client.put(path.slice(1), { body: Readable.from(stream(size)), headers: { 'content-length': `${size}` } }).text(),
});
agent.http.destroy();
