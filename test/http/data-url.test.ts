import { expect } from 'chai';
import { UsageError } from '../../lib/core/errors.ts';
import { dataResource, parseDataUrl } from '../../lib/http/data-url.ts';

describe('a data: URL (UR-18)', () => {
  const read: [url: string, type: string, charset: string | undefined, octets: string][] = [
    // RFC 2397 4
    ['data:,A%20brief%20note', 'text/plain', 'us-ascii', 'A brief note'],
    ['data:text/plain;charset=iso-8859-7,%be%fe%be', 'text/plain', 'iso-8859-7', '\xbe\xfe\xbe'],
    ['data:image/gif;base64,R0lGODdh', 'image/gif', undefined, 'GIF87a'],
    ['DATA:TEXT/HTML;Charset="UTF-8",%3cp%3e', 'text/html', 'utf-8', '<p>'],
    ['data:;charset=utf-8,%C3%A9', 'text/plain', 'utf-8', '\xc3\xa9'],
    ['data:;base64,YQ==', 'text/plain', 'us-ascii', 'a'],
    ['data:;base64,YQ', 'text/plain', 'us-ascii', 'a'],
    ['data:;BASE64,YWI%3D', 'text/plain', 'us-ascii', 'ab'],
    ['data:;base64,Y%0AW%20Jj', 'text/plain', 'us-ascii', 'abc'],
    ['data:a/b;c=d;base64,', 'a/b', undefined, ''],
    ['data:base64,YQ==', 'application/octet-stream', undefined, 'YQ=='],
    ['data:,a,b;c', 'text/plain', 'us-ascii', 'a,b;c'],
    ['data:,a#b', 'text/plain', 'us-ascii', 'a'],
    ['data:,a?b', 'text/plain', 'us-ascii', 'a?b'],
    ['data:,', 'text/plain', 'us-ascii', ''],
    ['data:,a+b', 'text/plain', 'us-ascii', 'a+b'],
  ];
  for (const [url, type, charset, octets] of read) {
    it(`is read: ${url}`, () => {
      const data = parseDataUrl(url);
      expect({ type: data.type, charset: data.charset, octets: data.octets.toString('latin1') }).to.deep.equal({
        type,
        charset,
        octets,
      });
    });
  }

  it('keeps the parameters of its type', () => {
    expect([...parseDataUrl('data:a/b;c=%22d%22;e=f,').parameters]).to.deep.equal([
      ['c', 'd'],
      ['e', 'f'],
    ]);
  });

  const refused = [
    'data:',
    'data:text/plain',
    'data:text/plain#,a',
    'http://a/,b',
    'data:,a b',
    'data:,a\nb',
    'data:,a\tb',
    'data:,%',
    'data:,%zz',
    'data:;base64,Y',
    'data:;base64,YQ=',
    'data:;base64,YQ===',
    'data:;base64,Y=Q=',
    'data:;base64,Y_-Q',
    'data:;base64,é',
    'data:%ff,a',
  ];
  for (const url of refused) {
    it(`is not ${JSON.stringify(url)}`, () => {
      expect(() => parseDataUrl(url)).to.throw(UsageError);
    });
  }

  it('has at most as many octets as you say', () => {
    expect(parseDataUrl('data:,abc', 3).octets).to.have.length(3);
    expect(parseDataUrl('data:,%61%62%63', 3).octets).to.have.length(3);
    expect(() => parseDataUrl('data:,abcd', 3)).to.throw(UsageError);
    expect(() => parseDataUrl(`data:,${'%61'.repeat(9)}`, 3)).to.throw(UsageError);
  });

  it('is fetched as a Resource, in its character set', async () => {
    const resource = dataResource('data:text/plain;charset=iso-8859-7,%e1%e2');
    expect([resource.type, resource.size, resource.complete]).to.deep.equal(['text/plain', 2, false]);
    expect(await resource.text()).to.equal('αβ');
    expect(resource.complete).to.equal(true);
    expect(await dataResource('data:text/plain;charset=cp437,%80').text()).to.equal('Ç');
    expect(await dataResource('data:,').bytes()).to.have.length(0);
    expect(await dataResource('data:text/html,%C3%A9').text()).to.equal('é');
  });
});
