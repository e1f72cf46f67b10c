import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import type { HttpMockServer } from '../../lib/http/mock-server.ts';
import { encodeYenc } from '../../lib/message/yenc-encoder.ts';
import { nntp } from '../../lib/nntp/index.ts';
import type { NntpMockServer } from '../../lib/nntp/mock-server.ts';
import { pop3 } from '../../lib/pop3/index.ts';
import type { Pop3MockServer } from '../../lib/pop3/mock-server.ts';
import { OPTIONS, telnet } from '../../lib/telnet/index.ts';
import type { TelnetMockServer } from '../../lib/telnet/mock-server.ts';
import type { TelnetSession } from '../../lib/telnet/server/session.ts';
import { blocks, programOf, typeErrors, typeProject } from './code.ts';
import { rpc, web } from './sites.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const run = promisify(execFile);

const mail = (): Promise<Pop3MockServer> =>
  pop3.mock({
    users: {
      ann: {
        password: 'secret',
        token: 'token',
        messages: [1, 2, 3, 4].map((n) => `From: Ann <ann@example.org>\nSubject: two words ${n}\n\n.text ${n}\n`),
      },
    },
  });

const news = (): Promise<NntpMockServer> =>
  nntp.mock({
    groups: [
      {
        name: 'local.test',
        description: 'For trying things',
        articles: [1, 2, 3].map((n) => `From: Ann <ann@example.org>\nSubject: two words ${n}\n\n.text ${n}\n`),
      },
      {
        name: 'local.binaries',
        articles: [
          Buffer.concat([
            Buffer.from('From: a@b\r\nSubject: x\r\n\r\n'),
            encodeYenc(Buffer.from('GIF89a'), { name: 'x' }),
          ]),
        ],
      },
    ],
  });

/** A device behind a login, with a second password for those who may do more. */
function device(): Promise<TelnetMockServer> {
  const privileged = new WeakSet<TelnetSession>();
  return telnet.mock({
    users: { ann: 'secret', guest: 'guest' },
    prompt: (session) => (privileged.has(session) ? 'switch# ' : 'switch> '),
    commands: {
      'show version': 'Version 15.2',
      'show uptime': 'up 17 days',
      enable: async (session) => {
        const password = await session.readLine({ prompt: 'Password: ', secret: true });
        if (password !== 'sesame') return 'Access denied';
        privileged.add(session);
        return undefined;
      },
    },
  });
}

/** A game that says something beside its text. */
const game = (): Promise<TelnetMockServer> =>
  telnet.mock(async (session) => {
    const name = await session.readLine({ prompt: 'What is your name? ' });
    if (name === undefined) return;
    const speaks = session.options.some(({ option }) => option === OPTIONS.GMCP);
    if (speaks) session.gmcp('Char.Vitals', { hp: 10 });
    await session.write('> A dragon comes.\n');
    if ((await session.readLine()) === 'flee') await session.write(`Farewell, ${name}.\n`);
  });

interface Page {
  readonly page: string;
  readonly scheme: string;
  /** The servers that it is about, by the hosts that it writes. */
  readonly hosts: Readonly<Record<string, () => Promise<AnyMockServer>>>;
  /** What its program has said to the first of them, or heard. */
  readonly said: RegExp;
  /** What its commands have written: a file, and what is in it. Without it there are none. */
  readonly written?: { readonly file: string; readonly text: RegExp };
}

type AnyMockServer = HttpMockServer | Pop3MockServer | NntpMockServer | TelnetMockServer;

const PAGES: readonly Page[] = [
  {
    page: 'mail',
    scheme: 'pop3',
    hosts: { 'mail.example.org': mail },
    said: /DELE 1.*DELE 2.*RSET.*DELE 3.*QUIT/s,
    written: { file: 'backup.mbox', text: /^(?:From .*?){4}$/s },
  },
  {
    page: 'news',
    scheme: 'nntp',
    hosts: { 'news.example.org': news },
    said: /Article received/,
    written: { file: 'pixel.gif', text: /^GIF89a$/ },
  },
  {
    page: 'telnet',
    scheme: 'telnet',
    hosts: { 'switch.example.org': device, 'mud.example.org': game },
    said: /show version.*Login incorrect.*enable.*switch# /s,
    written: { file: 'version.txt', text: /Version 15\.2\r\nswitch> $/ },
  },
  {
    page: 'http',
    scheme: 'http',
    hosts: { 'www.example.org': web },
    said: /GET \/users.*POST \/upload.*GET \/picture\.png.*GET \/ticks.*GET \/truncated/s,
    written: { file: 'copy.png', text: /^the picture$/ },
  },
  {
    page: 'xmlrpc',
    scheme: 'http',
    hosts: { 'rpc.example.org': rpc },
    said: /POST \/RPC2/,
  },
];

