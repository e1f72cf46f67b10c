/** Our client, as a library and as a command, against gophernicus: directly, with TLS, and through real proxies. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { type ConnectOptions, type Entry, gopher, ReplyError } from '../../../lib/index.ts';
import { all, rejection } from '../../helpers.ts';
import { inFolder, netkit, output, records } from '../run.ts';
import { type Peer, start } from '../start.ts';

interface Seeded {
  readonly type: string;
  readonly size: number;
  readonly sha256: string;
}

/** How the server is reached. */
interface Way {
  readonly url: string;
  readonly options: ConnectOptions;
  readonly flags: readonly string[];
}

let server: Peer;
let socks: Peer;
let http: Peer;
let manifest: Readonly<Record<string, Seeded>>;

const plain = (): Way => ({ url: `gopher://localhost:${server.port('gopher')}`, options: {}, flags: [] });

const secured = async (): Promise<Way> => {
  const ca = await readFile(server.get('ca'), 'utf8');
  const url = `gophers://localhost:${server.port('gophers')}`;
  return { url, options: { tls: { ca } }, flags: ['--cacert', server.get('ca')] };
};

function through(way: Way, proxy: string): Way {
  return { url: way.url, options: { ...way.options, proxy }, flags: [...way.flags, '--proxy', proxy] };
}

/** `alice:alice%3Apw%201@127.0.0.1:1081`, where there is a user. */
function authority(proxy: Peer, port: 'open' | 'closed', password?: string): string {
  const login = [proxy.get('user'), password ?? proxy.get('password')].map(encodeURIComponent).join(':');
  return `${port === 'closed' ? `${login}@` : ''}127.0.0.1:${proxy.port(port)}`;
}

const WAYS: Readonly<Record<string, () => Way | Promise<Way>>> = {
  directly: plain,
  'with TLS': secured,
  'through a SOCKS5 proxy that is told the name': () => through(plain(), `socks5h://${authority(socks, 'open')}`),
  'through a SOCKS5 proxy that is told the address': () => through(plain(), `socks5://${authority(socks, 'open')}`),
  'through a SOCKS5 proxy with a password': () => through(plain(), `socks5h://${authority(socks, 'closed')}`),
  'through an HTTP proxy': () => through(plain(), `http://${authority(http, 'open')}`),
  'through an HTTP proxy with a password': () => through(plain(), `http://${authority(http, 'closed')}`),
  'with TLS through a SOCKS5 proxy': async () => through(await secured(), `socks5h://${authority(socks, 'closed')}`),
  'with TLS through an HTTP proxy': async () => through(await secured(), `http://${authority(http, 'closed')}`),
};

function sha256(octets: Uint8Array): string {
  return createHash('sha256').update(octets).digest('hex');
}

async function bytesOf(way: Way, path: string): Promise<Buffer> {
  return (await gopher.fetch(`${way.url}${path}`, way.options)).bytes();
}

