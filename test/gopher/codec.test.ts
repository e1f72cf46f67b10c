import { expect } from 'chai';
import fc from 'fast-check';
import { ProtocolError, UsageError } from '../../lib/core/errors.ts';
import {
  formatItem,
  formatPath,
  formatRequest,
  isMenuPath,
  parseAttributes,
  parseMenu,
  parsePath,
  parsePlusHeader,
} from '../../lib/gopher/codec.ts';

describe('a Gopher path', () => {
  const rows: [string, ReturnType<typeof parsePath>, string][] = [
    ['', { type: '1', selector: '' }, '\r\n'],
    ['/', { type: '1', selector: '' }, '\r\n'],
    ['/1', { type: '1', selector: '' }, '\r\n'],
    ['/0/about.txt', { type: '0', selector: '/about.txt' }, '/about.txt\r\n'],
    ['/0about.txt', { type: '0', selector: 'about.txt' }, 'about.txt\r\n'],
    ['/foo', { type: 'f', selector: 'oo' }, 'oo\r\n'],
    ['/11/foo', { type: '1', selector: '1/foo' }, '1/foo\r\n'],
    ['/1/a/../b/./c//d', { type: '1', selector: '/a/../b/./c//d' }, '/a/../b/./c//d\r\n'],
    ['/0/a?b', { type: '0', selector: '/a?b' }, '/a?b\r\n'],
    ['/0/a%2Fb%2520', { type: '0', selector: '/a/b%20' }, '/a/b%20\r\n'],
    ['/0/%ff', { type: '0', selector: '/\xff' }, '/\xff\r\n'],
    ['/0/ü', { type: '0', selector: '/\xc3\xbc' }, '/\xc3\xbc\r\n'],
    ['/7/find%09two%20words', { type: '7', selector: '/find', search: 'two words' }, '/find\ttwo words\r\n'],
    ['/7/find%09words%09+', { type: '7', selector: '/find', search: 'words', plus: '+' }, '/find\twords\t+\r\n'],
    // RFC 4266 2.5: without words only one TAB is sent
    ['/0/a%09%09+', { type: '0', selector: '/a', plus: '+' }, '/a\t+\r\n'],
    ['/0/a%09%09!', { type: '0', selector: '/a', plus: '!' }, '/a\t!\r\n'],
  ];
  for (const [path, request, line] of rows) {
    it(`${path || '(empty)'} asks for ${JSON.stringify(line)}`, () => {
      expect(parsePath(path)).to.deep.equal(request);
      expect(formatRequest(parsePath(path)).wire().toString('latin1')).to.equal(line);
    });
  }

  const refused = [
    '/0/x%0d%0aRCPT%20TO:x',
    '/0/x%0ay',
    '/0/x%0dy',
    '/0/x%00y',
    '/0/x\r\ny',
    '/0/x\ty',
    '/0/a%09words',
    '/7/a%09b%09c',
    '/7/a%09b%09+%09d',
    '/0/100%',
  ];
  for (const path of refused) {
    it(`is refused: ${JSON.stringify(path)}`, () => expect(() => parsePath(path)).to.throw(UsageError));
  }

  it('asks for nothing that has characters that are no octets', () => {
    expect(() => formatRequest({ type: '0', selector: 'a\u0109b' })).to.throw(UsageError);
    expect(() => formatRequest({ type: '7', selector: 'a', search: '\u010d\u010a' })).to.throw(UsageError);
    expect(() => formatRequest({ type: '0', selector: 'a', plus: '+text/plain\u0109' })).to.throw(UsageError);
  });

  it('of any type and selector leads back to it', () => {
    const octet = fc.integer({ min: 0, max: 255 }).filter((n) => ![0, 9, 10, 13].includes(n));
    const text = fc.array(octet).map((octets) => Buffer.from(octets).toString('latin1'));
    fc.assert(
      fc.property(octet, text, (type, selector) => {
        const path = formatPath(String.fromCharCode(type), selector);
        expect(parsePath(path)).to.deep.equal({ type: String.fromCharCode(type), selector });
      }),
    );
  });

  it('is a menu, or is not', () => {
    for (const path of ['/', '', '/1/x', '/7/find%09words']) expect(isMenuPath(path), path).to.equal(true);
    for (const path of ['/0/x', '/9/x', '/7/find']) expect(isMenuPath(path), path).to.equal(false);
  });
});

