/** Before anything: are the real servers and clients there? */
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { endRuns } from './run.ts';
import { stopAll } from './start.ts';

const PROGRAMS = [
  ...['openssl', 'python3', 'setsid', 'setpriv', 'script'],
  ...['gophernicus', 'microsocks', 'tinyproxy', 'dovecot', 'innd', 'nnrpd'],
  ...['curl', 'lynx', 'w3m', 'fetchmail', 'mpop', 'getmail', 'mutt', 's-nail'],
  ...['slrn', 'slrnpull', 'tin', 'suck', 'rpost', 'fetchnews'],
  ...['telnetd', 'inetutils-telnet', 'telnet-ssl', 'busybox', 'plink', 'tt++'],
  ...['apache2', 'wget'],
];
/** Where they are, beside PATH: daemons, INN's own programs, and what is only unpacked. */
const FOLDERS = [
  ...['/usr/local/sbin', '/usr/sbin', '/sbin', '/usr/games'],
  ...['/usr/lib/news/bin', '/opt/netkit-interop/leafnode/usr/sbin'],
  ...['/opt/netkit-interop/inetutils-telnetd/usr/sbin', '/opt/netkit-interop/busybox-static/bin'],
];

export async function mochaGlobalSetup(): Promise<void> {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...FOLDERS];
  const missing = PROGRAMS.filter((program) => !folders.some((folder) => existsSync(join(folder, program))));
  if (missing.length === 0) return;
  console.error(`The interop tests need ${missing.join(', ')} (Debian 12): sudo sh test/interop/install.sh`);
  process.exit(1);
}

/** Whatever a failed test has left. */
export async function mochaGlobalTeardown(): Promise<void> {
  await endRuns();
  await stopAll();
}
