import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { ProtocolError, UsageError } from '../../lib/core/errors.ts';
import { xmlText } from '../../lib/http/xmlrpc/encoding.ts';
import {
  DateTime,
  Double,
  formatCall,
  formatFault,
  formatResponse,
  parseCall,
  parseResponse,
  type Sendable,
  XmlRpcClient,
  XmlRpcDispatcher,
  XmlRpcFault,
  type XmlRpcValue,
  xmlRpcHandler,
} from '../../lib/http/xmlrpc/index.ts';

const answer = (value: string): string =>
  `<?xml version="1.0"?><methodResponse><params><param>${value}</param></params></methodResponse>`;
const read = (value: string): XmlRpcValue => parseResponse(answer(`<value>${value}</value>`));
const there = (value: Sendable): XmlRpcValue => parseResponse(formatResponse(value).toString());

describe('XML-RPC values', () => {
  const same: [string, Sendable, XmlRpcValue?][] = [
    ['a string', 'a <b> & "c" \u{1f600}'],
    ['an empty string', ''],
    ['white space', ' \t\n '],
    ['a CR, which XML would turn into LF', 'a\r\nb\rc'],
    ['the largest int', 2 ** 31 - 1],
    ['the smallest int', -(2 ** 31)],
    ['an i8', 2n ** 63n - 1n],
    ['a double', 0.1 + 0.2],
    ['a large double', 1e300],
    ['the smallest double', 5e-324],
    ['minus zero', -0],
    ['a whole double', new Double(3), 3],
    ['true', true],
    ['false', false],
    ['nil', null],
    ['octets', Uint8Array.from({ length: 256 }, (_, i) => i), Buffer.from(Array.from({ length: 256 }, (_, i) => i))],
    ['no octets', Buffer.alloc(0)],
    ['a date', new DateTime('19980717T14:08:55')],
    ['a Date', new Date('1998-07-17T14:08:55.123Z'), new DateTime('19980717T14:08:55')],
    ['an array', [1, 'two', [true, []]]],
    ['what says itself what it is', { toXmlRpc: () => ['here'] }, ['here']],
  ];
  for (const [what, value, expected] of same) {
    it(`come back as they were: ${what}`, () => {
      expect(there(value)).to.deep.equal(expected === undefined ? value : expected);
    });
  }

  it('come back as they were: a struct, its members in order, and one named __proto__', () => {
    const struct = Object.fromEntries([
      ['b', 1],
      ['a', { c: [2] }],
      ['__proto__x', 3],
    ]);
    expect(Object.entries(there(struct) as object).map(([name]) => name)).to.deep.equal(['b', 'a', '__proto__x']);
    const hostile = read('<struct><member><name>__proto__</name><value><int>1</int></value></member></struct>');
    expect(Object.entries(hostile as object)).to.deep.equal([['__proto__', 1]]);
    expect(({} as Record<string, unknown>)['polluted']).to.equal(undefined);
  });

  it('are refused before they are sent where XML-RPC has no such value', () => {
    const circle: Sendable[] = [];
    circle.push(circle);
    const endless = { toXmlRpc: (): Sendable => endless };
    const wrong: unknown[] = [
      Number.NaN,
      Infinity,
      2 ** 31,
      2n ** 63n,
      undefined,
      () => 1,
      '\0',
      '\ud800',
      circle,
      endless,
      new Date(Number.NaN),
    ];
    for (const value of wrong)
      expect(() => formatResponse(value as Sendable), String(typeof value)).to.throw(UsageError);
    expect(() => formatCall('a<b')).to.throw(UsageError);
  });

  const texts: [string, XmlRpcValue][] = [
    ['<i4>-7</i4>', -7],
    ['<int> +7\n</int>', 7],
    ['<i8>9007199254740993</i8>', 9007199254740993n],
    ['<ex:i8>1</ex:i8>', 1n],
    ['<ex:nil/>', null],
    ['no type at all', 'no type at all'],
    ['<![CDATA[a<b]]>', 'a<b'],
    ['&#65;&lt;<!-- nothing -->b', 'A<b'],
    ['<biginteger>123456789012345678901234567890</biginteger>', 123456789012345678901234567890n],
    ['<double>-1.5E+3</double>', -1500],
    ['<base64>aGFs\n bG8=</base64>', Buffer.from('hallo')],
    ['<array><data/></array>', []],
  ];
  for (const [xml, value] of texts)
    it(`are read from ${JSON.stringify(xml)}`, () => expect(read(xml)).to.deep.equal(value));

  // http-s89
  const broken = [
    '<int>5000000000</int>',
    '<int>1.5</int>',
    '<int/>',
    '<int>0x10</int>',
    '<i1>128</i1>',
    '<i8>9223372036854775808</i8>',
    '<double>Infinity</double>',
    '<double>1e999</double>',
    '<double>nan</double>',
    '<boolean>2</boolean>',
    '<base64>a</base64>',
    '<base64>aGFsbG8</base64>',
    '<base64>????</base64>',
    '<dateTime.iso8601>19980732T14:08:55</dateTime.iso8601>',
    '<dateTime.iso8601>yesterday</dateTime.iso8601>',
    '<unknown>1</unknown>',
    '<nil>1</nil>',
    '<int>1</int><int>2</int>',
    'text<int>1</int>',
    '<struct><member><value>1</value></member></struct>',
    '<array><value>1</value></array>',
    '<value>1</value>',
  ];
  for (const xml of broken) {
    it(`are refused where they are none: ${xml}`, () => expect(() => read(xml)).to.throw(ProtocolError));
  }

  it('know the moment of a date in UTC, in local time and in the zone that it says', () => {
    const moment = '1998-07-17T14:08:55.000Z';
    expect(new DateTime('19980717T14:08:55').toDate().toISOString()).to.equal(moment);
    expect(new DateTime('1998-07-17T16:08:55+0200').toDate().toISOString()).to.equal(moment);
    expect(new DateTime('19980717T14:08:55Z').toDate('local').toISOString()).to.equal(moment);
    expect(new DateTime('19980717T14:08:55').toDate('local')).to.deep.equal(new Date('1998-07-17T14:08:55'));
  });
});

