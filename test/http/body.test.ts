import { Readable } from 'node:stream';
import { expect } from 'chai';
import { UsageError } from '../../lib/core/errors.ts';
import { Secret } from '../../lib/core/secret.ts';
import { type BodyOptions, requestBody } from '../../lib/http/body.ts';
import type { RequestBody } from '../../lib/http/exchange.ts';
import { all, rejection } from '../helpers.ts';

async function textOf(body: RequestBody | undefined): Promise<string> {
  const octets = body?.open() ?? Buffer.from('no body');
  return Buffer.concat(octets instanceof Uint8Array ? [octets] : await all(octets)).toString();
}

async function* chunks(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('ab');
  yield Buffer.from('c');
}

describe('the body of a request', () => {
  it('is none where none is given', () => {
    expect(requestBody({})).to.equal(undefined);
    expect(requestBody({ body: undefined, form: undefined, multipart: undefined })).to.equal(undefined);
  });

  const known: [what: string, options: BodyOptions, type: string | undefined, text: string][] = [
    ['text in UTF-8, of no type', { body: 'café' }, undefined, 'café'],
    ['no text', { body: '' }, undefined, ''],
    ['text of a type, which is said to be UTF-8', { body: 'é', type: 'text/html' }, 'text/html; charset=utf-8', 'é'],
    [
      'text that says itself that it is UTF-8',
      { body: 'é', type: 'text/a; charset="UTF-8"' },
      'text/a; charset="UTF-8"',
      'é',
    ],
    ['text of a type that is no text', { body: '<a/>', type: 'application/xml' }, 'application/xml', '<a/>'],
    ['octets', { body: Buffer.from('abc') }, undefined, 'abc'],
    [
      'octets of a type, of which nothing more is said',
      { body: Buffer.from('a'), type: 'text/plain' },
      'text/plain',
      'a',
    ],
    ['a Blob', { body: new Blob(['ab', 'c']) }, undefined, 'abc'],
    ['a Blob with a type', { body: new Blob(['abc'], { type: 'image/png' }) }, 'image/png', 'abc'],
    ['JSON', { json: { a: ['é', null, 1.5] } }, 'application/json', '{"a":["é",null,1.5]}'],
    ['JSON null', { json: null }, 'application/json', 'null'],
    ['JSON of another type', { json: 1, type: 'application/problem+json' }, 'application/problem+json', '1'],
    ['a form', { form: { a: 'b c', d: [1, true] } }, 'application/x-www-form-urlencoded', 'a=b+c&d=1&d=true'],
    ['an empty form', { form: {} }, 'application/x-www-form-urlencoded', ''],
    ['URLSearchParams', { form: new URLSearchParams('a=1&a=%26') }, 'application/x-www-form-urlencoded', 'a=1&a=%26'],
  ];
  for (const [what, options, type, text] of known) {
    it(`can be ${what}: its size is known, and it can be sent again`, async () => {
      const body = requestBody(options);
      expect({ type: body?.type, size: body?.size, repeatable: body?.repeatable }).to.deep.equal({
        type,
        size: Buffer.byteLength(text),
        repeatable: true,
      });
      expect(await textOf(body)).to.equal(text);
      expect(await textOf(body), 'again').to.equal(text);
    });
  }

  const streams: [what: string, stream: () => AsyncIterable<Uint8Array>][] = [
    ['an async iterable', () => chunks()],
    ['a Readable', () => Readable.from([Buffer.from('ab'), Buffer.from('c')])],
    ['a Readable that gives strings', () => Readable.from(['ab', 'c'])],
    ['a web stream', () => new Blob(['abc']).stream()],
  ];
  for (const [what, stream] of streams) {
    it(`can be ${what}: its size is not known, and it is sent once`, async () => {
      const body = requestBody({ body: stream(), type: 'text/plain' });
      expect({ type: body?.type, size: body?.size, repeatable: body?.repeatable }).to.deep.equal({
        type: 'text/plain',
        size: undefined,
        repeatable: false,
      });
      expect(await textOf(body)).to.equal('abc');
      expect(await rejection(() => textOf(body))).to.be.instanceOf(UsageError);
    });
  }

  it('is an error while it is sent where a stream gives something else than octets', async () => {
    const body = requestBody({ body: Readable.from([{ a: 1 }]) });
    expect(await rejection(textOf(body)))
      .to.be.instanceOf(UsageError)
      .with.property('message')
      .that.includes('octets');
  });

  it('says a Secret, which JSON and forms would hide', async () => {
    const password = new Secret('hunter2');
    expect(await textOf(requestBody({ json: { login: [{ password }], stars: '***' } }))).to.equal(
      '{"login":[{"password":"hunter2"}],"stars":"***"}',
    );
    expect(await textOf(requestBody({ json: password }))).to.equal('"hunter2"');
    expect(await textOf(requestBody({ form: { password } }))).to.equal('password=hunter2');
  });

  const circle: { self?: unknown } = {};
  circle.self = circle;
  const refused: [what: string, options: BodyOptions][] = [
    ['two of them', { body: 'a', json: 1 }],
    ['two of them, one empty', { body: '', form: {} }],
    ['undefined as JSON', { json: undefined }],
    ['a function as JSON', { json: () => 1 }],
    ['a circle as JSON', { json: circle }],
    ['a BigInt as JSON', { json: 1n }],
    ['half a surrogate pair', { body: 'a\ud800' }],
    ['half a surrogate pair in a form', { form: { a: '\udc00' } }],
    ['a type that is none', { body: 'a', type: 'text' }],
    ['a type with a line end', { body: 'a', type: 'text/plain\r\nX-Evil: 1' }],
    ['a type that becomes a line end in Latin-1', { body: 'a', type: 'text/plain;a=\u010d\u010aX-Evil: 1' }],
    ['the type of a Blob that is none', { body: new Blob(['a'], { type: 'text' }) }],
    ['text in another character set', { body: 'a', type: 'text/plain; charset=iso-8859-1' }],
    ['a type of a form', { form: {}, type: 'text/plain' }],
    ['a type of nothing', { type: 'text/plain' }],
  ];
  for (const [what, options] of refused) {
    it(`is not ${what}`, () => {
      expect(() => requestBody(options)).to.throw(UsageError);
    });
  }
});
