/** The NNTP clients of others: each fetches all articles of a group, and gives what it has put down. */
import { copyFile, cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { inFolder, output, run } from '../run.ts';

export interface News {
  readonly port: number;
  readonly group: string;
  /** Where somebody has to log in. */
  readonly login?: { readonly user: string; readonly password: string } | undefined;
  /** Where there is TLS from the first octet: what is trusted. slrnpull and leafnode have no TLS. */
  readonly ca?: string | undefined;
}

/** The articles that a client has put down, with the line ends of this system, in no order. */
export type Client = (news: News) => Promise<Buffer[]>;

/** slrnpull keeps a spool: a folder for each group, a file for each article. */
export const slrnpull: Client = async ({ port, group, login }) =>
  inHome(async (home) => {
    await writeFile(join(home, 'slrnpull.conf'), `${group} 0 0\n`);
    if (login) await writeFile(join(home, 'authinfo'), `${login.user}\n${login.password}\n`, { mode: 0o600 });
    output(await run('slrnpull', ['-d', home, '-h', `localhost:${port}`], { env: { HOME: home } }));
    return join(home, 'news', ...group.split('.'));
  });

/** suck asks for everything by its Message-ID, in lower case. */
export const suck: Client = async ({ port, group, login, ca }) =>
  inHome(async (home) => {
    for (const part of ['data', 'tmp', 'in']) await mkdir(join(home, part));
    await writeFile(join(home, 'data', 'sucknewsrc'), `${group} 0\n`);
    const folders = ['-dd', join(home, 'data'), '-dt', join(home, 'tmp'), '-dm', join(home, 'in')];
    const proof = login ? ['-U', login.user, '-P', login.password] : [];
    const tls = ca === undefined ? [] : ['-ssl'];
    output(
      await run('suck', [`localhost:${port}`, ...tls, '-M', '-m', '-H', '-K', '-q', ...folders, ...proof], {
        env: trusting(ca, home),
      }),
    );
    return join(home, 'in');
  });

/** What separates the articles of slrn. */
const SEPARATOR = '\x1e';
const SLRN = `define group_mode_startup_hook ()
{
  () = select_group ();
  variable fp = fopen (getenv ("HOME") + "/articles", "w");
  do { call ("article_pagedn"); () = fputs (article_as_string () + "\\x1E", fp); } while (header_down (1));
  () = fclose (fp);
  quit (0);
}
`;

/** slrn wants a terminal; what it is to do there is a macro. */
export const slrn: Client = async ({ port, group, login, ca }) => {
  let articles: Buffer[] = [];
  await inFolder(async (home) => {
    await writeFile(join(home, 'newsrc'), `${group}: 1-0\n`);
    await writeFile(join(home, 'macro.sl'), SLRN);
    const known = login ? `nnrpaccess "localhost" "${login.user}" "${login.password}"\n` : '';
    const settings = 'set hostname "example.test"\nset username "alice"\ncharset display utf-8\n';
    const config = join(home, 'slrnrc');
    await writeFile(config, `${settings}${known}interpret "${home}/macro.sl"\n`, { mode: 0o600 });
    const there = ca === undefined ? `localhost -p ${port}` : `snews://localhost:${port}`;
    const command = `slrn --nntp -h ${there} -i ${config} -f ${home}/newsrc`;
    output(await run('script', ['-qec', command, '/dev/null'], { env: { ...trusting(ca, home), TERM: 'vt100' } }));
    const text = (await readFile(join(home, 'articles'))).toString('latin1');
    articles = text
      .split(SEPARATOR)
      .slice(0, -1)
      .map((article) => Buffer.from(article, 'latin1'));
  });
  return articles;
};

const LEAFNODE = '/opt/netkit-interop/leafnode';
/** It wants a name that could be somebody's. */
const READER = 'news.netkit.internal';

/**
 * leafnode's fetchnews knows no folders but those of the system: it gets a system of its own. It has its own order of
 * header fields, and its own Xref, which is left out here.
 */
export const fetchnews: Client = async ({ port, group, login }) => {
  const articles = await inHome(async (home) => {
    await cp(LEAFNODE, home, { recursive: true });
    const libraries =
      output(await run('ldd', [join(LEAFNODE, 'usr/sbin/fetchnews')]))
        .toString()
        .match(/\/\S+/g) ?? [];
    const files = ['/etc/passwd', '/etc/group', '/etc/hosts', ...libraries];
    for (const file of files) {
      await mkdir(dirname(join(home, file)), { recursive: true });
      await copyFile(file, join(home, file));
    }
    const proof = login ? `username = ${login.user}\npassword = ${login.password}\n` : '';
    await writeFile(
      join(home, 'etc/news/leafnode/config'),
      `server = localhost\nport = ${port}\n${proof}hostname = ${READER}\nexpire = 20\ninitialfetch = 100\n`,
    );
    const spool = join(home, 'var/spool/news');
    for (let number = 0; number < 1000; number++)
      await mkdir(join(spool, 'message.id', `${number}`.padStart(3, '0')), { recursive: true });
    await mkdir(join(home, 'var/lock/news'), { recursive: true });
    await mkdir(join(home, 'run/lock/news'), { recursive: true });
    await writeFile(join(spool, 'interesting.groups', group), '');
    await own(home);
    output(await run('chroot', [home, '/usr/sbin/fetchnews', '-w'], { env: { HOME: '/' } }));
    return join(spool, ...group.split('.'));
  });
  return articles.map((article) => Buffer.from(article.toString('latin1').replace(/^Xref: .*\n/m, ''), 'latin1'));
};

/** Gives a folder to the user news. */
async function own(folder: string): Promise<void> {
  output(await run('chown', ['-R', 'news:news', folder]));
}

/** tin gets the overview of what is unread, and says with its status whether there is any. */
export async function tin({ port, group, login, ca }: News): Promise<boolean> {
  let unread = false;
  await inFolder(async (home) => {
    await writeFile(join(home, '.newsrc'), `${group}: \n`);
    if (login)
      await writeFile(join(home, '.newsauth'), `localhost "${login.password}" ${login.user}\n`, { mode: 0o600 });
    const args = [
      '-r',
      '-Z',
      '-g',
      'localhost',
      '-p',
      `${port}`,
      ...(login ? ['-A'] : []),
      ...(ca === undefined ? [] : ['-T']),
    ];
    const ran = await run('tin', args, { env: trusting(ca, home) });
    unread = ran.status === 2;
    if (!unread) output(ran);
  });
  return unread;
}

/** rpost posts an article as it is, but for the line ends. */
export async function rpost({ port, login }: News, article: string): Promise<void> {
  await inFolder(async (home) => {
    const file = join(home, 'article');
    const list = join(home, 'list');
    await writeFile(file, article.replaceAll('\r\n', '\n'));
    await writeFile(list, `${file}\n`);
    const proof = login ? ['-U', login.user, '-P', login.password] : [];
    output(await run('rpost', [`localhost:${port}`, '-M', '-b', list, ...proof], { env: { HOME: home } }));
  });
}

function trusting(ca: string | undefined, home: string): Readonly<Record<string, string>> {
  return ca === undefined ? { HOME: home } : { HOME: home, SSL_CERT_FILE: ca };
}

/** Runs a client that puts articles into a folder, and gives those files whose names begin with a digit. */
async function inHome(work: (home: string) => Promise<string>): Promise<Buffer[]> {
  const articles: Buffer[] = [];
  await inFolder(async (home) => {
    const folder = await work(home);
    const names = (await readdir(folder)).filter((name) => /^\d/.test(name));
    for (const name of names) articles.push(await readFile(join(folder, name)));
  });
  return articles;
}
