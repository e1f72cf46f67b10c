import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { GopherMockServer } from '../../lib/gopher/mock-server.ts';
import type { MockServer } from '../../lib/mock/server.ts';
import { NntpMockServer } from '../../lib/nntp/mock-server.ts';
import { Pop3MockServer } from '../../lib/pop3/mock-server.ts';
import { TelnetMockServer } from '../../lib/telnet/mock-server.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** What costs memory and time, and what a connection in the clear has no use for. */
const DEAR = ['tls', 'crypto', 'zlib', 'child_process', 'dns'];

interface Row {
  readonly start: () => Promise<MockServer>;
  /** What is done with `client`. */
  readonly work: string;
  readonly options?: Record<string, unknown>;
}

const ROWS: Readonly<Record<string, Row>> = {
  gopher: {
    start: () => GopherMockServer.start({ '/a': 'text' }),
    work: `await (await client.fetch('/0/a')).text()`,
  },
  pop3: {
    start: () =>
      Pop3MockServer.start({ messages: ['Subject: a\r\n\r\nb\r\n'] }, { login: { user: 'ann', password: 'secret' } }),
    work: 'await client.retr(1)',
    options: { user: 'ann', password: 'secret', auth: 'USER' },
  },
  nntp: {
    start: () => NntpMockServer.start({ groups: [{ name: 'a.b' }] }),
    work: `await client.group('a.b')`,
  },
  telnet: {
    start: () => TelnetMockServer.start(),
    work: 'const dialogue = await client.open(); await dialogue.close()',
  },
};

/** The modules of Node that a program has loaded by its end. It is the package as it is built, without what runs tests. */
async function loadedBy(program: string): Promise<readonly string[]> {
  expect(existsSync(`${ROOT}/dist/index.js`), 'npm run build comes first').to.equal(true);
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^NODE_/.test(name)));
  const args = ['--input-type=module', '-e', `${program}; console.log(process.moduleLoadList.join())`];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: ROOT, env, timeout: 20_000 });
  const [last = ''] = stdout.trimEnd().split('\n').slice(-1);
  return last.split(',').map((name) => name.replace(/^NativeModule /, ''));
}

describe('what a plain connection loads', () => {
  for (const [name, { start, work, options = {} }] of Object.entries(ROWS)) {
    it(`${name} speaks in the clear without TLS, cryptography, compression, processes and names`, async () => {
      await using server = await start();
      const loaded = await loadedBy(`
        import { ${name} } from './dist/${name}/index.js';
        const client = await ${name}.connect('${server.url}', ${JSON.stringify(options)});
        ${work};
        await client.close()`);
      expect(loaded).to.include('net');
      expect(loaded.filter((module) => DEAR.includes(module))).to.deep.equal([]);
    });
  }
});
