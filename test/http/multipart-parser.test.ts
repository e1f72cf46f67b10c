import { expect } from 'chai';
import fc from 'fast-check';
import { ConnectionError, ProtocolError } from '../../lib/core/errors.ts';
import { type MultipartOptions, MultipartParser } from '../../lib/http/multipart-parser.ts';
import { parseForm } from '../../lib/http/parse-form.ts';
import { everyCut } from '../helpers.ts';

type Told = [name: string, filename: string | undefined, type: string | undefined, body: string];

/** What the parser tells of chunks, whose memory is spoiled as soon as they have been pushed. */
function parts(chunks: readonly Uint8Array[], boundary = 'B', options: MultipartOptions = {}): Told[] {
  const told: Told[] = [];
  let body: Buffer[] = [];
  const parser = new MultipartParser(
    boundary,
    {
      begin: ({ name, filename, type }) => void told.push([name, filename, type, '…']),
      body: (octets) => void body.push(Buffer.from(octets)),
      end: () => {
        const last = told.at(-1);
        if (last) last[3] = Buffer.concat(body).toString('latin1');
        body = [];
      },
    },
    options,
  );
  for (const chunk of chunks) {
    const lent = Buffer.from(chunk);
    parser.push(lent);
    lent.fill('?');
  }
  parser.end();
  return told;
}

function field(name: string, body: string): string {
  return `--B\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${body}\r\n`;
}

function read(text: string, options?: MultipartOptions): Told[] {
  return parts([Buffer.from(text, 'latin1')], 'B', options);
}

/** What the head of a part is read as. */
function head(disposition: string): [name: string, filename: string | undefined] {
  const [told] = parts([Buffer.from(`--B\r\nContent-Disposition: ${disposition}\r\n\r\n\r\n--B--`)]);
  return [told?.[0] ?? '', told?.[1]];
}

function failure(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error('expected an error');
}

const WHOLE = Buffer.from(
  'a preamble\r\n--BX\r\n--B \t\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--\r\n--B-\r\n--BX\r\r\n--B\r\r\n--\r\n' +
    '--B\r\ncontent-disposition:form-data;\r\n NAME=b; filename="x.txt"\r\nContent-Type: text/plain\r\n\r\n\r\n--B \r\r\n--B\r\n' +
    'Content-Disposition: form-data; name="empty"\r\n\r\n--B\r\nContent-Disposition: form-data; name="c"\r\n\r\n\r\n' +
    '--B--\r\nan epilogue\r\n--B\r\n',
);