describe('XML-RPC documents', () => {
  it('of calls are read: a name, and params or none', () => {
    expect(parseCall(formatCall('a.b', [1]).toString())).to.deep.equal({ method: 'a.b', params: [1] });
    expect(parseCall('<methodCall><methodName> x </methodName></methodCall>')).to.deep.equal({
      method: 'x',
      params: [],
    });
  });

  it('of faults are thrown', () => {
    const fault = formatFault(4, 'Too many parameters. \0').toString();
    expect(() => parseResponse(fault, 'x'))
      .to.throw(XmlRpcFault, 'Too many parameters. \ufffd')
      .that.includes({ faultCode: 4, reason: 'refused', command: 'x' });
  });

  it('without a value answer nil, as servers without a result do', () => {
    expect(parseResponse('<methodResponse><params/></methodResponse>')).to.equal(null);
  });

  it('with a document type are refused, whatever it says (http-s85, http-s86)', () => {
    const laughs = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>';
    for (const start of [laughs, '<!DOCTYPE x SYSTEM "file:///etc/passwd">']) {
      expect(() => parseResponse(start + answer('<value>&b;</value>').slice(21))).to.throw(
        ProtocolError,
        'document type',
      );
    }
    expect(() => read('&b;')).to.throw(ProtocolError);
    expect(() => parseResponse(`<?php x?>${answer('<value/>').slice(21)}`)).to.throw(
      ProtocolError,
      'processing instruction',
    );
  });

  it('that are too deep are refused at the depth of 64 (http-s88)', () => {
    const nested = (depth: number): string =>
      answer(`<value>${'<array><data><value>'.repeat(depth)}${'</value></data></array>'.repeat(depth)}</value>`);
    expect(parseResponse(nested(63))).to.be.an('array');
    for (const depth of [64, 100_000]) {
      expect(() => parseResponse(nested(depth)))
        .to.throw(ProtocolError)
        .that.includes({ reason: 'limit' });
    }
  });

  it('of too many elements are refused, before they fill the memory (hardening A14)', function () {
    this.timeout(20_000);
    const values = '<value/>'.repeat(1_000_000);
    const xml = `<methodResponse><params><param><value><array><data>${values}</data></array></value></param></params></methodResponse>`;
    expect(() => parseResponse(xml))
      .to.throw(ProtocolError)
      .with.property('reason', 'limit');
  });

  it('that are cut anywhere are refused', () => {
    const whole = formatResponse({ a: [1, 'x', Buffer.from('y')] })
      .toString()
      .trimEnd();
    for (let end = 0; end < whole.length; end++) {
      expect(() => parseResponse(whole.slice(0, end)), `${end}`).to.throw(ProtocolError);
    }
  });

  it('are decoded by their mark, their header, their declaration, or as UTF-8', async () => {
    const xml = '<?xml version="1.0" encoding="iso-8859-1"?><a>ä</a>';
    expect(await xmlText(Buffer.from(xml, 'latin1'))).to.equal(xml);
    expect(await xmlText(Buffer.from('ä'))).to.equal('ä');
    expect(await xmlText(Buffer.from('\ufeffä'))).to.equal('ä');
    expect(await xmlText(Buffer.from('\ufeffä', 'utf16le'))).to.equal('ä');
    expect(await xmlText(Buffer.from([0xe4]), 'latin1')).to.equal('ä');
    for (const wrong of [xmlText(Buffer.from([0xe4])), xmlText(Buffer.from('a'), 'no-such-set')]) {
      expect(await wrong.catch((error: unknown) => error))
        .to.be.instanceOf(ProtocolError)
        .that.includes({ reason: 'decode' });
    }
  });
});

