import { http } from '../../../dist/http/index.js';
import { restart } from './args.mjs';
import { origin } from './http.mjs';

/** A client of the server. Nothing is dialed before the first request. */
export function open(options) {
  return http.connect(`${origin}/`, options);
}

// as for all others, loading is not counted with the work but in the time of the process
const client = await open();
await (await client.get('/s')).bytes();
await client.close();
restart();