describe('the parser of multipart forms', () => {
  it('reads the same however the octets are cut', () => {
    const expected: Told[] = [
      ['a', undefined, undefined, '1\r\n--\r\n--B-\r\n--BX\r\r\n--B\r\r\n--'],
      ['b', 'x.txt', 'text/plain', '\r\n--B \r'],
      ['empty', undefined, undefined, ''],
      ['c', undefined, undefined, ''],
    ];
    for (const chunks of everyCut(WHOLE)) expect(parts(chunks)).to.deep.equal(expected);
  });

  it('reads the same however often it is cut, whatever the bodies hold', () => {
    const scrap = fc.constantFrom(
      '\r',
      '\n',
      '-',
      '--',
      '\r\n',
      '\r\n--',
      '\r\n--B',
      '\r\n--BB',
      '\r\n--B \t',
      'B',
      'x',
      '\0',
    );
    // what is a boundary is none of a body
    const body = fc
      .array(scrap, { maxLength: 12 })
      .map((scraps) => scraps.join(''))
      .filter((text) => !/\r\n--B(?:--|[ \t]*\r?\n)/.test(`\r\n${text}\r\n`));
    fc.assert(
      fc.property(fc.array(body, { maxLength: 5 }), fc.array(fc.nat(400), { maxLength: 12 }), (bodies, cuts) => {
        const octets = Buffer.from(`${bodies.map((each, i) => field(`${i}`, each)).join('')}--B--\r\n`, 'latin1');
        const places = [0, ...cuts.filter((at) => at < octets.length).sort((a, b) => a - b), octets.length];
        const chunks = places.slice(1).map((end, i) => octets.subarray(places[i], end));
        expect(parts(chunks).map(([, , , text]) => text)).to.deep.equal(bodies);
      }),
      { numRuns: 1000 },
    );
  });

  it('reads what fetch writes and what fetch reads', async () => {
    const text = fc.string({ maxLength: 20 }).filter((each) => !/[\r\n\\]|\p{Surrogate}/u.test(each));
    const entry = fc.tuple(text, fc.oneof(text, fc.uint8Array({ maxLength: 40 })), text);
    await fc.assert(
      fc.asyncProperty(fc.array(entry, { maxLength: 6 }), async (entries) => {
        const data = new FormData();
        for (const [name, value, filename] of entries) {
          if (typeof value === 'string') data.append(name, value);
          else data.append(name, new Blob([Uint8Array.from(value)]), filename);
        }
        const request = new Response(data);
        const type = request.headers.get('content-type') ?? '';
        const octets = Buffer.from(await request.arrayBuffer());
        const theirs: unknown[] = [];
        for (const [name, value] of await new Response(octets, { headers: { 'content-type': type } }).formData())
          theirs.push(typeof value === 'string' ? [name, value] : [name, value.name, value.type, await value.text()]);
        const ours: unknown[] = [];
        for (const [name, value] of await parseForm([octets], type))
          ours.push(typeof value === 'string' ? [name, value] : [name, value.filename, value.type, await value.text()]);
        expect(ours).to.deep.equal(theirs);
      }),
      { numRuns: 100 },
    );
  });

  it('gives a large body as views of what was pushed', () => {
    const octets = Buffer.concat([Buffer.from(field('a', 'x'.repeat(100_000))), Buffer.from('--B--')]);
    const memory: unknown[] = [];
    const parser = new MultipartParser('B', {
      begin: () => {},
      body: (each) => memory.push(each.buffer),
      end: () => {},
    });
    parser.push(octets);
    expect(parser.complete).to.equal(true);
    expect(memory).to.deep.equal([octets.buffer]);
  });

  it('is an error for what is cut, wherever it is cut', () => {
    const text = `${field('a', '1')}${field('b', '2')}--B--`;
    for (let at = 0; at < text.length; at++) {
      const error = failure(() => read(text.slice(0, at)));
      expect(error, `${at}`).to.be.instanceOf(ConnectionError).with.property('reason', 'truncated');
    }
  });

  it('refuses lines that end with LF alone, and headers that are none', () => {
    for (const text of [
      '--B\nContent-Disposition: form-data; name="a"\n\nx\n--B--\n',
      `${field('a', '1')}--B\nX: y\r\n\r\n`,
      '--B\r\nContent-Disposition: form-data; name="a"\nX: y\r\n\r\n--B--',
      '--B\r\nContent-Disposition: form-data; name="a"\r\nX: \0\r\n\r\n--B--',
      '--B\r\n folded: first\r\nContent-Disposition: form-data; name="a"\r\n\r\n--B--',
      '--B\r\nno colon\r\n\r\n--B--',
      '--B\r\nX : y\r\nContent-Disposition: form-data; name="a"\r\n\r\n--B--',
      '--B\r\n\r\nno header\r\n--B--',
      '--B\r\nX: y\r\n\r\nno disposition\r\n--B--',
      '--B\r\nContent-Disposition: form-data\r\n\r\nno name\r\n--B--',
      '--B\r\nContent-Disposition: attachment; name="a"\r\n\r\nx\r\n--B--',
      '--B\r\nContent-Disposition: form-data; name="a"\r\nContent-Disposition: form-data; name="b"\r\n\r\nx\r\n--B--',
      `--B${' '.repeat(65)}\r\n`,
    ])
      expect(
        failure(() => read(text)),
        text,
      )
        .to.be.instanceOf(ProtocolError)
        .with.property('reason', 'grammar');
  });

  it('reads names as browsers write them, and as older programs do', () => {
    const rows: [disposition: string, name: string, filename?: string][] = [
      ['form-data; name="a%22b%0D%0Ac%25%41"', 'a"b\r\nc%25%41'],
      ['form-data; name="a"; filename="C:\\tmp\\x.txt"', 'a', 'C:\\tmp\\x.txt'],
      ['form-data; name="a\\"b\\\\c"', 'a"b\\c'],
      ['form-data; name=a; filename=b.txt', 'a', 'b.txt'],
      ['Form-Data ; Name="é;ü" ; FILENAME=""', 'é;ü', ''],
      ['form-data; name=""', ''],
      ['form-data; name="a"; name="b"; filename="x"; filename="y"', 'a', 'x'],
      ['form-data; name="a"; filename="x"; filename*=UTF-8\'\'%c3%a9', 'a', 'x'],
      ['form-data; name="a"; filename*=UTF-8\'\'%c3%a9', 'a', 'é'],
      ['form-data; name="a"; filename*=nonsense', 'a', ''],
      ['form-data; name="__proto__"; constructor=x', '__proto__'],
    ];
    for (const [disposition, name, filename] of rows)
      expect(head(disposition), disposition).to.deep.equal([name, filename]);
    for (const wrong of ['name="a', 'name=', 'name="a"x', 'name=a b', '"name"=a', 'name="a"; x'])
      expect(
        failure(() => head(`form-data; ${wrong}`)),
        wrong,
      ).to.be.instanceOf(ProtocolError);
  });

  it('opens parts inside of a part, which have its name, to a depth', () => {
    const inner = (text: string): string =>
      `--B\r\nContent-Disposition: form-data; name="files"\r\nContent-Type: multipart/mixed; boundary=BB\r\n\r\n${text}\r\n`;
    const two =
      '--BB\r\nContent-Disposition: file; filename="1.txt"\r\n\r\none\r\n--BB\r\nContent-Disposition: attachment; filename="2.txt"\r\n\r\ntwo\r\n--BB--\r\n';
    const whole = Buffer.from(`${inner(two)}${field('z', '3')}--B--`);
    for (const chunks of everyCut(whole))
      expect(parts(chunks)).to.deep.equal([
        ['files', '1.txt', undefined, 'one'],
        ['files', '2.txt', undefined, 'two'],
        ['z', undefined, undefined, '3'],
      ]);
    const deeper = inner(
      '--BB\r\nContent-Disposition: file\r\nContent-Type: multipart/mixed; boundary=C\r\n\r\n--C--\r\n--BB--',
    );
    expect(failure(() => read(`${deeper}--B--`))).to.include({ reason: 'limit' });
    expect(read(`${deeper}--B--`, { nesting: 2 })).to.deep.equal([]);
    expect(failure(() => read(`${inner(two)}--B--`, { nesting: 0 }))).to.include({ reason: 'limit' });
    expect(failure(() => read(`${inner('--BB\r\n')}--B--`))).to.be.instanceOf(ProtocolError);
    expect(failure(() => read(`${inner(two)}--B--`, { parts: 2 }))).to.include({ reason: 'limit' });
    // a file is a file, whatever it holds
    const file =
      '--B\r\nContent-Disposition: form-data; name="f"; filename="x"\r\nContent-Type: multipart/mixed\r\n\r\nx\r\n--B--';
    expect(read(file)).to.deep.equal([['f', 'x', 'multipart/mixed', 'x']]);
  });

  it('takes boundaries of RFC 2046, and no others', () => {
    for (const boundary of ['B', "a'()+_,-./:=? b", 'x'.repeat(70)])
      expect(parts([Buffer.from(`--${boundary}--`)], boundary)).to.deep.equal([]);
    for (const boundary of ['', 'x'.repeat(71), 'a ', 'a\r\nb', 'a"b', 'é', '*'])
      expect(failure(() => new MultipartParser(boundary, { begin() {}, body() {}, end() {} }))).to.be.instanceOf(
        ProtocolError,
      );
  });
});