describe('an XML-RPC server', () => {
  class Sums {
    add(a: XmlRpcValue, b: XmlRpcValue): XmlRpcValue {
      return Number(a) + Number(b);
    }
    _hidden(): XmlRpcValue {
      return 'secret';
    }
    fail(): never {
      throw new Error('with a secret');
    }
    refuse(): never {
      throw new XmlRpcFault(42, 'not today');
    }
    nothing(): void {}
  }
  const errors: unknown[] = [];
  const dispatcher = new XmlRpcDispatcher({ onError: (error) => errors.push(error) })
    .registerAll(new Sums())
    .register('echo', (value = null) => value, { help: 'Gives it back <again>.', signatures: [['string', 'string']] });
  const client = new XmlRpcClient(async (call) => (await dispatcher.dispatch(call)).toString());

  const failure = (promise: Promise<unknown>): Promise<unknown> =>
    promise.then(
      () => undefined,
      (error: unknown) => error,
    );

  it('answers calls, also those made by a proxy', async () => {
    expect(await client.call('add', [1, 2])).to.equal(3);
    const proxy = client.proxy();
    expect(await proxy['echo']?.('x')).to.equal('x');
    expect(await proxy['system']?.['listMethods']?.()).to.include.members(['add', 'echo', 'system.multicall']);
    expect(await client.call('nothing')).to.equal(null);
    expect(await (async () => proxy)()).to.be.a('function');
  });

  it('calls nothing that was not registered', async () => {
    for (const name of ['_hidden', 'constructor', '__proto__', 'toString', 'hasOwnProperty']) {
      expect(await failure(client.call(name)), name)
        .to.be.instanceOf(XmlRpcFault)
        .that.includes({ faultCode: -32601, reason: 'missing' });
    }
  });

  it('gives the faults that methods throw, and tells nothing of other errors', async () => {
    expect(await failure(client.call('refuse'))).to.include({ faultCode: 42, faultString: 'not today' });
    expect(await failure(client.call('fail'))).to.include({ faultCode: -32500, faultString: 'internal error' });
    expect(errors.at(-1)).to.be.instanceOf(Error);
    expect((await dispatcher.dispatch(Buffer.from('no xml'))).toString()).to.include('-32700');
  });

  it('tells what there is', async () => {
    expect(await client.listMethods()).to.deep.equal([...dispatcher.methods.keys()]);
    expect(await client.methodHelp('echo')).to.equal('Gives it back <again>.');
    expect(await client.methodSignature('echo')).to.deep.equal([['string', 'string']]);
    expect(await client.methodSignature('add')).to.equal(undefined);
  });

  it('answers several calls at once, each by itself', async () => {
    const [sum, fault, missing, nested] = await client.multicall([
      { method: 'add', params: [1, 2] },
      { method: 'refuse' },
      { method: 'nothing.like.it' },
      { method: 'system.multicall', params: [[]] },
    ]);
    expect(sum).to.equal(3);
    expect(fault).to.be.instanceOf(XmlRpcFault).that.includes({ faultCode: 42 });
    expect(missing).to.include({ faultCode: -32601 });
    expect(nested).to.include({ faultCode: -32602 });
  });

  describe('behind HTTP', () => {
    const server = createServer(xmlRpcHandler(dispatcher, { maxSize: 10_000, page: 'Sums & more' }));
    let url: string;
    before(async () => {
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/RPC2`;
    });
    after(() => new Promise((resolve) => server.close(resolve)));
    const post = (body: string | Buffer, headers: Record<string, string> = {}): Promise<Response> =>
      fetch(url, { method: 'POST', body, headers: { connection: 'close', ...headers } });

    it('answers calls, compressed ones too', async () => {
      const call = formatCall('echo', ['ä']);
      expect(parseResponse(await (await post(call)).text())).to.equal('ä');
      expect(parseResponse(await (await post(gzipSync(call), { 'content-encoding': 'gzip' })).text())).to.equal('ä');
      const latin1 = Buffer.from(
        '<methodCall><methodName>echo</methodName><params><param><value>ä</value></param></params></methodCall>',
        'latin1',
      );
      expect(
        parseResponse(await (await post(latin1, { 'content-type': 'text/xml; charset=iso-8859-1' })).text()),
      ).to.equal('ä');
    });

    it('refuses what is too large, also once it is decompressed, and what is no call', async () => {
      expect((await post('x'.repeat(10_001))).status).to.equal(413);
      expect((await post(gzipSync('x'.repeat(1_000_000)), { 'content-encoding': 'gzip' })).status).to.equal(413);
      expect((await post('x', { 'content-encoding': 'gzip' })).status).to.equal(400);
      expect((await post('x', { 'content-encoding': 'br' })).status).to.equal(415);
      expect((await fetch(url, { method: 'PUT', headers: { connection: 'close' } })).status).to.equal(405);
    });

    it('shows its methods to who comes with a browser', async () => {
      const page = await (await fetch(url, { headers: { connection: 'close' } })).text();
      expect(page).to.include('Sums &amp; more').and.to.include('Gives it back &lt;again&gt;.');
    });
  });
});
