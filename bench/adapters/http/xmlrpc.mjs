import { Agent } from 'node:http';
import xmlrpc from 'xmlrpc';
import { args } from '../lib/args.mjs';
import { competeCalls } from '../lib/http.mjs';

const agent = new Agent({ keepAlive: true });

await competeCalls((path) => {
  const client = xmlrpc.createClient({ host: '127.0.0.1', port: args.port, path, agent });
  return (method, params) =>
    new Promise((resolve, reject) => {
      client.methodCall(method, params, (error, value) => (error ? reject(error) : resolve(value)));
    });
});
agent.destroy();
