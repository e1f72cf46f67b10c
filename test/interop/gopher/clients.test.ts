/** The clients of others against our server, in this process and as `netkit gopher serve`. */
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { GopherMockServer } from '../../../lib/gopher/mock-server.ts';
import { gopher } from '../../../lib/index.ts';
import { curl, inFolder, netkitServe, output, type Running, run } from '../run.ts';

const TEXT = 'About this server.\r\n.a line with a dot\r\nGrüße\r\n';
const BINARY = randomBytes(300_000);

async function lynx(...args: string[]): Promise<Buffer> {
  return output(await run('lynx', ['-cfg=/dev/null', '-assume_charset=utf-8', '-display_charset=utf-8', ...args]));
}

async function w3m(...args: string[]): Promise<Buffer> {
  return inHome((HOME) => run('w3m', ['-no-cookie', '-I', 'UTF-8', '-O', 'UTF-8', ...args], { env: { HOME } }));
}

/** w3m wants a home to write in. */
async function inHome(work: (home: string) => ReturnType<typeof run>): Promise<Buffer> {
  let printed: Buffer = Buffer.alloc(0);
  await inFolder(async (home) => {
    printed = output(await work(home));
  });
  return printed;
}

/** What every client must get, wherever the server runs. `url` has no path. */
function servesOthers(url: () => string): void {
  describe('curl', () => {
    it('fetches the menu', async () => {
      const menu = output(await curl(`${url()}/`)).toString();
      const port = new URL(url()).port;
      expect(menu).to.match(/^iWelcome\t/);
      expect(menu).to.include(`\r\n0About\t/about.txt\t127.0.0.1\t${port}\r\n`);
      expect(menu.endsWith('\r\n.\r\n')).to.equal(true);
    });

    it('fetches a text, which ends with a dot and has its dots doubled', async () => {
      const expected = TEXT.replace('\r\n.', '\r\n..');
      expect(output(await curl(`${url()}/0/about.txt`)).toString()).to.equal(`${expected}.\r\n`);
    });

    it('fetches a binary', async () => {
      expect(output(await curl(`${url()}/9/data.bin`)).equals(BINARY)).to.equal(true);
    });

    it('is told what is missing', async () => {
      expect(output(await curl(`${url()}/0/nope`)).toString()).to.match(/^3.*nope.* is not here\t.*\r\n\.\r\n$/);
    });
  });

  describe('lynx', () => {
    it('shows the menu, and what it links to', async () => {
      const menu = (await lynx('-dump', `${url()}/`)).toString();
      expect(menu).to.include('Welcome').and.include('About');
      expect(menu).to.include(`${url()}/0/about.txt`);
    });

    it('shows a text', async () => {
      const text = (await lynx('-dump', `${url()}/0/about.txt`)).toString();
      expect(text).to.include('About this server.').and.include('.a line with a dot').and.include('Grüße');
    });

    it('fetches a binary', async () => {
      expect((await lynx('-source', `${url()}/9/data.bin`)).equals(BINARY)).to.equal(true);
    });
  });

  describe('w3m', () => {
    it('shows the menu', async () => {
      const menu = (await w3m('-dump', `${url()}/`)).toString();
      expect(menu).to.include('Welcome').and.include('About');
    });

    it('shows a text', async () => {
      expect((await w3m('-dump', `${url()}/0/about.txt`)).toString()).to.include('About this server.');
    });
  });
}

