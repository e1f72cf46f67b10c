import { raw } from '../lib/raw-pop3.mjs';

await raw('discard');
