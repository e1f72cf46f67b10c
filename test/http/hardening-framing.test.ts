/** Where an answer ends, and whose it is; what goes onto the wire (hardening H5, H6, H12, A1, A2, A3). */
import { expect } from 'chai';
import { NetkitError, ProtocolError, UsageError } from '../../lib/core/errors.ts';
import type { HttpClient, RequestOptions } from '../../lib/http/client.ts';
import { http } from '../../lib/http/index.ts';
import { rejection } from '../helpers.ts';
import { Peer, reply } from './peer.ts';

const OK = 'HTTP/1.1 200 OK\r\n';
const CHUNKED = `${OK}Transfer-Encoding: chunked\r\n\r\n`;

describe('an answer of which nobody can tell where it ends, or whether it is one', () => {
  const rows: [what: string, said: string][] = [
    ['two lengths (http-s23)', `${OK}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!`],
    ['a length with a sign (http-s25)', `${OK}Content-Length: +5\r\n\r\nhello`],
    ['a negative length', `${OK}Content-Length: -5\r\n\r\nhello`],
    ['a length in hexadecimal', `${OK}Content-Length: 0x5\r\n\r\nhello`],
    ['two lengths in one (http-s27)', `${OK}Content-Length: 5 5\r\n\r\nhello`],
    ['a list of lengths (http-s29)', `${OK}Content-Length: 5,5\r\n\r\nhello`],
    ['a length of too many digits (http-s31)', `${OK}Content-Length: 1000000000000000\r\n\r\nhello`],
    ['no length in the field', `${OK}Content-Length: \r\n\r\nhello`],
    ['a length and chunks', `${OK}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
    ['chunks and a length', `${OK}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n`],
    ['an unknown transfer coding (http-s40)', `${OK}Transfer-Encoding: xchunked\r\n\r\nfoo`],
    ['two transfer codings', `${OK}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`],
    ['chunks twice', `${OK}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
    ['a chunk that is too large (http-s35)', `${CHUNKED}FFFFFFFFFFFFFFFFF\r\nhello\r\n0\r\n\r\n`],
    ['a chunk of a negative size (http-s36)', `${CHUNKED}-5\r\nhello\r\n0\r\n\r\n`],
    ['a chunk size with a prefix', `${CHUNKED}0x5\r\nhello\r\n0\r\n\r\n`],
    ['a chunk without a line end behind it', `${CHUNKED}5\r\nhelloo0\r\n\r\n`],
    ['a chunk extension that ends with LF', `${CHUNKED}5;a\nhello\r\n0\r\n\r\n`],
    ['a space before the colon (http-s41)', `${OK}Content-Length : 5\r\n\r\nhello`],
    ['a line without a colon', `${OK}nocolon\r\nContent-Length: 5\r\n\r\nhello`],
    ['a folded line (http-s42)', `${OK}X: a\r\n folded\r\nContent-Length: 5\r\n\r\nhello`],
    ['a NUL in a field', `${OK}X: a\0b\r\nContent-Length: 5\r\n\r\nhello`],
    ['a bare CR in a field', `${OK}X: a\rY: b\r\nContent-Length: 5\r\n\r\nhello`],
    ['no header at all (http-s43)', 'hello without headers\r\n'],
    ['a status of two digits (http-s45)', 'HTTP/1.1 99 x\r\nContent-Length: 0\r\n\r\n'],
    ['a status of four digits', 'HTTP/1.1 1000 x\r\nContent-Length: 0\r\n\r\n'],
    ['a status in words', 'HTTP/1.1 2xx x\r\nContent-Length: 0\r\n\r\n'],
  ];
  for (const [what, said] of rows) {
    it(`is refused: ${what}`, async () => {
      await using peer = await Peer.open(() => ({ cut: said }));
      const client = await peer.client();
      const error = await rejection(async () => (await client.get('/')).bytes());
      expect(error).to.be.instanceOf(ProtocolError).with.property('reason', 'grammar');
      expect(peer.asked, 'requests').to.have.length(1);
    });
  }
});

describe('what a server says without being asked', () => {
  const evil = reply('200 OK', {}, 'EVIL').toString('latin1');

  for (const [what, said] of [
    ['behind a body (http-s33)', reply('200 OK', {}, 'hello').toString('latin1') + evil],
    ['behind chunks', `${CHUNKED}5\r\nhello\r\n0\r\n\r\n${evil}`],
  ] as const) {
    it(`answers no other request: ${what}`, async () => {
      await using peer = await Peer.open(({ target }) => (target === '/a' ? said : reply('200 OK', {}, 'hello')));
      const client = await peer.client({ maxConnections: 1 });
      expect(await (await client.get('/a')).text()).to.equal('hello');
      expect(await (await client.get('/b')).text()).to.equal('hello');
    });
  }
  it('answers no other request: behind what has no body (http-s47)', async () => {
    await using peer = await Peer.open(({ method }) =>
      method === 'HEAD' ? reply('200 OK', {}, evil) : reply('200 OK', {}, 'hello'),
    );
    const client = await peer.client({ maxConnections: 1 });
    expect(await (await client.head('/')).text()).to.equal('');
    expect(await (await client.get('/')).text()).to.equal('hello');
  });
  it('answers no other request: a while later (http-s34)', async () => {
    await using peer = await Peer.open(() => reply('200 OK', {}, 'hello'));
    const client = await peer.client({ maxConnections: 1 });
    expect(await (await client.get('/')).text()).to.equal('hello');
    peer.say(evil);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await (await client.get('/')).text()).to.equal('hello');
    expect(peer.connections).to.equal(2);
  });
});

