// Runs for `npm ci`, `npm pack`, an install from git, and for `npx .` in a fresh clone, where nothing is installed yet.
import { execFileSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';

/** Only standard error is used: standard output belongs to the command that npx is about to run. */
function run(command, args) {
  try {
    execFileSync(command, args, { stdio: ['ignore', 2, 2] });
  } catch {
    console.error(`netkit: preparing the package failed at: ${command} ${args.join(' ')}`);
    process.exit(1);
  }
}

if (!existsSync('node_modules/typescript/package.json')) {
  run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']);
}
// what was renamed or deleted must not be published
rmSync('dist', { recursive: true, force: true });
run(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json']);