describe('our Gopher server', () => {
  let server: GopherMockServer;
  const fixture = {
    '': {
      menu: [
        'Welcome',
        { type: '0', name: 'About', selector: '/about.txt' },
        { type: '9', name: 'Data', selector: '/data.bin' },
        { type: '7', name: 'Search', selector: '/search' },
      ],
    },
    '/about.txt': TEXT,
    '/data.bin': BINARY,
    '/search': (words: string) => ({
      menu: [`You searched for ${words}`, { type: '0', name: 'About', selector: '/about.txt' }],
    }),
  };

  before(async () => {
    server = await gopher.mock(fixture);
  });

  after(async () => {
    await server?.close();
  });

  servesOthers(() => server.url);

  it('answers a search of curl', async () => {
    const found = output(await curl(`${server.url}/7/search%09two%20words`)).toString();
    expect(found).to.match(/^iYou searched for two words\t.*\r\n0About\t/);
  });

  it('answers a search of lynx', async () => {
    expect((await lynx('-dump', `${server.url}/7/search?words`)).toString()).to.include('You searched for words');
  });

  describe('with TLS', () => {
    let secured: GopherMockServer;
    let folder: string;
    let ca: string;

    before(async () => {
      secured = await gopher.mock(fixture, { tls: 'implicit' });
      folder = await mkdtemp(join(tmpdir(), 'netkit-interop-'));
      ca = join(folder, 'ca.pem');
      await writeFile(ca, secured.ca ?? '');
    });

    after(async () => {
      await secured?.close();
      if (folder) await rm(folder, { recursive: true });
    });

    it('serves curl, which verifies it by address and by name', async () => {
      const text = output(await curl('--cacert', ca, `${secured.url}/9/data.bin`));
      expect(text.equals(BINARY)).to.equal(true);
      output(await curl('--cacert', ca, `${secured.url.replace('127.0.0.1', 'localhost')}/0/about.txt`));
    });

    it('is refused by curl when nobody vouches for it', async () => {
      const { status, stdout } = await curl(`${secured.url}/0/about.txt`);
      expect(status).to.equal(60); // the peer's certificate cannot be authenticated
      expect(stdout).to.have.length(0);
    });
  });
});

describe('netkit gopher serve', () => {
  let folder: string;
  let serving: Running;
  let url: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'netkit-interop-'));
    await writeFile(join(folder, 'about.txt'), TEXT);
    await writeFile(join(folder, 'data.bin'), BINARY);
    await mkdir(join(folder, 'more'));
    await writeFile(join(folder, 'more', 'name with spaces.txt'), 'spaces\n');
    await writeFile(join(folder, 'gophermap'), 'Welcome\n0About\t/about.txt\n9Data\tdata.bin\n1More\tmore\n');
    serving = netkitServe(['gopher', 'serve', folder, '--json']);
    ({ url } = JSON.parse(await serving.firstLine));
  });

  after(async () => {
    serving?.kill('SIGKILL');
    if (folder) await rm(folder, { recursive: true });
  });

  servesOthers(() => url);

  it('serves the folders in the folder', async () => {
    const menu = output(await curl(`${url}/1/more`)).toString();
    expect(menu).to.include('0name with spaces.txt\t/more/name with spaces.txt\t');
    expect(output(await curl(`${url}/0/more/name%20with%20spaces.txt`)).toString()).to.equal('spaces\r\n.\r\n');
  });

  it('serves nothing outside of it', async () => {
    const outside = output(await curl('--path-as-is', `${url}/0/../../../../../../etc/passwd`)).toString();
    expect(outside).to.match(/^3/).and.not.include('root:');
  });

  it('serves what has been written since', async () => {
    await writeFile(join(folder, 'new.txt'), 'new\n');
    expect(output(await curl(`${url}/0/new.txt`)).toString()).to.equal('new\r\n.\r\n');
  });

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    it(`ends cleanly on ${signal}, also in the middle of an answer`, async () => {
      await writeFile(join(folder, 'large.bin'), Buffer.alloc(64 * 1024 * 1024));
      const other = netkitServe(['gopher', 'serve', folder, '--json']);
      const { url: there } = JSON.parse(await other.firstLine);
      const slow = curl('--limit-rate', '100k', '--output', '/dev/null', `${there}/9/large.bin`);
      output(await curl(`${there}/0/about.txt`));
      other.kill(signal);
      const { status, stdout, stderr } = await other.ended;
      expect({ status, lines: stdout.toString().split('\n').length, stderr }).to.deep.equal({
        status: 0,
        lines: 2,
        stderr: '',
      });
      await slow;
      expect((await curl(`${there}/`)).status).to.equal(7); // nobody listens any more
    });
  }
});
