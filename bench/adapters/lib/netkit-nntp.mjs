import { nntp } from '../../../dist/nntp/index.js';
import { args, restart } from './args.mjs';

/** Connects to the server, and enters a group where one is named. */
export async function reader(group) {
  const client = await nntp.connect(`nntp://127.0.0.1:${args.port}/`);
  if (group) await client.group(group);
  return client;
}

export function* numbers(count) {
  for (let i = 1; i <= count; i++) yield i;
}

/** What is asked of overviews: their octets are added up, and the letters of their subjects. */
export class Sum {
  rows = 0;
  bytes = 0;
  letters = 0;

  see(row) {
    this.rows++;
    this.bytes += row.bytes;
    this.letters += row.subject.length;
  }
}

// as for all others, loading is not counted with the work but in the time of the process
await (await reader()).close();
restart();
