import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { gopher } from '../lib/gopher/index.ts';

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
