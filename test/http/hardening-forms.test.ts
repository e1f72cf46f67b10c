/** What hostile forms are made of (hardening M1 to M9; C17 is in form-uploads.test.ts). */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { ConnectionError, ProtocolError } from '../../lib/core/errors.ts';
import type { Form } from '../../lib/http/form.ts';
import type { FormLimits, FormOptions } from '../../lib/http/form-options.ts';
import { parseParameters } from '../../lib/http/media-type.ts';
import { parseForm } from '../../lib/http/parse-form.ts';
import { rejection } from '../helpers.ts';

const ENCODED = 'application/x-www-form-urlencoded';
const MULTIPART = 'multipart/form-data; boundary=B';
const END = '--B--\r\n';

function part(name: string, body: string, more = ''): string {
  return `--B\r\nContent-Disposition: form-data; name="${name}"${more}\r\n\r\n${body}\r\n`;
}

function* cut(text: string): Generator<Uint8Array> {
  const octets = Buffer.from(text);
  for (let at = 0; at < octets.length; at += 65_536) yield octets.subarray(at, at + 65_536);
}

function parse(text: string, type = MULTIPART, options: FormOptions = {}): Promise<Form> {
  return parseForm(cut(text), type, options);
}

async function textsOf(form: Promise<Form>): Promise<Record<string, string[]>> {
  const read = await form;
  return Object.fromEntries(read.names().map((name) => [name, read.all(name)]));
}

async function refused(form: Promise<Form>, reason: string, message = /./): Promise<void> {
  const error = await rejection(form);
  expect(error).to.be.instanceOf(reason === 'truncated' ? ConnectionError : ProtocolError);
  expect(error).to.have.property('reason', reason);
  expect(error).to.have.property('message').that.matches(message);
}

