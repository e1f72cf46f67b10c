import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { gopher } from '../lib/gopher/index.ts';
import { http } from '../lib/http/index.ts';
import { nntp } from '../lib/nntp/index.ts';
import { pop3 } from '../lib/pop3/index.ts';
import { telnet } from '../lib/telnet/index.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** An example, on the built package. */
function run(name: string, ...args: readonly string[]): ChildProcessWithoutNullStreams {
  return spawn(process.execPath, ['--import', 'tsx', `examples/${name}.ts`, ...args], { cwd: ROOT });
}

/** What it printed, once it has ended well. */
async function printed(child: ChildProcessWithoutNullStreams): Promise<string> {
  let text = '';
  let complaints = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    complaints += chunk;
  });
  const [code] = await once(child, 'close');
  expect(code, complaints).to.equal(0);
  return text;
}

/** The first thing it prints that looks like this. */
async function waitFor(child: ChildProcessWithoutNullStreams, pattern: RegExp): Promise<RegExpExecArray> {
  let text = '';
  for await (const chunk of child.stdout.iterator({ destroyOnReturn: false })) {
    text += chunk;
    const match = pattern.exec(text);
    if (match) return match;
  }
  throw new Error(`it printed ${JSON.stringify(text)}, and ended`);
}

const greeting = async (): Promise<void> => {
  const server = run('greeting-server', '0');
  const ended = once(server, 'close');
  try {
    const [, port = ''] = await waitFor(server, /listening at tcp:\/\/127\.0\.0\.1:(\d+)/);
    expect(await printed(run('greeting-client', port))).to.equal('欢迎访问菜鸟教程！\n');
    await waitFor(server, /连接地址: 127\.0\.0\.1:\d+/);
  } finally {
    server.kill('SIGTERM');
  }
  expect(await ended).to.deep.equal([0, null]);
};

/** A server's URL, with who logs in. */
function withLogin(url: string): string {
  return `${url.replace('://', '://user:password@')}/`;
}

const newMail = async (): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), 'netkit-'));
  try {
    await using server = await pop3.mock({ messages: ['Subject: One\n\n.first\n', 'Subject: Two\n\nsecond\n'] });
    const args = [withLogin(server.url), join(folder, 'Maildir')];
    expect(await printed(run('new-mail', ...args))).to.equal('2 new\n');
    server.deliver('Subject: Three\n\nthird\n');
    expect(await printed(run('new-mail', ...args))).to.equal('1 new\n');
    expect(server.messages()).to.have.length(3);
    const delivered = join(folder, 'Maildir', 'new');
    const bodies = readdirSync(delivered).map((name) => readFileSync(join(delivered, name), 'utf8').split('\n')[2]);
    expect(bodies.sort()).to.deep.equal(['.first', 'second', 'third']);
    expect(readdirSync(join(folder, 'Maildir', 'tmp'))).to.deep.equal([]);
  } finally {
    rmSync(folder, { recursive: true });
  }
};

const deleteOldMail = async (): Promise<void> => {
  const message = (subject: string, date: Date): string => `Date: ${date.toUTCString()}\nSubject: ${subject}\n\ntext\n`;
  await using server = await pop3.mock({
    messages: [message('Old', new Date('2024-01-02T00:00:00Z')), message('New', new Date()), 'Subject: Undated\n\n'],
  });
  const said = await printed(run('delete-old-mail', withLogin(server.url), '30'));
  expect(said).to.equal('2024-01-02 Old\n1 deleted\n');
  expect(server.messages()).to.have.length(2);
};

const readNews = async (): Promise<void> => {
  const article = (id: string, subject: string, references = ''): string =>
    `From: Ann <ann@example.org>\nSubject: ${subject}\nMessage-ID: ${id}\n${references}\ntext\n`;
  await using server = await nntp.mock({
    groups: [
      {
        name: 'local.test',
        articles: [
          article('<1@x>', 'A question'),
          article('<2@x>', 'Another'),
          article('<3@x>', 'Re: A question', 'References: <1@x>\n'),
          article('<4@x>', '=?UTF-8?Q?Gr=C3=BC=C3=9Fe?=', 'References: <1@x> <gone@x> <3@x>\n'),
        ],
      },
    ],
  });
  expect(await printed(run('read-news', server.url.slice('nntp://'.length), 'local.test'))).to.equal(
    [
      '1 A question (Ann <ann@example.org>)',
      '  3 Re: A question (Ann <ann@example.org>)',
      '    4 Grüße (Ann <ann@example.org>)',
      '2 Another (Ann <ann@example.org>)',
      '',
    ].join('\n'),
  );
};