describe('what would become something else on the wire', () => {
  const ask = (method: string, path: string, options?: RequestOptions) => (client: HttpClient) =>
    client.request(method, path, options);
  const LINE = 'a\r\nX-Evil: 1';
  const rows: [what: string, work: (client: HttpClient) => Promise<unknown>][] = [
    ['a header value with a line end (http-i01)', ask('GET', '/', { headers: { 'X-A': LINE } })],
    ['a header name with a line end (http-i02)', ask('GET', '/', { headers: { [LINE]: 'a' } })],
    ['a method with a line end (http-i03)', ask('GET / HTTP/1.1\r\nX-Evil: 1\r\nX:', '/')],
    ['a method with a space', ask('GET /x', '/')],
    ['a path with a line end (http-i04)', ask('GET', `/${LINE}`)],
    ['a path with TAB and LF (http-i05)', ask('GET', '/a\n\tb')],
    ['a path with a space', ask('GET', '/ HTTP/1.1')],
    ['a path that becomes a line end in Latin-1 (http-i07)', ask('GET', '/', { headers: { 'X-A': 'b\u010d\u010aX' } })],
    ['an upgrade (http-i08)', ask('GET', '/', { headers: { Upgrade: 'x\r\nX-Evil: 1' } })],
    ['framing by the caller', ask('POST', '/', { body: 'a', headers: { 'Transfer-Encoding': 'chunked' } })],
    ['a length that is none', ask('POST', '/', { body: 'a', headers: { 'Content-Length': '1, 2' } })],
    ['a length that is not that of the body', ask('POST', '/', { body: 'a', headers: { 'Content-Length': '2' } })],
    ['a host with a line end (http-i11)', ask('GET', '/', { headers: { Host: LINE } })],
    ['two hosts', ask('GET', '/', { headers: { Host: ['a', 'b'] } })],
    ['a type with a line end', ask('POST', '/', { body: 'a', type: `text/plain;${LINE}` })],
    ['a cookie with a line end (http-i10)', ask('GET', '/', { headers: { Cookie: `a=${LINE}` } })],
    ['an entity tag with a line end', ask('GET', '/', { ifNoneMatch: `"${LINE}"` })],
    ['a tunnel', ask('CONNECT', '/')],
    ['a URL of another origin', ask('GET', 'http://127.0.0.2/')],
  ];
  for (const [what, work] of rows) {
    it(`is refused before a word of it is said: ${what}`, async () => {
      await using peer = await Peer.open(() => reply('200 OK', {}));
      const client = await peer.client();
      expect(await rejection(work(client))).to.be.instanceOf(UsageError);
      expect(peer.asked).to.have.length(0);
    });
  }

  it('is no path that begins with two slashes: that names no other server (http-i13)', async () => {
    await using peer = await Peer.open(() => reply('200 OK', {}));
    const client = await peer.client();
    await (await client.get('//127.0.0.2:1/x')).text();
    expect(peer.asked.map(({ target }) => target)).to.deep.equal(['//127.0.0.2:1/x']);
  });

  it('is no URL with control characters (http-i05, http-i06)', async () => {
    for (const url of ['http://127.0.0.1/a\n\tb', 'http://127.0.0.1\t/', 'http://127.0.0.1%2f@evil.example/'])
      expect(await rejection(http.fetch(url))).to.be.instanceOf(NetkitError);
  });
});
