import { expect } from 'chai';
import { ProtocolError, UsageError } from '../../lib/core/errors.ts';
import type { RequestOptions } from '../../lib/http/client.ts';
import { rejection } from '../helpers.ts';
import { Peer, reply } from './peer.ts';

const DATE = new Date('1994-11-06T08:49:37Z');
const WRITTEN = 'Sun, 06 Nov 1994 08:49:37 GMT';

describe('a request under conditions', () => {
  const sent: [what: string, options: RequestOptions, name: string, value: string][] = [
    ['none of a tag', { ifNoneMatch: '"a"' }, 'if-none-match', '"a"'],
    ['none of several tags', { ifNoneMatch: ['"a"', 'W/"b,c"'] }, 'if-none-match', '"a", W/"b,c"'],
    ['nothing there', { ifNoneMatch: '*' }, 'if-none-match', '*'],
    ['one of a tag', { ifMatch: ['"a"'] }, 'if-match', '"a"'],
    ['changed since', { ifModifiedSince: DATE }, 'if-modified-since', WRITTEN],
    ['unchanged since', { ifUnmodifiedSince: DATE }, 'if-unmodified-since', WRITTEN],
    ['a range', { range: { first: 5, last: 9 } }, 'range', 'bytes=5-9'],
    ['the rest', { range: { first: 5 } }, 'range', 'bytes=5-'],
    ['the end', { range: { suffix: 5 } }, 'range', 'bytes=-5'],
    ['a range of the same version', { range: { first: 0 }, ifRange: '"a"' }, 'if-range', '"a"'],
    ['a range of the same date', { range: { first: 0 }, ifRange: DATE }, 'if-range', WRITTEN],
  ];
  for (const [what, options, name, value] of sent) {
    it(`says ${what}`, async () => {
      await using peer = await Peer.open(() => reply('200 OK', {}));
      await (await (await peer.client()).get('/', options)).close();
      expect(peer.asked[0]?.headers.get(name)).to.equal(value);
    });
  }

  const wrong: [what: string, options: RequestOptions][] = [
    ['a tag without quotes', { ifNoneMatch: 'a' }],
    ['no tag at all', { ifMatch: [] }],
    ['a line end', { ifMatch: '"a\r\nX: y"' }],
    ['a weak tag for a range', { range: { first: 0 }, ifRange: 'W/"a"' }],
    ['no date', { ifModifiedSince: new Date(Number.NaN) }],
    ['a range that ends before it begins', { range: { first: 2, last: 1 } }],
    ['a range that is none', { range: { first: -1 } }],
    ['the same twice', { ifMatch: '*', headers: { 'if-match': '*' } }],
  ];
  for (const [what, options] of wrong) {
    it(`refuses ${what}`, async () => {
      await using peer = await Peer.open(() => reply('200 OK', {}));
      expect(await rejection((await peer.client()).get('/', options))).to.be.instanceOf(UsageError);
      expect(peer.asked).to.have.length(0);
    });
  }

  it('is answered with 304, which is no error and has no body', async () => {
    const headers = { ETag: '"a"', 'Last-Modified': WRITTEN };
    await using peer = await Peer.open(({ headers: asked }) =>
      asked.has('if-none-match')
        ? 'HTTP/1.1 304 Same\r\nETag: "a"\r\nContent-Length: 9\r\n\r\n'
        : reply('200 OK', headers, 'x'),
    );
    const client = await peer.client();
    const first = await client.get('/');
    await first.close();
    expect([first.notModified, first.etag, first.modified]).to.deep.equal([false, '"a"', DATE]);
    const second = await client.get('/', { ifNoneMatch: first.etag });
    expect([second.notModified, second.status, await second.text()]).to.deep.equal([true, 304, '']);
  });
});

describe('a part of a body', () => {
  const right: [what: string, options: RequestOptions, range: string, body: string][] = [
    ['from the middle', { range: { first: 2, last: 3 } }, 'bytes 2-3/5', 'll'],
    ['less than was asked for', { range: { first: 2, last: 9 } }, 'bytes 2-2/5', 'l'],
    ['to the end', { range: { first: 3 } }, 'bytes 3-4/5', 'lo'],
    ['of something whose size nobody knows', { range: { first: 3 } }, 'bytes 3-4/*', 'lo'],
    ['from the end', { range: { suffix: 2 } }, 'bytes 3-4/5', 'lo'],
    ['that is all of it', { range: { suffix: 9 } }, 'bytes 0-4/5', 'hello'],
    ['by a field of the caller', { headers: { Range: 'bytes=1-1' } }, 'bytes 1-1/5', 'e'],
  ];
  for (const [what, options, range, body] of right) {
    it(`is given: ${what}`, async () => {
      await using peer = await Peer.open(() => reply('206 Part', { 'Content-Range': range }, body));
      const answer = await (await peer.client()).get('/', options);
      const [, first, last, size] = /(\d+)-(\d+)\/(\d+|\*)/.exec(range) ?? [];
      expect(answer.part).to.deep.equal({
        first: Number(first),
        last: Number(last),
        size: size === '*' ? undefined : Number(size),
      });
      expect(await answer.text()).to.equal(body);
    });
  }

  it('may be all of it, and is several where several are asked for', async () => {
    await using peer = await Peer.open((_, count) =>
      count === 1
        ? reply('200 OK', {}, 'hello')
        : reply('206 Part', { 'Content-Type': 'multipart/byteranges; boundary=b' }, '--b'),
    );
    const client = await peer.client();
    const answer = await client.get('/', { range: { first: 1 } });
    expect([answer.status, answer.part, await answer.text()]).to.deep.equal([200, undefined, 'hello']);
    const several = await client.get('/', { headers: { Range: 'bytes=0-0, 2-2' } });
    expect(await several.text()).to.equal('--b');
  });

  const two = { range: { first: 2, last: 3 } };
  const wrong: [what: string, options: RequestOptions, headers: Readonly<Record<string, string>>, reason: string][] = [
    ['nobody asked for', {}, { 'Content-Range': 'bytes 0-1/5' }, 'grammar'],
    ['that does not say which', two, {}, 'grammar'],
    ['that is not of octets', two, { 'Content-Range': 'lines 2-3/5' }, 'grammar'],
    ['in several pieces', two, { 'Content-Type': 'multipart/byteranges; boundary=b' }, 'grammar'],
    ['from another octet on', two, { 'Content-Range': 'bytes 1-2/5' }, 'integrity'],
    ['that goes on too long', { range: { first: 2, last: 2 } }, { 'Content-Range': 'bytes 2-3/5' }, 'integrity'],
    ['that is not as long as it says', two, { 'Content-Range': 'bytes 2-2/5' }, 'integrity'],
    ['from another end', { range: { suffix: 2 } }, { 'Content-Range': 'bytes 2-3/5' }, 'integrity'],
    ['of another version', { ...two, ifRange: '"a"' }, { 'Content-Range': 'bytes 2-3/5', ETag: '"b"' }, 'integrity'],
    [
      'of a version that is only alike',
      { ...two, ifRange: '"a"' },
      { 'Content-Range': 'bytes 2-3/5', ETag: 'W/"a"' },
      'integrity',
    ],
  ];
  for (const [what, options, headers, reason] of wrong) {
    it(`is refused: ${what}`, async () => {
      await using peer = await Peer.open(() => reply('206 Part', headers, 'll'));
      const error = await rejection((await peer.client()).get('/', options));
      expect(error).to.be.instanceOf(ProtocolError).with.property('reason', reason);
    });
  }
});
