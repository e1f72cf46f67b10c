/** The POP3 clients of others: each fetches everything there is, and gives what it has put down. */
import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inFolder, output, type Ran, run } from '../run.ts';

export interface Account {
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** Where there is TLS: which, and what is trusted. */
  readonly tls?: { readonly kind: 'upgrade' | 'implicit'; readonly ca: string } | undefined;
  /** A mechanism, as the client calls it. */
  readonly auth?: string | undefined;
  /** Whether what was fetched is deleted. Default false. */
  readonly remove?: boolean | undefined;
}

/** The messages that a client has put down, with the line ends of this system. */
export type Client = (account: Account) => Promise<Buffer[]>;

/** One file for each message, in the order in which they come. */
const DELIVER = `#!/bin/sh
umask 077
exec cat >"$1/$(ls "$1" | wc -l)"
`;

/** fetchmail hands each message to a program. It takes one lock of its own where it is told to. */
export const fetchmail: Client = async ({ port, user, password, tls, auth = 'any', remove = false }) =>
  inHome(async (home, into) => {
    const security = tls
      ? `sslcertck sslcertfile "${tls.ca}" ${tls.kind === 'implicit' ? 'ssl' : 'sslproto "TLS1.2+"'}`
      : 'sslproto ""';
    const config = join(home, 'fetchmailrc');
    await writeFile(
      config,
      `set no bouncemail
set invisible
poll localhost port ${port} ${remove ? 'uidl ' : ''}protocol POP3 auth ${auth}
  user "${user}" password "${password}"
  mda "${home}/deliver ${into}"
  ${security} ${remove ? 'nokeep' : 'keep'} fetchall no rewrite
`,
      { mode: 0o600 },
    );
    const own = ['--pidfile', join(home, 'pid'), '--idfile', join(home, 'ids')];
    output(await run('fetchmail', ['-f', config, ...own], { env: { HOME: home } }));
  });

/** mpop writes a maildir. */
export const mpop: Client = async ({ port, user, password, tls, auth = 'user', remove = false }) =>
  inHome(async (home, into) => {
    for (const part of ['cur', 'new', 'tmp']) await mkdir(join(into, part));
    const config = join(home, 'mpoprc');
    await writeFile(
      config,
      `account default
host localhost
port ${port}
user ${user}
password "${password}"
auth ${auth}
keep ${remove ? 'off' : 'on'}
received_header off
uidls_file ${home}/uidls
delivery maildir ${into}
tls ${tls ? 'on' : 'off'}
tls_starttls ${tls?.kind === 'implicit' ? 'off' : 'on'}
${tls ? `tls_trust_file ${tls.ca}` : ''}
`,
      { mode: 0o600 },
    );
    output(await run('mpop', ['-C', config, '--quiet'], { env: { HOME: home } }));
    return join(into, 'new');
  });

/** getmail hands each message to a program, which alone it does for root, with a line of its own before each. */
export const getmail: Client = async ({ port, user, password, tls, remove = false }) =>
  inHome(async (home, into) => {
    const retriever = tls ? 'SimplePOP3SSLRetriever' : 'SimplePOP3Retriever';
    await writeFile(
      join(home, 'getmailrc'),
      `[retriever]
type = ${retriever}
server = localhost
port = ${port}
username = ${user}
password = ${password}
${tls ? `ca_certs = ${tls.ca}` : ''}
[destination]
type = MDA_external
path = ${home}/deliver
arguments = ("${into}",)
allow_root_commands = true
[options]
delivered_to = false
received = false
delete = ${remove}
`,
      { mode: 0o600 },
    );
    const args = ['--quiet', `--getmaildir=${home}`, '--rcfile=getmailrc'];
    output(await run('getmail', args, { env: { HOME: home } }));
  });

/** mutt, which wants a terminal, copies all messages to one file, and deletes the first. */
export async function mutt({ port, user, password, tls, remove = false }: Account): Promise<Buffer> {
  return inMailbox(async (home, mailbox) => {
    const config = join(home, 'muttrc');
    await writeFile(
      config,
      `set ssl_force_tls=${tls ? 'yes' : 'no'} ssl_starttls=${tls ? 'yes' : 'no'} ${tls ? `certificate_file=${tls.ca}` : ''}
set folder=${home} tmpdir=${home} confirmappend=no confirmcreate=no wait_key=no sleep_time=0 mail_check=0
set quit=yes delete=yes sort=mailbox-order
set pop_user="${user}" pop_pass="${password}"
push "<tag-pattern>~A<enter><tag-prefix><copy-message>${mailbox}<enter><untag-pattern>~A<enter>\
${remove ? '<jump>1<enter><delete-message>' : ''}<quit>"
`,
      { mode: 0o600 },
    );
    const scheme = tls?.kind === 'implicit' ? 'pops' : 'pop';
    const command = `mutt -n -F ${config} -f ${scheme}://${user}@localhost:${port}/`;
    return run('script', ['-qec', command, '/dev/null'], { env: { HOME: home, TERM: 'vt100' } });
  });
}

/** s-nail copies all messages to one file, and deletes the first. */
export async function snail({ port, user, password, tls, remove = false }: Account): Promise<Buffer> {
  return inMailbox(async (home, mailbox) => {
    const scheme = tls?.kind === 'implicit' ? 'pop3s' : 'pop3';
    const settings = ['v15-compat', 'mta=/bin/false', `password=${password}`];
    if (tls) settings.push('tls-verify=strict', `tls-ca-file=${tls.ca}`);
    if (tls?.kind === 'upgrade') settings.push('pop3-use-starttls');
    const commands = [`copy * ${mailbox}`, ...(remove ? ['delete 1', 'quit'] : ['exit'])];
    return run(
      's-nail',
      [
        ...['-:/', ...settings.flatMap((setting) => ['-S', setting])],
        ...commands.flatMap((command) => ['-Y', command]),
        ...['-f', `${scheme}://${user}@localhost:${port}`],
      ],
      { env: { HOME: home } },
    );
  });
}

/** Runs a client that delivers into a folder, or into the one that it names. */
async function inHome(work: (home: string, into: string) => Promise<string | undefined>): Promise<Buffer[]> {
  const messages: Buffer[] = [];
  await inFolder(async (home) => {
    const into = join(home, 'in');
    await mkdir(into);
    await writeFile(join(home, 'deliver'), DELIVER);
    await chmod(join(home, 'deliver'), 0o755);
    const folder = (await work(home, into)) ?? into;
    const names = (await readdir(folder)).sort();
    for (const name of names) messages.push(await readFile(join(folder, name)));
  });
  return messages;
}

/** Runs a client that copies all messages to one file, and gives that. */
async function inMailbox(work: (home: string, mailbox: string) => Promise<Ran>): Promise<Buffer> {
  let mailbox: Buffer = Buffer.alloc(0);
  await inFolder(async (home) => {
    const file = join(home, 'mailbox');
    const ran = await work(home, file);
    output(ran);

    mailbox = await readFile(file);
  });
  return mailbox;
}
