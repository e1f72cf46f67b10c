#!/usr/bin/env node
// In a fresh clone nothing has been built yet: then the package is prepared first, on standard error.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const built = new URL('../dist/cli/main.js', import.meta.url);

if (!existsSync(built)) {
  const { status } = spawnSync(process.execPath, ['scripts/prepare.mjs'], {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0) process.exit(1);
}

const { main } = await import(built);
process.exitCode = await main(process.argv.slice(2));