describe('a Gopher menu', () => {
  const read = (text: string) => parseMenu(text, 4096);

  it('has items of five fields at most', () => {
    expect(read('0About\t/about\thost\t70\t+\r\n.\r\n')).to.deep.equal({
      items: [{ type: '0', name: 'About', selector: '/about', host: 'host', port: 70, plus: '+' }],
      lines: 1,
      ended: true,
    });
  });

  it('has malformed lines, which are counted and kept', () => {
    const { items } = read('0\r\n0a\r\n0a\tb\r\n0a\tb\tc\r\n0a\tb\tc\t70\te\tf\tg\th\ti\r\n.\r\n');
    expect(items.map(({ malformed }) => malformed)).to.deep.equal(['0', '0a', '0a\tb', '0a\tb\tc', undefined]);
    expect(items[4]).to.include({ name: 'a', selector: 'b', host: 'c', port: 70, plus: 'e' });
  });

  it('refuses ports that are none', () => {
    const ports = ['0', '65536', '-1', '7e1', '0x46', '70.5', '', ' 70', '99999999999999999999'];
    const { items } = read(ports.map((port) => `1x\t/\th\t${port}\r\n`).join(''));
    expect(items.filter(({ malformed }) => malformed !== undefined)).to.have.length(ports.length);
  });

  it('takes text for people with whatever fields it has', () => {
    const { items } = read(
      'iHello\r\niHello\tfake\r\niHello\tfake\t(NULL)\t0\r\n3gone\t\terror.host\t1\r\n3gone\tfake\t(NULL)\t0\r\n',
    );
    expect(items.map(({ type, name, malformed }) => [type, name, malformed])).to.deep.equal([
      ['i', 'Hello', undefined],
      ['i', 'Hello', undefined],
      ['i', 'Hello', undefined],
      ['3', 'gone', undefined],
      ['3', 'gone', undefined],
    ]);
  });

  it('passes over empty lines, and what is behind the dot', () => {
    expect(read('\r\n\n0ok\t/\th\t70\r\n.\r\n0hidden\t/\th\t70\r\n').items.map(({ name }) => name)).to.deep.equal([
      'ok',
    ]);
  });

  it('may have bare line feeds', () => {
    expect(read('0a\t/\th\t70\n0b\t/\th\t70\n.\n')).to.have.property('ended', true);
  });

  it('is refused when a line is too long', () => {
    expect(() => read(`0${'x'.repeat(5000)}\t/\th\t70\r\n`))
      .to.throw(ProtocolError)
      .with.property('reason', 'limit');
  });

  it('counts its blank lines', () => {
    expect(read('\r\n\n0a\t/\th\t70\r\n\r\n.\r\n\r\n')).to.include({ lines: 4, ended: true });
  });

  it('gives back every line that was written', () => {
    const field = fc.string({ unit: 'binary-ascii' }).filter((text) => !/[\t\r\n\0]/.test(text));
    fc.assert(
      fc.property(field, field, field, fc.integer({ min: 1, max: 65535 }), (name, selector, host, port) => {
        const item = { type: '0', name, selector, host, port, plus: '' };
        expect(read(`${formatItem(item)}.\r\n`)).to.deep.equal({ items: [item], lines: 1, ended: true });
      }),
    );
  });

  it('throws nothing but ProtocolError, whatever comes', () => {
    const octets = fc.array(fc.constantFrom(0x09, 0x0a, 0x0d, 0x2e, 0x30, 0x37, 0x69, 0xff));
    fc.assert(
      fc.property(octets, (bytes) => {
        for (const item of read(Buffer.from(bytes).toString('latin1')).items) {
          expect(item.malformed !== undefined || item.type === 'i' || item.type === '3' || item.port > 0).to.equal(
            true,
          );
        }
      }),
    );
  });

  it('is written only with fields that are fields', () => {
    for (const name of ['a\tb', 'a\r\n0b', 'a\0']) {
      expect(() => formatItem({ type: '0', name, selector: '/', host: 'h', port: 70 })).to.throw(UsageError);
    }
  });
});

describe('Gopher+', () => {
  it('has a first line with a length', () => {
    expect(parsePlusHeader('+12')).to.deep.equal({ ok: true, length: 12 });
    expect(parsePlusHeader('+-1')).to.deep.equal({ ok: true, length: 'dot' });
    expect(parsePlusHeader('+-2')).to.deep.equal({ ok: true, length: 'end' });
    expect(parsePlusHeader('--1')).to.deep.equal({ ok: false, length: 'dot' });
    for (const line of ['', '+', '+-3', '+1e3', '+ 5', '0About', '+99999999999999999999']) {
      expect(parsePlusHeader(line), line).to.equal(undefined);
    }
  });

  it('has attributes in blocks, of which the first item counts', () => {
    const blocks = parseAttributes(
      '+INFO: 0About\t/a\th\t70\t+\r\n+ADMIN:\r\n Admin: me\r\n+VIEWS:\r\n text/plain: <1k>\r\n+INFO: 0Other\r\n',
    );
    expect([...blocks]).to.deep.equal([
      ['INFO', ['0About\t/a\th\t70\t+']],
      ['ADMIN', ['Admin: me']],
      ['VIEWS', ['text/plain: <1k>']],
    ]);
  });

  it('may name a block __proto__', () => {
    const blocks = parseAttributes('+__proto__: polluted\r\n');
    expect(blocks.get('__PROTO__')).to.deep.equal(['polluted']);
    expect(({} as Record<string, unknown>)['polluted']).to.equal(undefined);
  });
});
