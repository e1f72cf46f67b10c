import { raw } from '../lib/raw-gopher.mjs';

await raw('lines');
