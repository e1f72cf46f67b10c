import { raw } from '../lib/raw-http.mjs';

await raw('discard');
