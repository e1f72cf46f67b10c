import { Readable } from 'node:stream';
import { expect } from 'chai';
import { ConnectionError, ProtocolError, UsageError } from '../../lib/core/errors.ts';
import type { Form } from '../../lib/http/form.ts';
import type { FormOptions } from '../../lib/http/form-options.ts';
import { multipartBody } from '../../lib/http/multipart.ts';
import { parseForm, queryForm } from '../../lib/http/parse-form.ts';
import { rejection } from '../helpers.ts';

const ENCODED = 'application/x-www-form-urlencoded';
const MULTIPART = 'multipart/form-data; boundary=B';

function encoded(text: string | Uint8Array, options?: FormOptions): Promise<Form> {
  return parseForm([Buffer.from(text)], ENCODED, options);
}

function multipart(text: string | Uint8Array, options?: FormOptions): Promise<Form> {
  return parseForm([Buffer.from(text)], MULTIPART, options);
}

function part(name: string, body: string, more = ''): string {
  return `--B\r\nContent-Disposition: form-data; name="${name}"${more}\r\n\r\n${body}\r\n`;
}

const pairs = async (form: Form | Promise<Form>): Promise<unknown> => [...(await form).fields()];

describe('a form', () => {
  it('has its fields by name, in their order, and its files apart from them', async () => {
    await using form = await multipart(
      `${part('a', '1')}${part('f', 'one', '; filename="1.txt"')}${part('a', '3')}${part('f', 'text')}${part('f', 'two', '; filename="2.txt"')}--B--`,
    );
    expect(form.first('a')).to.equal('1');
    expect(form.all('a')).to.deep.equal(['1', '3']);
    expect([form.first('x'), form.all('x'), form.file('x'), form.files('x'), form.has('x')]).to.deep.equal([
      undefined,
      [],
      undefined,
      [],
      false,
    ]);
    expect([form.first('f'), form.all('f')]).to.deep.equal(['text', ['text']]);
    expect(form.file('f')?.filename).to.equal('1.txt');
    expect(form.files('f').map(({ filename }) => filename)).to.deep.equal(['1.txt', '2.txt']);
    expect(form.files()).to.have.length(2);
    expect([form.has('a'), form.has('f'), form.size, form.complete]).to.deep.equal([true, true, 5, true]);
    expect(form.names()).to.deep.equal(['a', 'f']);
    expect([...form].map(([name, value]) => [name, typeof value])).to.deep.equal([
      ['a', 'string'],
      ['f', 'object'],
      ['a', 'string'],
      ['f', 'string'],
      ['f', 'object'],
    ]);
    expect([...form.fields()]).to.deep.equal([
      ['a', '1'],
      ['a', '3'],
      ['f', 'text'],
    ]);
  });

  it('comes in the body of a request, url-encoded, or in a query', async () => {
    expect(await pairs(encoded('a=1&b=+x%20%C3%A9&a=3&c&d='))).to.deep.equal([
      ['a', '1'],
      ['b', ' x é'],
      ['a', '3'],
      ['c', ''],
      ['d', ''],
    ]);
    expect(await pairs(queryForm('a=1&a=2'))).to.deep.equal([
      ['a', '1'],
      ['a', '2'],
    ]);
    expect(await pairs(encoded(''))).to.deep.equal([]);
    expect(
      await pairs(
        parseForm(
          [Buffer.from('a='), Buffer.from('é').subarray(0, 1), Buffer.from('é').subarray(1)],
          `${ENCODED}; charset=UTF-8`,
        ),
      ),
    ).to.deep.equal([['a', 'é']]);
    expect(await pairs(parseForm([], 'Application/X-WWW-Form-UrlEncoded'))).to.deep.equal([]);
    const request = new Request('http://localhost/', { method: 'POST', body: new URLSearchParams({ q: 'é' }) });
    expect(await pairs(parseForm(request.body ?? [], request.headers.get('content-type') ?? ''))).to.deep.equal([
      ['q', 'é'],
    ]);
  });

  it('is read as it was asked for: blanks, separators, strictness', async () => {
    expect(await pairs(encoded('a=&b=1&c', { keepBlank: false }))).to.deep.equal([['b', '1']]);
    expect(await pairs(encoded('a=1;b=2', { separator: ';' }))).to.have.length(2);
    expect(await rejection(encoded('a=1', { separator: '' }))).to.be.instanceOf(UsageError);
    expect(await pairs(encoded(Buffer.from('a=%zz&b=\xff', 'latin1')))).to.deep.equal([
      ['a', '%zz'],
      ['b', '�'],
    ]);
    for (const wrong of ['a', 'a=%zz', 'a=%ff'])
      expect(await rejection(encoded(wrong, { strict: true })), wrong).to.be.instanceOf(ProtocolError);
    expect(await rejection(encoded(Buffer.of(0x61, 0x3d, 0xff), { strict: true }))).to.include({ reason: 'decode' });
    const latin = Buffer.from(`${part('a', '\xff')}--B--`, 'latin1');
    expect(await pairs(multipart(latin))).to.deep.equal([['a', '�']]);
    expect(await rejection(multipart(latin, { strict: true }))).to.include({ reason: 'decode' });
    const name = Buffer.from(`${part('\xff', 'a')}--B--`, 'latin1');
    expect(await rejection(multipart(name, { strict: true }))).to.include({ reason: 'decode' });
  });

  it('is in UTF-8, or in what the caller says, or where the caller allows it in what it says itself', async () => {
    const euro = Buffer.from(`${part('\x80', '\x80')}--B--`, 'latin1');
    expect(await pairs(multipart(euro, { charset: 'windows-1252' }))).to.deep.equal([['€', '€']]);
    expect(await pairs(encoded('a=%80', { charset: 'windows-1252' }))).to.deep.equal([['a', '€']]);
    expect(await pairs(encoded('a=%D5', { charset: 'cp437' }))).to.deep.equal([['a', '╒']]);
    expect(await rejection(encoded('a=1', { charset: 'no-such' }))).to.be.instanceOf(UsageError);
    const said = Buffer.from(
      `${part('a', '\x80')}${part('_charset_', 'windows-1252')}${part('b', '\xe9', '\r\nContent-Type: text/plain; charset=iso-8859-1')}--B--`,
      'latin1',
    );
    const values = async (options: FormOptions): Promise<unknown> => {
      const form = await multipart(said, options);
      return [form.first('a'), form.first('b')];
    };
    expect(await values({})).to.deep.equal(['�', '�']);
    expect(await values({ declaredCharset: true })).to.deep.equal(['€', 'é']);
    const query = '_charset_=windows-1252&a=%80';
    expect((await encoded(query)).first('a')).to.equal('�');
    expect((await encoded(query, { declaredCharset: true })).first('a')).to.equal('€');
    // what hides ASCII is never believed
    const utf7 = `${part('_charset_', 'utf-7')}${part('a', '+ADw-', '\r\nContent-Type: text/plain; charset=utf-16')}--B--`;
    expect((await multipart(utf7, { declaredCharset: true })).first('a')).to.equal('+ADw-');
  });

  it('is as long as its length says: nothing more is read, and less is an error', async () => {
    const body = Readable.from([Buffer.from('a=1&b'), Buffer.from('=2&c=3'), Buffer.from('next')], {
      objectMode: false,
    });
    expect(await pairs(parseForm(body, ENCODED, { length: 7 }))).to.deep.equal([
      ['a', '1'],
      ['b', '2'],
    ]);
    expect(body.destroyed).to.equal(false);
    expect(String(body.read())).to.equal('next');
    body.destroy();
    expect(await pairs(parseForm(never(), ENCODED, { length: 0 }))).to.deep.equal([]);
    const error = await rejection(encoded('a=1', { length: 4 }));
    expect(error).to.be.instanceOf(ConnectionError).with.property('reason', 'truncated');
    for (const length of [-1, 1.5, Number.NaN])
      expect(await rejection(encoded('', { length }))).to.be.instanceOf(UsageError);
    const limits = { body: 10 };
    expect(await rejection(parseForm(never(), ENCODED, { length: 11, limits }))).to.include({ reason: 'limit' });
  });

  it('is an error where it breaks off, or given as far as it came', async () => {
    const broken = async function* (): AsyncGenerator<Uint8Array> {
      yield Buffer.from('a=1&b=2');
      throw new Error('ECONNRESET');
    };
    expect(await rejection(parseForm(broken(), ENCODED)))
      .to.be.instanceOf(ConnectionError)
      .with.nested.property('cause.message', 'ECONNRESET');
    const partial = await parseForm(broken(), ENCODED, { partial: true });
    expect([partial.complete, [...partial]]).to.deep.equal([false, [['a', '1']]]);
    const cut =
      `${part('a', '1')}${part('f', 'whole', '; filename="x"')}${part('g', 'cut off', '; filename="y"')}`.slice(0, -5);
    expect(await rejection(multipart(cut)))
      .to.be.instanceOf(ConnectionError)
      .with.property('reason', 'truncated');
    await using form = await multipart(cut, { partial: true });
    expect([form.complete, form.first('a'), form.file('f')?.complete]).to.deep.equal([false, '1', true]);
    expect([form.file('g')?.complete, await form.file('g')?.text()]).to.deep.equal([false, 'cut ']);
    expect(await rejection(form.file('g')?.saveTo('never') ?? Promise.resolve())).to.be.instanceOf(UsageError);
    // a field that is cut is left out
    expect([...(await multipart(`${part('a', '1')}${part('b', 'cut')}`, { partial: true })).names()]).to.deep.equal([
      'a',
    ]);
    // and what is wrong is wrong
    expect(await rejection(multipart('--B\n', { partial: true }))).to.be.instanceOf(ProtocolError);
  });

  it('ends with the signal, also where nothing comes', async () => {
    const reason = new Error('enough');
    const gone = AbortSignal.abort(reason);
    expect(await rejection(parseForm(never(), ENCODED, { signal: gone }))).to.equal(reason);
    const controller = new AbortController();
    const waiting = parseForm(never(), MULTIPART, { signal: controller.signal });
    controller.abort(reason);
    expect(await rejection(waiting)).to.equal(reason);
  });

  it('has another type than other bodies', async () => {
    for (const type of [undefined, '', 'application/json', 'multipart/mixed; boundary=B', 'multipart/form-data'])
      expect(await rejection(parseForm([], type)), type).to.be.instanceOf(ProtocolError);
    const text: unknown = ['a=1'];
    expect(await rejection(parseForm(text as Uint8Array[], ENCODED))).to.be.instanceOf(UsageError);
  });

  it('is what a client of ours sends', async () => {
    const body = multipartBody([
      { name: 'a "b"', value: 'é\r\n--' },
      { name: 'file', file: Buffer.from([0, 13, 10, 255]), filename: 'ü.bin', headers: { 'X-A': '1' } },
    ]);
    const octets = body.open();
    await using form = await parseForm(octets instanceof Uint8Array ? [octets] : octets, body.type);
    expect(form.first('a "b"')).to.equal('é\r\n--');
    const file = form.file('file');
    expect([file?.filename, file?.type, file?.size, file?.headers.get('x-a')]).to.deep.equal([
      'ü.bin',
      'application/octet-stream',
      4,
      '1',
    ]);
    expect(await file?.bytes()).to.deep.equal(Buffer.from([0, 13, 10, 255]));
  });
});

/** Nothing, for ever. */
async function* never(): AsyncGenerator<Uint8Array> {
  await new Promise(() => {});
}