const postArticle = async (): Promise<void> => {
  await using server = await nntp.mock({ groups: [{ name: 'local.test' }] });
  const said = await printed(run('post-article', `${server.url}/`, 'local.test', 'Ann <ann@example.org>'));
  expect(said)
    .to.match(/^Article received .*\n/)
    .and.to.include('\r\nFrom: Ann <ann@example.org>\r\n');
  expect(said).to.match(/\r\n\r\nIs this thing on\?\r\n\n$/);
  server.faults.add({ verb: 'POST', reply: '440 closed for the day' });
  expect(await printed(run('post-article', `${server.url}/`, 'local.test'))).to.equal(
    'refused: 440 closed for the day\n',
  );
};

const runCommands = async (): Promise<void> => {
  await using server = await telnet.mock({
    users: { user: 'password' },
    motd: 'Welcome.',
    prompt: 'router#',
    commands: { 'show version': 'Version 15.2\nUptime: 3 weeks', 'show clock': '12:00' },
  });
  const said = await printed(run('telnet-commands', withLogin(server.url), 'show version', 'show clock'));
  expect(said).to.equal('== show version\nVersion 15.2\nUptime: 3 weeks\n== show clock\n12:00\n');
  const refused = withLogin(server.url).replace('password', 'wrong');
  expect(await printed(run('telnet-commands', refused, 'show version'))).to.equal('refused: Login incorrect\n');
};

const download = async (): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), 'netkit-'));
  try {
    const content = Buffer.alloc(1_000_000, 'what is in it ');
    await using server = await http.mock({ 'GET /large.bin': { content, etag: '"1"' } });
    const args = [`${server.url}/large.bin`, join(folder, 'large.bin')];
    // broken off in the middle, and gone on with
    server.faults.add({ truncate: 500_000 });
    expect(await printed(run('http-download', ...args))).to.match(/: 1000000 octets/);
    expect(readFileSync(join(folder, 'large.bin')).equals(content)).to.equal(true);
    expect(server.requests.map(({ headers }) => headers.has('range'))).to.deep.equal([false, true]);
    expect(await printed(run('http-download', `${server.url}/no-such`, join(folder, 'x')))).to.match(/^failed: /);
    expect(readdirSync(folder)).to.deep.equal(['large.bin']);
  } finally {
    rmSync(folder, { recursive: true });
  }
};

/** Every example, and what it does. Those that belong together have one test. */
const EXAMPLES: Readonly<Record<string, () => Promise<void>>> = {
  'greeting-server': greeting,
  'greeting-client': greeting,
  'gopher-read': async () => {
    await using server = await gopher.mock({
      '': {
        menu: [
          { type: '0', name: 'A', selector: '/a' },
          { type: '1', name: 'B', selector: '/b' },
        ],
      },
      '/a': 'first',
      '/b': { menu: [{ type: '0', name: 'C', selector: '/c' }] },
    });
    expect(await printed(run('gopher-read', server.url))).to.equal('== A\nfirst\r\n\n== C: missing\n');
  },
  'gopher-in-a-test': async () => {
    expect(await printed(run('gopher-in-a-test'))).to.equal('C: /about.txt\n*: 7 octets\n');
  },
  'http-in-a-test': async () => {
    expect(await printed(run('http-in-a-test'))).to.equal('POST /books\nGET /books/2\n');
  },
  'http-download': download,
  'xmlrpc-in-a-test': async () => {
    expect(await printed(run('xmlrpc-in-a-test'))).to.equal('3\n');
  },
  'new-mail': newMail,
  'delete-old-mail': deleteOldMail,
  'read-news': readNews,
  'post-article': postArticle,
  'mail-server-for-tests': async () => {
    expect(await printed(run('mail-server-for-tests'))).to.equal('DELE 2\nDELE 1\nDELE 2\n');
  },
  'news-server-for-tests': async () => {
    expect(await printed(run('news-server-for-tests'))).to.equal("[ 'Two' ]\n");
  },
  'telnet-commands': runCommands,
  'telnet-in-a-test': async () => {
    expect(await printed(run('telnet-in-a-test'))).to.equal('Nothing done.\n');
  },
  datagrams: async () => {
    expect(await printed(run('datagrams'))).to.equal('what time is it? 1970-01-01T00:00:00.000Z\n');
  },
};

describe('the examples', function () {
  this.timeout(30_000);

  before('need the built package', () => {
    expect(existsSync(`${ROOT}/dist/index.js`), 'npm run build comes first').to.equal(true);
  });

  it('have a test each', () => {
    const names = readdirSync(`${ROOT}/examples`).map((file) => file.replace(/\.ts$/, ''));
    expect(names.sort()).to.deep.equal(Object.keys(EXAMPLES).sort());
  });

  for (const test of new Set(Object.values(EXAMPLES))) {
    const names = Object.keys(EXAMPLES).filter((name) => EXAMPLES[name] === test);
    it(`${names.join(' and ')} ${names.length > 1 ? 'do' : 'does'} what the comment says`, test);
  }
});
