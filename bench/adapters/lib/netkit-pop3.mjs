import { pop3 } from '../../../dist/pop3/index.js';
import { args, restart } from './args.mjs';

/** Logs in to a maildrop of the server. */
export function drop(n, size) {
  return pop3.connect(`pop3://127.0.0.1:${args.port}/`, { user: `m${n}x${size}`, password: 'x' });
}

// as for all others, loading is not counted with the work but in the time of the process
await (await drop(1, 100)).close();
restart();
