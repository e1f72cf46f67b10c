import http from 'node:http';
import { pipeline } from 'node:stream/promises';
import { args } from '../lib/args.mjs';
import { compete, connections, stream } from '../lib/http.mjs';

const agent = new http.Agent({ keepAlive: true, maxSockets: connections });

function ask(path, options = {}) {
  return http.request({ host: '127.0.0.1', port: args.port, path, agent, ...options });
}

function answered(request, take) {
  return new Promise((resolve, reject) => {
    request.on('error', reject).on('response', (answer) => {
      answer.on('data', take).on('end', resolve).on('error', reject);
    });
  });
}

async function count(path, options) {
  let bytes = 0;
  const request = ask(path, options);
  const taken = answered(request, (chunk) => {
    bytes += chunk.length;
  });
  request.end();
  await taken;
  return bytes;
}

await compete({
  get: (path) => count(path),
  once: (path) => count(path, { agent: false }),
  count: (path) => count(path),
  put: async (path, size) => {
    let text = '';
    const request = ask(path, { method: 'PUT', headers: { 'content-length': size } });
    const taken = answered(request, (chunk) => {
      text += chunk;
    });
    await pipeline(stream(size), request);
    await taken;
    return text;
  },
});
agent.destroy();
