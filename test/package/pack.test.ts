/** The package as it would be published: packed, installed in an empty project, and used there. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';
import { expect } from 'chai';
import { Consumer, must, ROOT } from './consumer.ts';

/** The versions of Node that are supported. All are asked where there is time for it. */
const NODES = ['20', '22', '24', '26'];
const ALL_NODES = process.env['NETKIT_ALL_NODES'] === '1' || Boolean(process.env['CI']);
/** In milliseconds. */
const SLOWEST_START = 100;
const STARTS = 15;

const packageJson = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'));
const entries = Object.keys(packageJson.exports)
  .filter((name) => !name.endsWith('.json'))
  .map((name) => posix.join('netkit', name));

/** Something that each entry must have, if it is to be of use. */
const NEEDED: Readonly<Record<string, string>> = {
  netkit: 'fetch',
  'netkit/net': 'connect',
  'netkit/testing': 'MockServer',
  'netkit/message': 'decodeWords',
  'netkit/xmlrpc': 'XmlRpcDispatcher',
};
const needed = (entry: string): string => NEEDED[entry] ?? posix.basename(entry);

describe('the package', function () {
  this.timeout(300_000);
  this.slow(60_000);
  let consumer: Consumer;

  before('packs and installs it', async () => {
    consumer = await Consumer.make();
  });
  after(async () => consumer?.remove());

  const installed = (...path: string[]): string => join(consumer.folder, 'node_modules', 'netkit', ...path);
  const tool = (name: string): string => join(ROOT, 'node_modules', '.bin', name);

  it('has entries that this test knows how to use', () => {
    expect(entries).to.include.members(['netkit', 'netkit/gopher', 'netkit/net', 'netkit/testing']);
  });

  describe('what it holds', () => {
    it('is what is built, the sources, the command and what describes it', () => {
      const rest = consumer.files.filter((path) => !/^(?:bin|dist|lib)\//.test(path));
      expect(rest).to.include('package.json');
      const known = /^(?:package\.json|LICENSE|[A-Z]+\.md|docs\/[\w/.]+\.md|examples\/[\w-]+\.ts)$/;
      expect(rest.filter((path) => !known.test(path))).to.deep.equal([]);
      expect(consumer.files).to.include.members(['bin/netkit.js', 'dist/index.js', 'dist/index.d.ts', 'lib/index.ts']);
    });

    it('is no test, no secret and no remainder of a build', () => {
      const strange = /(?:^|\/)test\/|\.test\.|\.tsbuildinfo$|\.tgz$|(?:^|\/)\.|\.(?:pem|key|log)$/;
      expect(consumer.files.filter((path) => strange.test(path))).to.deep.equal([]);
    });

    it('is built from the sources that are there, and from all of them', () => {
      const names = (folder: string, end: RegExp): string[] =>
        consumer.files
          .filter((path) => path.startsWith(`${folder}/`) && end.test(path))
          .map((path) => path.slice(folder.length + 1).replace(end, ''))
          .sort();
      const sources = names('lib', /(?<!\.d)\.ts$/);
      expect(sources).to.not.have.length(0);
      for (const end of [/\.js$/, /\.d\.ts$/, /\.js\.map$/, /\.d\.ts\.map$/]) {
        expect(names('dist', end), `${end}: remove dist and build again`).to.deep.equal(sources);
      }
    });

    it('is maps that lead to the sources', async () => {
      const maps = consumer.files.filter((path) => path.endsWith('.map'));
      for (const path of maps) {
        const { sources, sourceRoot = '' } = JSON.parse(await readFile(installed(path), 'utf8'));
        expect(sources, path).to.have.length(1);
        const source = join(dirname(installed(path)), sourceRoot, sources[0]);
        expect(source.startsWith(installed('lib')), source).to.equal(true);
        expect(existsSync(source), source).to.equal(true);
      }
    });
  });

  describe('for programs', () => {
    const nodes = ALL_NODES ? ['this', ...NODES] : ['this'];
    if (!ALL_NODES) it(`is asked of Node ${NODES.join(', ')} when CI or NETKIT_ALL_NODES=1 is set`);

    for (const version of nodes) {
      const node = async (...args: string[]): Promise<string> =>
        version === 'this'
          ? consumer.run(process.execPath, args)
          : consumer.run('npx', ['-y', '-p', `node@${version}`, 'node', ...args]);
      const name = version === 'this' ? process.version : version;

      it(`can be imported and required by Node ${name}`, async () => {
        const names = entries.map((entry) => [entry, needed(entry)]);
        const esm = await consumer.write(
          'import.mjs',
          `const found = {};
           for (const [entry, name] of ${JSON.stringify(names)}) found[entry] = typeof (await import(entry))[name];
           console.log(JSON.stringify({ version: process.versions.node, found }));`,
        );
        const cjs = await consumer.write(
          'require.cjs',
          `const found = {};
           for (const [entry, name] of ${JSON.stringify(names)}) found[entry] = typeof require(entry)[name];
           console.log(JSON.stringify({ version: process.versions.node, found }));`,
        );
        for (const file of [esm, cjs]) {
          const { version: ran, found } = JSON.parse(await node('--no-warnings', file));
          if (version !== 'this') expect(ran).to.match(new RegExp(`^${version}\\.`));
          expect(Object.keys(found)).to.deep.equal(entries);
          for (const [entry, type] of Object.entries(found)) {
            expect(type, `${entry} has ${needed(entry)}`).to.be.oneOf(['function', 'object']);
          }
        }
      });

      it(`works in Node ${name}`, async () => {
        const file = await consumer.write(
          'work.mjs',
          `import { fetch, gopher, list } from 'netkit';
           const server = await gopher.mock({ '': { menu: [{ type: '0', name: 'A', selector: '/a' }] }, '/a': 'text' });
           const found = [];
           for await (const { url } of list(server.url)) found.push(await (await fetch(url)).text());
           console.log(found.join());
           await server.close();`,
        );
        expect((await node('--no-warnings', file)).trim()).to.equal('text');
      });
    }

    it('runs as a command', async () => {
      expect(await consumer.run('npx', ['--no-install', 'netkit', '--version'])).to.equal(
        `netkit ${packageJson.version}\n`,
      );
    });
  });

  describe('for the compiler', () => {
    const TSC = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
    const CODE = [
      "import { type Entry, fetch, gopher, list, type Resource, UsageError } from 'netkit';",
      "import { gopher as alone } from 'netkit/gopher';",
      "import * as net from 'netkit/net';",
      "import { MockServer } from 'netkit/testing';",
      'export async function example(): Promise<Resource> {',
      "  for await (const entry of list('gopher://h/')) entry satisfies Entry;",
      "  const client = await alone.connect('gopher://h/');",
      '  const server = await gopher.mock();',
      '  if (!(server instanceof MockServer)) throw new UsageError(typeof net.connect);',
      "  await client.fetch('/0/a', { raw: true });",
      "  return fetch('gopher://h/0/a');",
      '}',
      '// @ts-expect-error no protocol has this scheme',
      "list('no-such://h/');",
      '// @ts-expect-error Gopher cannot send',
      'gopher.send;',
    ].join('\n');

    for (const [name, ...flags] of [
      ['nodenext', '--module', 'nodenext', '--moduleResolution', 'nodenext'],
      ['node20', '--module', 'node20'],
      ['bundler', '--module', 'esnext', '--moduleResolution', 'bundler'],
    ]) {
      it(`has its types under ${name}, in every file that it ships`, async () => {
        const file = await consumer.write('consumer.ts', CODE);
        const types = ['--types', 'node', '--typeRoots', join(ROOT, 'node_modules', '@types')];
        const strict = ['--noEmit', '--strict', '--exactOptionalPropertyTypes', '--skipLibCheck', 'false'];
        const libs = ['--target', 'es2023', '--lib', 'es2023,esnext.disposable'];
        await consumer.run(process.execPath, [TSC, ...flags, ...strict, ...libs, ...types, file]);
      });
    }

    it('has nothing that publint complains of', async () => {
      const said = await consumer.run(process.execPath, [tool('publint'), 'run', consumer.tarball, '--strict']);
      expect(said).to.include('All good');
    });

    it('has nothing that are-the-types-wrong complains of', async () => {
      await must(process.execPath, [tool('attw'), consumer.tarball, '--profile', 'esm-only'], { cwd: consumer.folder });
    });
  });

  describe('when it is imported', () => {
    it('loads no library, no client and no mock server', async () => {
      const loaded = await consumer.loadedBy("import('netkit')");
      const own = loaded.filter((url) => url.includes('/node_modules/netkit/dist/'));
      expect(own).to.not.have.length(0);
      const others = loaded.filter((url) => url.includes('/node_modules/') && !own.includes(url));
      expect(others).to.deep.equal([]);
      expect(own.filter((url) => /\/client\.js$|\/mock(?:-server\.js|\/)/.test(url))).to.deep.equal([]);
    });

    it(`is there within ${SLOWEST_START} ms`, async () => {
      const timesOf = async (code: string): Promise<number> => {
        const began = performance.now();
        await consumer.run(process.execPath, ['-e', code]);
        return performance.now() - began;
      };
      const [bare, full]: [number[], number[]] = [[], []];
      for (let i = 0; i < STARTS; i++) {
        bare.push(await timesOf(''));
        full.push(await timesOf("import('netkit')"));
      }
      const cost = median(full) - median(bare);
      console.log(`      ${cost.toFixed(1)} ms: import('netkit'), median of ${STARTS}, without the start of Node`);
      expect(cost).to.be.lessThan(SLOWEST_START);
    });
  });
});

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[numbers.length >> 1] ?? Number.NaN;
}
