// Writes docs/protocols.md from the built declarations.
import { writeFileSync } from 'node:fs';
import { reference } from '../dist/cli/reference.js';
import { protocols } from '../dist/index.js';

writeFileSync(new URL('../docs/protocols.md', import.meta.url), reference(protocols));