/** The servers of a page, and where they are. */
class Servers implements AsyncDisposable {
  readonly #all: readonly AnyMockServer[];
  readonly #places: ReadonlyMap<string, string>;

  private constructor(all: readonly AnyMockServer[], places: ReadonlyMap<string, string>) {
    this.#all = all;
    this.#places = places;
  }

  static async start({ hosts }: Page): Promise<Servers> {
    const all = await Promise.all(Object.values(hosts).map((start) => start()));
    const places = new Map(Object.keys(hosts).map((host, i) => [host, all[i]?.url.replace(/^.*:\/\//, '') ?? '']));
    return new Servers(all, places);
  }

  get transcript(): string {
    return `${this.#all[0]?.transcript}`;
  }

  /** What is written about the servers, about these: they speak no TLS. */
  located(written: string, scheme: string): string {
    let text = written.replaceAll(new RegExp(`\\b${scheme}s://`, 'g'), `${scheme}://`);
    for (const [host, place] of this.#places) {
      text = text.replaceAll(new RegExp(`\\b${host.replaceAll('.', '\\.')}(?::\\d+)?`, 'g'), place);
    }
    return text;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#all.map((server) => server.close()));
  }
}

/** What blocks that stand alone take from the reader. */
const PRELUDE = `
declare const password: string;
declare function store(message: Uint8Array): Promise<void>;
`;

describe('the guides', function () {
  this.timeout(60_000);
  let folder = '';

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'netkit-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  for (const page of ['README.md', 'docs/testing.md']) {
    it(`${page}: what it has of the web, mail, news and Telnet compiles`, async () => {
      const about = blocks(readFileSync(join(ROOT, page), 'utf8'), 'ts').filter((code) =>
        /\b(?:http|pop3|nntp|telnet)\./.test(code),
      );
      expect(about).not.to.deep.equal([]);
      typeProject(folder);
      for (const code of about) {
        writeFileSync(join(folder, 'page.ts'), code + PRELUDE);
        expect(await typeErrors(folder)).to.equal('');
      }
    });
  }

  for (const about of PAGES) {
    const { page, scheme, said, written } = about;
    const text = readFileSync(join(ROOT, 'docs', `${page}.md`), 'utf8');

    it(`docs/${page}.md: the blocks are a program that compiles and runs`, async () => {
      await using servers = await Servers.start(about);
      const program = servers.located(programOf(blocks(text, 'ts')), scheme);
      typeProject(folder);
      writeFileSync(join(folder, 'page.ts'), program);
      expect(await typeErrors(folder)).to.equal('');
      const env = { ...process.env, PASSWORD: 'secret', TOKEN: 'token' };
      writeFileSync(join(folder, 'picture.png'), 'the picture');
      const args = ['--import', import.meta.resolve('tsx'), join(folder, 'page.ts')];
      await run(process.execPath, args, {
        cwd: folder,
        env: { ...env, TSX_TSCONFIG_PATH: join(folder, 'tsconfig.json') },
        timeout: 20_000,
      });
      expect(servers.transcript).to.match(said);
    });

    if (!written) continue;
    it(`docs/${page}.md: the commands of the shell do what they are for`, async () => {
      expect(existsSync(`${ROOT}/dist/index.js`), 'npm run build comes first').to.equal(true);
      await using servers = await Servers.start(about);
      writeFileSync(join(folder, 'netrc'), `machine 127.0.0.1 login ann password secret\n`, { mode: 0o600 });
      writeFileSync(join(folder, 'token'), 'token\n');
      writeFileSync(join(folder, 'password'), 'secret\n');
      writeFileSync(join(folder, 'text.txt'), 'Hello!\n');
      const commands = blocks(text, 'sh').join('').trim().split('\n');
      expect(commands.length).to.be.greaterThan(5);
      for (const each of commands.filter((line) => !line.includes(' serve '))) {
        const line = servers
          .located(each, scheme)
          .replace(/\bnetkit\b/, `"${process.execPath}" "${ROOT}/bin/netkit.js"`);
        const env = { ...process.env, NETRC: join(folder, 'netrc'), XDG_STATE_HOME: join(folder, 'state') };
        await run('/bin/sh', ['-c', line], { cwd: folder, env, timeout: 20_000 });
      }
      expect(readFileSync(join(folder, written.file), 'utf8')).to.match(written.text);
    });
  }
});
