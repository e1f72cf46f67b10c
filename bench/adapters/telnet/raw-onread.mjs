import { raw } from '../lib/raw-telnet.mjs';

await raw('onread');