describe('a hostile form', () => {
  describe('that is too much', () => {
    const rows: [id: string, type: string, text: string, limit: RegExp][] = [
      ['cgi-p01', ENCODED, 'a=1&'.repeat(100_000), /1000 for fields/],
      ['cgi-p07', ENCODED, 'A'.repeat(8 * 1024 * 1024), /for a name/],
      ['a value', ENCODED, `a=${'A'.repeat(8 * 1024 * 1024)}`, /1048576 for a field/],
      ['a field', MULTIPART, part('a', 'A'.repeat(8 * 1024 * 1024)) + END, /1048576 for a field/],
      [
        'cgi-p17',
        MULTIPART,
        `--B\r\nX: ${'A'.repeat(8 * 1024 * 1024)}\r\n\r\nx\r\n${END}`,
        /16384 for the header of a part/,
      ],
      ['lines of a header', MULTIPART, `--B\r\n${'X: y\r\n'.repeat(33)}\r\nx\r\n${END}`, /32 for the lines/],
      ['cgi-p19', MULTIPART, `${'junk\r\n'.repeat(2_600_000)}${part('a', 'x')}${END}`, /65536 for the preamble/],
      ['parts', MULTIPART, part('a', '').repeat(1001) + END, /1000 for the parts/],
      ['files', MULTIPART, part('a', '', '; filename=""').repeat(100_000) + END, /1000 for the parts/],
      ['a body', MULTIPART, part('a', 'x'.repeat(17 * 1024 * 1024), '; filename="x"') + END, /16777216 for a form/],
      ['an encoded body', ENCODED, '&'.repeat(17 * 1024 * 1024), /16777216 for a form/],
      ['an epilogue', MULTIPART, END + 'x'.repeat(17 * 1024 * 1024), /16777216 for a form/],
      [
        'parameters',
        MULTIPART,
        `--B\r\nContent-Disposition: form-data${'; x=y'.repeat(101)}\r\n\r\n`,
        /100 for the parameters/,
      ],
    ];
    for (const [id, type, text, limit] of rows)
      it(`is refused as soon as it is seen (${id})`, () => refused(parse(text, type), 'limit', limit));

    it('is refused by each limit that the caller sets', async () => {
      const file = part('f', 'file', '; filename="f"');
      const form = `${part('abc', 'text')}${part('b', 'text')}${file}${END}`;
      const exact: Partial<FormLimits> = {
        body: form.length,
        fields: 2,
        parts: 3,
        field: 4,
        text: 8,
        file: 4,
        name: 3,
      };
      const read = await parse(form, MULTIPART, { limits: exact });
      expect(read.size).to.equal(3);
      for (const [name, most] of Object.entries(exact))
        await refused(parse(form, MULTIPART, { limits: { ...exact, [name]: most - 1 } }), 'limit');
      for (const limits of [{ body: Number.NaN }, { body: -1 }, { fieldz: 1 }])
        expect(await rejection(parse(form, MULTIPART, { limits }))).to.have.property('code', 'NETKIT_USAGE');
    });
  });

  it('has & between its fields, and nothing else (cgi-p03)', async () => {
    expect(await textsOf(parse('a=1;b=2', ENCODED))).to.deep.equal({ a: ['1;b=2'] });
  });

  it('keeps the order of names that come again (cgi-p09)', async () => {
    expect(await textsOf(parse('a=1&b=2&a=3', ENCODED))).to.deep.equal({ a: ['1', '3'], b: ['2'] });
  });

  it('has names that are nothing but names (M3, cgi-p05)', async () => {
    const form = await parse('__proto__[x]=1&constructor=2&__proto__=3', ENCODED);
    expect([...form.fields()]).to.deep.equal([
      ['__proto__[x]', '1'],
      ['constructor', '2'],
      ['__proto__', '3'],
    ]);
    expect([form.first('__proto__'), form.has('toString'), form.all('valueOf')]).to.deep.equal(['3', false, []]);
    const parts = await parse(`${part('__proto__', '1')}${part('__proto__', 'x', '; filename="__proto__"')}${END}`);
    expect([parts.first('__proto__'), parts.file('__proto__')?.filename]).to.deep.equal(['1', '__proto__']);
    expect(Object.getOwnPropertyNames(Object.prototype)).to.not.include('x');
    const deep = `a${'[b]'.repeat(10_000)}`;
    expect((await parse(`${deep}=1`, ENCODED)).names()).to.deep.equal([deep]);
  });

  it('has text with U+FFFD where it is no UTF-8, and an odd % as it is (M4)', async () => {
    expect(await textsOf(parse('a=%zz&b=%&c=%ff', ENCODED))).to.deep.equal({ a: ['%zz'], b: ['%'], c: ['�'] });
  });

  it('is never whole where it is cut (M5, cgi-p13, cgi-p15)', async () => {
    await refused(parse('--B\r\nContent-Disp'), 'truncated');
    await refused(parse(''), 'truncated');
    await refused(parse(part('a', 'x')), 'truncated');
    expect((await parse(END)).size).to.equal(0);
  });

  it('has a boundary that can be one, with nothing but blanks behind it (M6, cgi-p11, cgi-p35)', async () => {
    const form = `${part('a', 'x')}${END}`;
    for (const boundary of [`"${'b'.repeat(71)}"`, '""', '"B\r\n"', '"B "', 'ü'])
      await refused(parse(form, `multipart/form-data; boundary=${boundary}`), 'grammar');
    await refused(parse(form, 'multipart/form-data'), 'grammar');
    expect(await textsOf(parse(`${part('a', 'x\r\n--BX\r\n--B x\r\n-B')}${END}`))).to.deep.equal({
      a: ['x\r\n--BX\r\n--B x\r\n-B'],
    });
    await refused(parse('--B\nContent-Disposition: form-data; name="a"\n\nx\n--B--\n'), 'grammar');
    // the first boundary that is named counts
    expect(await textsOf(parse(form, `${MULTIPART}; boundary=C`))).to.deep.equal({ a: ['x'] });
  });

  it('has parts that say what they are (cgi-p21, cgi-p37)', async () => {
    await refused(parse(`--B\r\nX: y\r\n\r\nx\r\n--B\r\nContent-Disposition: form-data\r\n\r\nx\r\n${END}`), 'grammar');
    await refused(parse(`--B\r\nContent-Disposition: form-data\r\n\r\nx\r\n${END}`), 'grammar');
    const folded = `--B\r\nContent-Disposition: form-data;\r\n name="a"\r\n\r\nx\r\n${END}`;
    expect(await textsOf(parse(folded))).to.deep.equal({ a: ['x'] });
  });

  describe('with a file name', () => {
    const rows: [id: string, filename: string, baseName: string | undefined][] = [
      ['cgi-p23', '../../../tmp/netkit-owned', 'netkit-owned'],
      ['M7', 'C:\\tmp\\x', 'x'],
      ['cgi-p25', '/etc/cron.d/x', 'x'],
      ['M7', '..', undefined],
      ['cgi-p27', '....//x', 'x'],
      ['M7', 'CON.txt', undefined],
      ['cgi-p29', '', undefined],
      ['M7', 'a\tb', undefined],
      ['cgi-p31', '\u202etxt.exe', undefined],
      ['M7', `${'x'.repeat(256)}`, undefined],
      ['M7', '.bashrc', undefined],
      ['M7', 'x::$DATA', undefined],
    ];
    for (const [id, filename, baseName] of rows)
      it(`${JSON.stringify(filename.slice(0, 30))} has it as it was sent, and makes no path of it (${id})`, async () => {
        const folder = await mkdtemp(join(tmpdir(), 'netkit-'));
        const text = `${part('f', 'x', `; filename="${filename}"`)}${END}`;
        const form = await parse(text, MULTIPART, { folder, memory: 0 });
        try {
          expect([form.file('f')?.filename, form.file('f')?.baseName]).to.deep.equal([filename, baseName]);
          const [inside = ''] = await readdir(folder);
          expect((await readdir(join(folder, inside)))[0]).to.match(/^[0-9a-f]{32}$/);
        } finally {
          await form.close();
          await rm(folder, { recursive: true });
        }
      });

    it('of both kinds has the plain one (cgi-p33)', async () => {
      const form = await parse(`${part('f', 'x', `; filename="a.txt"; filename*=UTF-8''..%2f..%2fb`)}${END}`);
      expect([form.file('f')?.filename, form.file('f')?.baseName]).to.deep.equal(['a.txt', 'a.txt']);
      const only = await parse(`${part('f', 'x', `; filename*=UTF-8''..%2f..%2fb`)}${END}`);
      expect([only.file('f')?.filename, only.file('f')?.baseName]).to.deep.equal(['../../b', 'b']);
    });
  });

  it('decides nothing of how it is read: transfer encodings, character sets (M8, cgi-p39)', async () => {
    const coded = part('a', 'PGI+', '\r\nContent-Transfer-Encoding: base64');
    expect(await textsOf(parse(coded + END))).to.deep.equal({ a: ['PGI+'] });
    const utf7 = `${part('_charset_', 'utf-7')}${part('a', '+ADw-', '\r\nContent-Type: text/plain; charset=utf-7')}${END}`;
    expect((await parse(utf7)).first('a')).to.equal('+ADw-');
    expect((await parse(utf7, MULTIPART, { declaredCharset: true })).first('a')).to.equal('+ADw-');
    const deep = (depth: number): string =>
      depth === 0
        ? 'x'
        : `--B${depth}\r\nContent-Disposition: file\r\nContent-Type: multipart/mixed; boundary=B${depth - 1}\r\n\r\n${deep(depth - 1)}\r\n--B${depth}--\r\n`;
    await refused(parse(deep(2000), 'multipart/form-data; boundary=B2000'), 'grammar');
    const named = deep(2000).replace('Content-Disposition: file', 'Content-Disposition: form-data; name="a"');
    await refused(parse(named, 'multipart/form-data; boundary=B2000'), 'limit', /nesting/);
  });

  it('has a type that takes no time to read (M9, cgi-p43, cgi-p45, cgi-p47)', async () => {
    const began = performance.now();
    for (const type of [
      `multipart/form-data; ${';'.repeat(60_000)}boundary`,
      `a/b${'; x=y'.repeat(10_000)}`,
      `multipart/form-data${'; x=y'.repeat(101)}`,
      `multipart/form-data; boundary="${'\\'.repeat(100_000)}`,
    ])
      await refused(parse('', type), 'limit');
    expect([...parseParameters('a/b; x*999999=z; x*0=a; x*1*=%41').parameters.keys()]).to.deep.equal([
      'x*999999',
      'x*0',
      'x*1*',
    ]);
    for (const evil of [
      `form-data; name="${'\\'.repeat(16_000)}`,
      `form-data; ${'"'.repeat(16_000)}`,
      `form-data; ${'a '.repeat(8_000)}=`,
    ])
      await refused(parse(`--B\r\nContent-Disposition: ${evil}\r\n\r\n${END}`), 'grammar');
    expect(performance.now() - began).to.be.lessThan(300);
  });

  it('leaves nothing on the disk where it breaks off (cgi-p41)', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'netkit-'));
    try {
      const text = part('f', 'x'.repeat(4 * 1024 * 1024), '; filename="a"').slice(0, -2);
      await refused(parse(text, MULTIPART, { folder }), 'truncated');
      expect(await readdir(folder)).to.deep.equal([]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('that looks like a boundary all the way takes linear time', async () => {
    const began = performance.now();
    for (const scrap of ['\r', '\r\n', '\r\n--', '\r\n--Bx', '\r\n--B \r', '\r\n--B\r', '\r\n--B-']) {
      const body = scrap.repeat(Math.floor(500_000 / scrap.length));
      const form = await parse(`${part('a', `${body}x`)}${END}`);
      expect(form.first('a')).to.equal(`${body}x`);
    }
    expect(performance.now() - began).to.be.lessThan(5_000);
  });
});
