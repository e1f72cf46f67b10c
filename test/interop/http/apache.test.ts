/** Our client against Apache: directly, with TLS, by HTTP/2, and through real proxies. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import type { HttpClient, HttpConnectOptions } from '../../../lib/http/client.ts';
import { HttpError } from '../../../lib/http/resource.ts';
import { http, TimeoutError } from '../../../lib/index.ts';
import { rejection } from '../../helpers.ts';
import { type Peer, start } from '../start.ts';
import { askedOf, logged, manifestOf, type Seeded, sha256 } from './client.ts';

interface Way {
  readonly url: string;
  readonly options: HttpConnectOptions;
}

let server: Peer;
let proxy: Peer;
let socks: Peer;
let ca: string;
let manifest: Readonly<Record<string, Seeded>>;

const plain = (): Way => ({ url: `http://localhost:${server.port('http')}`, options: {} });
const secured = (): Way => ({ url: `https://localhost:${server.port('https')}`, options: { tls: { ca } } });
const through = ({ url, options }: Way, by: string): Way => ({ url, options: { ...options, proxy: by } });
const open = (): string => `http://127.0.0.1:${proxy.port('open')}`;
const closed = (): string =>
  `http://${proxy.get('user')}:${encodeURIComponent(proxy.get('password'))}@127.0.0.1:${proxy.port('closed')}`;

const WAYS: Readonly<Record<string, () => Way>> = {
  plainly: plain,
  'with TLS': secured,
  'by HTTP/2': () => ({ ...secured(), options: { ...secured().options, http2: true } }),
  'where every answer ends the connection': () => ({ ...plain(), url: `http://localhost:${server.port('closing')}` }),
  'through a proxy that is told whole URLs': () => through(plain(), open()),
  'through a proxy with a password': () => through(plain(), closed()),
  'with TLS through a proxy': () => through(secured(), closed()),
  'by HTTP/2 through a proxy': () => through({ ...secured(), options: { ...secured().options, http2: true } }, open()),
  'through a SOCKS5 proxy': () => through(plain(), `socks5h://127.0.0.1:${socks.port('open')}`),
};

describe('Apache', () => {
  before(async () => {
    [server, proxy, socks] = await Promise.all([start('apache2'), start('tinyproxy'), start('microsocks')]);
    ca = await readFile(server.get('ca'), 'utf8');
    manifest = await manifestOf(server);
  });

  after(async () => {
    await Promise.all([server, proxy, socks].map((peer) => peer?.close()));
  });

  for (const [name, wayTo] of Object.entries(WAYS)) {
    describe(name, () => {
      const version = name.includes('HTTP/2') ? '2' : '1.1';
      let client: HttpClient;

      before(async () => {
        const { url, options } = wayTo();
        client = await http.connect(url, options);
      });

      after(async () => {
        await client?.close();
      });

      it('gives every file with the octets that were put there', async () => {
        for (const path of ['/index.html', '/empty.txt', '/all.bin', '/long.txt', '/data.json', '/large.bin']) {
          const answer = await client.fetch(path);
          expect(answer).to.include({ status: 200, version });
          const hash = createHash('sha256');
          let size = 0;
          for await (const chunk of answer) {
            hash.update(chunk);
            size += chunk.length;
          }
          expect(answer.complete, path).to.equal(true);
          expect({ size, sha256: hash.digest('hex') }, path).to.deep.equal(manifest[path]);
        }
      });

      it('says how large a file is, and of when', async () => {
        const entry = await client.info('/large.bin');
        expect(entry).to.deep.include({ name: 'large.bin', size: 64 * 1024 * 1024, kind: 'item' });
        expect(entry.modified?.toISOString()).to.equal('2024-01-01T10:00:00.000Z');
        expect(entry.meta).to.include({ 'accept-ranges': 'bytes' });
      });

      it('gives names with spaces and umlauts, and texts in their character sets', async () => {
        expect(await (await client.fetch('/name%20with%20spaces.txt')).text()).to.equal('spaces\n');
        expect(await (await client.fetch('/grüße.txt')).text()).to.equal('a name in UTF-8\n');
        expect(await (await client.fetch('/utf8.txt')).text()).to.equal('Grüße, 日本語, Ελληνικά\n');
        expect(await (await client.fetch('/old.latin1')).text()).to.equal('Grüße\n');
        const json = await client.fetch('/data.json');
        expect(await json.json()).to.deep.equal({ list: [1, 2.5, null], text: 'Grüße' });
      });

      it('is sent what we have, in one piece and in chunks', async () => {
        const octets = Buffer.alloc(300_000, 'a body with \r\n and \0 ');
        const whole = await askedOf(await client.post('/cgi-bin/echo?a=b', { body: octets, type: 'text/x-own' }));
        expect(whole).to.include({ method: 'POST', target: '/cgi-bin/echo?a=b', type: 'text/x-own', length: '300000' });
        expect(whole).to.include({ size: octets.length, sha256: sha256(octets) });
        const stream = async function* (): AsyncGenerator<Buffer> {
          for (let at = 0; at < octets.length; at += 70_000) yield octets.subarray(at, at + 70_000);
        };
        const chunked = await askedOf(await client.put('/cgi-bin/echo', { body: stream() }));
        expect(chunked).to.include({ method: 'PUT', size: octets.length, sha256: sha256(octets) });
      });

      it('is sent forms and JSON', async () => {
        const form = await askedOf(await client.post('/cgi-bin/echo', { form: { name: 'Grüße & mehr', n: 1 } }));
        expect(form).to.include({
          type: 'application/x-www-form-urlencoded',
          text: 'name=Gr%C3%BC%C3%9Fe+%26+mehr&n=1',
        });
        const json = await askedOf(await client.post('/cgi-bin/echo', { json: { a: [1, 'x'] }, query: { q: 'a b' } }));
        expect(json).to.include({ type: 'application/json', text: '{"a":[1,"x"]}', target: '/cgi-bin/echo?q=a+b' });
      });

      it('says no, with a reason that can be read', async () => {
        const error = await rejection(client.fetch('/nobody'));
        expect(error).to.be.instanceOf(HttpError).and.include({ status: 404, reason: 'missing' });
        if (!(error instanceof HttpError)) return;
        expect(await error.response.text()).to.include('The requested URL was not found on this server.');
        for (const [status, reason] of Object.entries({ 403: 'denied', 410: 'missing', 418: 'refused', 503: 'busy' })) {
          const failed = await rejection(client.post(`/cgi-bin/status?${status}`, { body: Buffer.from('x') }));
          expect(failed)
            .to.be.instanceOf(HttpError)
            .and.include({ status: Number(status), reason });
          if (failed instanceof HttpError) expect(await failed.response.text()).to.equal(`status ${status}\n`);
        }
        const returned = await client.fetch('/gone', { failing: 'return' });
        expect(returned.status).to.equal(410);
        expect(await returned.text()).to.include('no longer available');
      });

      it('speaks slowly, and what comes is given at once', async () => {
        const began = performance.now();
        const answer = await client.fetch('/cgi-bin/slowly?5');
        const arrived: number[] = [];
        const lines: string[] = [];
        for await (const line of answer.lines()) {
          lines.push(line);
          arrived.push(performance.now() - began);
        }
        expect(lines).to.deep.equal(['line 0', 'line 1', 'line 2', 'line 3', 'line 4']);
        expect((arrived.at(-1) ?? 0) - (arrived[0] ?? 0)).to.be.greaterThan(200);
      });
    });
  }

  it('keeps its connections for many requests, and as many as are allowed for those at once', async () => {
    const { url } = plain();
    await using client = await http.connect(url);
    for (let i = 0; i < 10; i++) await (await client.fetch('/text.txt?one')).bytes();
    // the next request may not wait until the last connection is known to stay
    expect(connections(await logged(server, /\?one/, 10))).to.be.at.most(2);
    await using few = await http.connect(url, { maxConnections: 3 });
    await Promise.all(Array.from({ length: 30 }, async () => (await few.fetch('/text.txt?three')).bytes()));
    expect(connections(await logged(server, /\?three/, 30))).to.equal(3);
  });

  for (const [name, wayTo] of Object.entries({ plainly: plain, 'with TLS': secured, 'by HTTP/2': WAYS['by HTTP/2'] })) {
    it(`answers 500 requests that come at once, ${name}`, async () => {
      const warnings: Error[] = [];
      const warned = (warning: Error): void => void warnings.push(warning);
      process.on('warning', warned);
      const { url, options } = wayTo?.() ?? plain();
      await using client = await http.connect(url, options);
      const texts = await Promise.all(
        Array.from({ length: 500 }, async (_, i) => {
          const path = `/many/${`${i}`.padStart(3, '0')}.txt?${name.replaceAll(/[^a-z]/gi, '')}`;
          return (await client.fetch(path)).text();
        }),
      );
      process.off('warning', warned);
      expect(texts).to.deep.equal(Array.from({ length: 500 }, (_, i) => `file ${i}\n`));
      expect(warnings).to.deep.equal([]);
    });
  }

  it('answered many at once over one connection of HTTP/2', async () => {
    expect(connections(await logged(server, /\?byHTTP/, 500))).to.equal(1);
  });

  it('is left alone by a request that nobody waits for any longer', async () => {
    const { url } = plain();
    await using client = await http.connect(url, { timeouts: { idle: 300 } });
    expect(await rejection(client.fetch('/cgi-bin/silent'))).to.be.instanceOf(TimeoutError);
    const reason = new Error('enough');
    const controller = new AbortController();
    const answer = await client.fetch('/cgi-bin/slowly?50', { signal: controller.signal });
    const read = async (): Promise<void> => {
      for await (const chunk of answer) if (chunk.length > 0) controller.abort(reason);
    };
    expect(await rejection(read())).to.equal(reason);
    const total = { timeouts: { total: 300 } };
    const late = rejection(async () => (await client.fetch('/cgi-bin/slowly?50', total)).bytes());
    expect(await late).to.be.instanceOf(TimeoutError);
    expect(await (await client.fetch('/text.txt')).text()).to.include('plain text');
  });

  it('is refused with TLS where nobody vouches for it, and where it is somebody else or over', async () => {
    const tls = { ca };
    for (const [port, options] of [
      ['https', {}],
      ['expired', { tls }],
      ['wronghost', { tls }],
    ] as const) {
      await using client = await http.connect(`https://localhost:${server.port(port)}`, options);
      const error = await rejection(client.fetch('/'));
      expect(error, port).to.have.property('phase', 'tls');
    }
  });

  it('wants a certificate of ours where it says so', async () => {
    const url = `https://localhost:${server.port('certified')}`;
    await using nobody = await http.connect(url, { tls: { ca } });
    expect(await rejection(nobody.fetch('/'))).to.be.instanceOf(Error);
    const [cert, key] = await Promise.all([readFile(server.get('cert')), readFile(server.get('key'))]);
    await using alice = await http.connect(url, { tls: { ca, cert, key } });
    expect(await askedOf(await alice.fetch('/cgi-bin/echo'))).to.include({ subject: 'alice' });
  });

  it('gives a text until it closes, where a program writes its own header', async () => {
    const { url } = plain();
    await using client = await http.connect(url);
    const answer = await client.fetch('/cgi-bin/nph-own');
    expect(answer).to.include({ status: 299, reason: 'My Own' });
    expect(await answer.text()).to.equal('until it closes\n');
    expect(answer.complete).to.equal('unknown');
  });

  it('takes files, gives them back, and removes them', async () => {
    for (const { url, options } of [plain(), secured(), WAYS['by HTTP/2']?.() ?? plain()]) {
      await using client = await http.connect(url, options);
      const octets = Buffer.alloc(100_000, 'DAV\r\n');
      await client.send('/dav/a%20file', octets, { method: 'PUT' });
      expect(sha256(await (await client.fetch('/dav/a%20file')).bytes())).to.equal(sha256(octets));
      await client.remove('/dav/a%20file');
      expect(await rejection(client.fetch('/dav/a%20file'))).to.include({ reason: 'missing' });
      const answer = await client.options('/dav/');
      expect(answer.headers.get('dav')).to.match(/^1,2/);
      await answer.close();
    }
  });

  it('answers a check', async () => {
    const { url, options } = WAYS['by HTTP/2']?.() ?? plain();
    await using client = await http.connect(url, options);
    const report = await client.check();
    expect(report).to.include({ version: '2', status: 200, secure: true });
    expect(String(report['server'])).to.match(/^Apache/);
  });

  it('is asked for a program that fails', async () => {
    const { url } = plain();
    await using client = await http.connect(url, { retries: { max: 2, delay: 1, maxDelay: 1_500 } });
    const began = performance.now();
    const error = await rejection(client.fetch('/cgi-bin/status?503'));
    expect(error).to.be.instanceOf(HttpError).and.include({ status: 503, temporary: true });
    // it wants a second between
    expect(performance.now() - began).to.be.greaterThan(1_900);
    expect(await logged(server, /status\?503$/, 3)).to.have.length.of.at.least(3);
  });

  describe('afterwards', () => {
    it('was spoken to as was agreed', async () => {
      const protocols = (await logged(server, /^\/all\.bin$/)).map(({ connection, protocol }) =>
        [connection.startsWith(`${server.port('https')}-`) ? 'https' : 'http', protocol].join(' '),
      );
      expect(new Set(protocols)).to.deep.equal(new Set(['http HTTP/1.1', 'https HTTP/1.1', 'https HTTP/2.0']));
    });
  });
});

function connections(entries: readonly { readonly connection: string }[]): number {
  return new Set(entries.map(({ connection }) => connection)).size;
}
