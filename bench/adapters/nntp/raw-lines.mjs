import { raw } from '../lib/raw-nntp.mjs';

await raw('lines');
