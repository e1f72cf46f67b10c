import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { encodeYenc } from '../../lib/message/yenc-encoder.ts';
import { nntp } from '../../lib/nntp/index.ts';
import type { NntpMockServer } from '../../lib/nntp/mock-server.ts';
import { pop3 } from '../../lib/pop3/index.ts';
import type { Pop3MockServer } from '../../lib/pop3/mock-server.ts';
import { blocks, programOf, typeErrors, typeProject } from './code.ts';

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

/** The pages, and the servers that they are about. */
const PAGES = [
  { page: 'mail', host: 'mail.example.org', scheme: 'pop3', start: mail },
  { page: 'news', host: 'news.example.org', scheme: 'nntp', start: news },
];

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
    it(`${page}: what it has of mail, news and Telnet compiles`, async () => {
      const about = blocks(readFileSync(join(ROOT, page), 'utf8'), 'ts').filter((code) =>
        /\b(?:pop3|nntp|telnet)\./.test(code),
      );
      expect(about).not.to.deep.equal([]);
      typeProject(folder);
      for (const code of about) {
        writeFileSync(join(folder, 'page.ts'), code + PRELUDE);
        expect(await typeErrors(folder)).to.equal('');
      }
    });
  }

  for (const { page, host, scheme, start } of PAGES) {
    const text = readFileSync(join(ROOT, 'docs', `${page}.md`), 'utf8');

    it(`docs/${page}.md: the blocks are a program that compiles and runs`, async () => {
      await using server = await start();
      const here = server.url.slice(`${scheme}://`.length);
      const program = programOf(blocks(text, 'ts')).replaceAll(
        new RegExp(`${scheme}s?://([a-z]+@)?${host.replaceAll('.', '\\.')}`, 'g'),
        (_, user = '') => `${scheme}://${user}${here}`,
      );
      typeProject(folder);
      writeFileSync(join(folder, 'page.ts'), program);
      expect(await typeErrors(folder)).to.equal('');
      const env = { ...process.env, PASSWORD: 'secret', TOKEN: 'token' };
      const args = ['--import', 'tsx', join(folder, 'page.ts')];
      await run(process.execPath, args, {
        cwd: ROOT,
        env: { ...env, TSX_TSCONFIG_PATH: join(folder, 'tsconfig.json') },
      });
      if (page === 'mail') expect(`${server.transcript}`).to.match(/DELE 1.*DELE 2.*RSET.*DELE 3.*QUIT/s);
      else expect(`${server.transcript}`).to.include('Article received');
    });

    it(`docs/${page}.md: the commands of the shell do what they are for`, async () => {
      expect(existsSync(`${ROOT}/dist/index.js`), 'npm run build comes first').to.equal(true);
      await using server = await start();
      const here = server.url.slice(`${scheme}://`.length);
      writeFileSync(join(folder, 'netrc'), `machine 127.0.0.1 login ann password secret\n`, { mode: 0o600 });
      writeFileSync(join(folder, 'token'), 'token\n');
      writeFileSync(join(folder, 'text.txt'), 'Hello!\n');
      const commands = blocks(text, 'sh').join('').trim().split('\n');
      expect(commands.length).to.be.greaterThan(5);
      for (const written of commands.filter((line) => !line.includes(' serve '))) {
        const line = written
          .replaceAll(`${scheme}s://${host}`, `${scheme}://${here}`)
          .replaceAll(host, here)
          .replace(/\bnetkit\b/, `"${process.execPath}" "${ROOT}/bin/netkit.js"`);
        const env = { ...process.env, NETRC: join(folder, 'netrc'), XDG_STATE_HOME: join(folder, 'state') };
        await run('/bin/sh', ['-c', line], { cwd: folder, env, timeout: 20_000 });
      }
      if (page === 'mail') {
        expect(readFileSync(join(folder, 'backup.mbox'), 'utf8').match(/^From /gm)).to.have.length(4);
      } else {
        expect(readFileSync(join(folder, 'pixel.gif'), 'utf8')).to.equal('GIF89a');
      }
    });
  }
});