describe('gophernicus', () => {
  before(async () => {
    [server, socks, http] = await Promise.all([start('gophernicus'), start('microsocks'), start('tinyproxy')]);
    manifest = JSON.parse(await readFile(server.get('manifest'), 'utf8'));
  });

  after(async () => {
    await Promise.all([server, socks, http].map((peer) => peer?.close()));
  });

  for (const [name, wayTo] of Object.entries(WAYS)) {
    describe(name, () => {
      let way: Way;

      before(async () => {
        way = await wayTo();
      });

      it('lists its first menu', async () => {
        const entries = await all(gopher.list(`${way.url}/`, way.options));
        expect(entries.map((entry) => entry.kind)).to.deep.equal([
          'item',
          'item',
          'container',
          'container',
          'container',
          'item',
          'search',
          'link',
          'link',
          'container',
        ]);
        expect(entries.at(1)).to.include({
          name: 'Name with spaces',
          path: pathHere(way, '/0/name%20with%20spaces.txt'),
        });
        expect(entries.at(7)).to.include({ name: 'Web link', url: 'http://example.test/' });
        expect(entries.at(9)).to.include({ name: 'Elsewhere', url: 'gopher://gopher.example.test/1/' });
      });

      it('lists a folder of 300 files', async () => {
        const entries = await all(gopher.list(`${way.url}/1/many`, way.options));
        const files = entries.filter(({ kind }) => kind === 'item').map(({ meta }) => meta['selector']);
        expect(files).to.have.length(300);
        expect(files.at(299)).to.equal('/many/file299.txt');
      });

      it('fetches every binary with the octets that were put there', async () => {
        for (const [path, { type, size, sha256: expected }] of Object.entries(manifest)) {
          if (type !== '9') continue;
          const octets = await bytesOf(way, `/9${path}`);
          expect(octets.length, path).to.equal(size);
          expect(sha256(octets), path).to.equal(expected);
        }
      });

      it('streams 3 MiB', async () => {
        const hash = createHash('sha256');
        for await (const chunk of await gopher.fetch(`${way.url}/9/bin/large.bin`, way.options)) hash.update(chunk);
        expect(hash.digest('hex')).to.equal(manifest['/bin/large.bin']?.sha256);
      });

      it('fetches a text', async () => {
        const text = await gopher.fetch(`${way.url}/0/about.txt`, way.options);
        expect(await text.text()).to.equal('About this server.\r\nSecond line.\r\n');
        expect(text.complete).to.equal('unknown'); // this server ends no text with a dot
      });

      it('searches', async () => {
        const found = gopher.search(`${way.url}/7/cgi-bin/search.sh`, 'two words', { ...way.options, info: true });
        const entries = await all(found);
        expect(entries.map(({ name }) => name)).to.deep.equal(['You searched for: two words', 'Result one']);
      });

      it('says that a menu is missing', async () => {
        const error = await rejection(all(gopher.list(`${way.url}/1/nope/`, way.options)));
        expect(error).to.be.instanceOf(ReplyError).and.include({ reason: 'missing' });
      });

      describe('as a command', () => {
        it('fetches a text, and prints nothing else', async () => {
          const { status, stdout, stderr } = await netkit(['fetch', `${way.url}/0/about.txt`, ...way.flags]);
          expect({ status, stdout: `${stdout}`, stderr }).to.deep.equal({
            status: 0,
            stdout: 'About this server.\r\nSecond line.\r\n',
            stderr: '',
          });
        });

        it('lists a menu as JSON, the same as the library', async () => {
          const listed = records(await netkit(['gopher', 'list', `${way.url}/`, '--json', ...way.flags]));
          const entries = await all(gopher.list(`${way.url}/`, way.options));
          expect(listed).to.deep.equal(entries.map(plainEntry));
        });

        it('writes a binary to a file', async () => {
          await inFolder(async (folder) => {
            const file = join(folder, 'large.bin');
            output(await netkit([`${way.url}/9/bin/large.bin`, '-o', file, ...way.flags]));
            expect(sha256(await readFile(file))).to.equal(manifest['/bin/large.bin']?.sha256);
          });
        });

        it('searches', async () => {
          const target = `${way.url}/7/cgi-bin/search.sh`;
          const [found] = records(await netkit(['gopher', 'search', target, 'two words', '--json', ...way.flags]));
          expect(found).to.include({ name: 'Result one', path: pathHere(way, '/0/about.txt') });
        });

        it('ends with 8 when a menu is missing', async () => {
          const { status, stdout, stderr } = await netkit(['list', `${way.url}/1/nope/`, ...way.flags]);
          expect({ status, stdout: `${stdout}` }).to.deep.equal({ status: 8, stdout: '' });
          expect(stderr).to.match(/^netkit: .*File or directory not found!/);
        });
      });
    });
  }

  for (const scheme of ['socks5h', 'http'] as const) {
    describe(`a ${scheme} proxy that wants a password`, () => {
      const proxies = (): Record<string, string> => {
        const proxy = scheme === 'http' ? http : socks;
        return {
          none: `${scheme}://127.0.0.1:${proxy.port('closed')}`,
          'a wrong one': `${scheme}://${authority(proxy, 'closed', 'guess')}`,
        };
      };

      for (const given of ['none', 'a wrong one']) {
        it(`refuses ${given}`, async () => {
          const { url, options, flags } = through(plain(), proxies()[given] ?? '');
          const error = await rejection(gopher.fetch(`${url}/0/about.txt`, options));
          expect(error).to.be.instanceOf(ReplyError).and.include({ reason: 'auth', phase: 'proxy' });
          const { status, stdout, stderr } = await netkit(['fetch', `${url}/0/about.txt`, ...flags]);
          expect({ status, stdout: `${stdout}` }).to.deep.equal({ status: 7, stdout: '' });
          expect(stderr)
            .to.match(/^netkit: .*proxy/)
            .and.not.include('guess');
        });
      }
    });
  }

  describe('the proxies', () => {
    it('have been used', async () => {
      const name = `localhost:${server.port('gopher')}`;
      expect(await socks.log('open')).to.include(name);
      expect(await socks.log('open')).to.include(`127.0.0.1:${server.port('gopher')}`);
      expect(await http.log('open')).to.include(`CONNECT ${name}`);
    });
  });

  it('is reached through ALL_PROXY, and not where NO_PROXY has it', async () => {
    const target = `${plain().url}/0/about.txt`;
    const ALL_PROXY = `socks5h://127.0.0.1:${socks.port('closed')}`;
    expect((await netkit(['fetch', target], { env: { ALL_PROXY } })).status).to.equal(7);
    output(await netkit(['fetch', target], { env: { ALL_PROXY, NO_PROXY: 'localhost' } }));
    output(await netkit(['fetch', target, '--proxy', 'none'], { env: { ALL_PROXY } }));
  });

  it('is refused with TLS when nobody vouches for it', async () => {
    const { url, flags } = await secured();
    const { status, stdout, stderr } = await netkit(['fetch', `${url}/0/about.txt`]);
    expect({ status, stdout: `${stdout}` }).to.deep.equal({ status: 5, stdout: '' });
    expect(stderr)
      .to.match(/certificate/)
      .and.include('--cacert');
    const named = url.replace('localhost', '127.0.0.1');
    output(await netkit(['fetch', `${named}/0/about.txt`, ...flags]));
  });

  it('answers a check', async () => {
    const client = await gopher.connect(plain().url);
    const report = await client.check();
    expect(report['items']).to.include({ 0: 2, 1: 4, 7: 1, 9: 1 });
    const { status } = await netkit(['check', plain().url]);
    expect(status).to.equal(0);
  });

  it('answers a check with TLS', async () => {
    const { url, flags } = await secured();
    const [report] = records(await netkit(['check', url, '--json', ...flags]));
    expect(report).to.include({ secure: true });
  });

  it('has no Gopher+, so info is the line in the menu', async () => {
    const [entry] = records(await netkit(['gopher', 'info', `${plain().url}/0/about.txt`, '--json']));
    expect(entry).to.include({ name: 'About', path: '/0/about.txt', kind: 'item' });
    const deep = await gopher.info(`${plain().url}/0/many/file007.txt`);
    expect(deep.name).to.match(/^file007\.txt/);
  });

  describe('sends texts', () => {
    const texts: Readonly<Record<string, string>> = {
      '/crlf.txt': 'dos\r\nlines\r\n',
      '/nonl.txt': 'no newline at the end\r\n', // it adds one
      '/empty.txt': '',
      '/utf8.txt': 'Grüße, 日本語, Ελληνικά\r\n',
      '/gr%C3%BC%C3%9Fe.txt': 'Grüße aus einer Datei\r\n',
      '/name%20with%20spaces.txt': 'spaces\r\n',
      '/long.txt': `${'x'.repeat(1000)}\r\ntab\there\r\n`,
    };

    for (const [path, expected] of Object.entries(texts)) {
      it(decodeURIComponent(path), async () => {
        const text = await gopher.fetch(`${plain().url}/0${path}`);
        expect(await text.text()).to.equal(expected);
        const ran = await netkit(['fetch', `${plain().url}/0${path}`]);
        expect(output(ran).toString()).to.equal(expected);
      });
    }

    it('of 60,000 lines', async () => {
      const text = await gopher.fetch(`${plain().url}/0/large.txt`);
      const lines = await all(text.lines());
      expect(lines).to.have.length(60_000);
      expect(lines.at(-1)).to.equal('line 059999');
    });

    it('whose lines begin with dots, which it neither doubles nor ends with one', async () => {
      const wire = '.\r\n..\r\n.leading\r\nlast\r\n.\r\n';
      const url = `${plain().url}/0/dots.txt`;
      const raw = await gopher.fetch(url, { raw: true });
      expect(await raw.text()).to.equal(wire);
      // Nobody can tell a last line of one dot from the end of a text, nor two dots from one that was doubled.
      const text = await gopher.fetch(url);
      expect(await text.text()).to.equal('.\r\n.\r\n.leading\r\nlast\r\n');
      expect(output(await netkit(['fetch', url, '--raw'])).toString()).to.equal(wire);
    });

    it('of Latin-1, guessed or told', async () => {
      const url = `gopher://localhost:${server.port('bare')}/0/gr%C3%BC%C3%9Fe.txt`;
      expect(await textOf(url, 'latin1')).to.equal(await textOf(url));
      expect(await textOf(url)).to.equal('Grüße aus einer Datei\r\n');
    });

    it('that say that a document is missing, as gophernicus does not as an error', async () => {
      const url = `${plain().url}/0/nope.txt`;
      expect(await textOf(url)).to.match(/^Error: File or directory not found!/);
    });
  });

  it('gives menus without ornaments where it is told to', async () => {
    const url = `gopher://localhost:${server.port('bare')}/1/many`;
    const entries = await all(gopher.list(url, { info: true }));
    expect(entries).to.have.length(300);
    expect(entries.at(0)).to.include({ name: 'file000.txt', path: '/0/many/file000.txt' });
  });

  it('answers what is no menu where a menu was asked for, which is a broken protocol', async () => {
    const { status } = await netkit(['list', `${plain().url}/1/nope`]);
    expect(status).to.equal(11);
  });
});

async function textOf(url: string, charset?: string): Promise<string> {
  return (await gopher.fetch(url, { charset })).text();
}

/** What a path of this server is called in a menu that names the plain port. */
function pathHere({ url }: Way, path: string): string {
  return url.startsWith('gophers:') ? `gopher://localhost:${server.port('gopher')}${path}` : path;
}

function plainEntry({ name, path, url, kind, meta }: Entry): object {
  return { name, path, url, kind, meta: { ...meta } };
}
