import { expect } from 'chai';
import * as fc from 'fast-check';
import { UsageError } from '../../lib/core/errors.ts';
import { LineFeeds, withCrlf } from '../../lib/message/line-ends.ts';
import { MboxEncoder, readMbox } from '../../lib/message/mbox.ts';
import { all, everyCut, rejection } from '../helpers.ts';

const DATE = new Date('1996-01-03T01:05:34Z');
const FROM = 'From ann@example.org Wed Jan  3 01:05:34 1996\n';

async function read(chunks: readonly Uint8Array[], messageSize?: number): Promise<string[]> {
  return (await all(readMbox(chunks, { messageSize }))).map((message) => message.toString('latin1'));
}

function write(chunks: readonly Uint8Array[]): Buffer {
  const encoder = new MboxEncoder({ sender: 'ann@example.org', date: DATE });
  return Buffer.concat([...chunks.map((chunk) => encoder.encode(chunk)), encoder.end()]);
}

describe('message/mbox', () => {
  for (const [what, file, messages] of [
    ['an empty file', '', []],
    ['empty lines alone', '\n\r\n\n', []],
    ['one message', 'From a b\nA: 1\n\nbody\n\n', ['A: 1\n\nbody\n']],
    ['two messages', 'From a b\nA: 1\n\nbody\n\nFrom c d\nA: 2\n\n\n', ['A: 1\n\nbody\n', 'A: 2\n\n']],
    ['CRLF', 'From a b\r\nA: 1\r\n\r\nbody\r\n\r\nFrom c d\r\nA: 2\r\n\r\n', ['A: 1\r\n\r\nbody\r\n', 'A: 2\r\n']],
    ['empty lines first', '\n\nFrom a b\nA: 1\n', ['A: 1\n']],
    ['no line end at the end', 'From a b\nA: 1\n\nbody', ['A: 1\n\nbody']],
    ['no empty line at the end', 'From a b\nA: 1\n\nbody\n', ['A: 1\n\nbody\n']],
    ['messages with nothing in them', 'From a b\n\nFrom a b\n\n', ['', '']],
    ['a line From and nothing else', 'From a b', ['']],
    ['quoted lines', 'From a b\n\n>From x\n>>From y\n>>>From z\n\n', ['\nFrom x\n>From y\n>>From z\n']],
    ['a quoted line behind an empty one', 'From a b\n\n\n>From x\n\n', ['\n\nFrom x\n']],
    ['From in a paragraph', 'From a b\n\nx\nFrom y\nz\n\n', ['\nx\nFrom y\nz\n']],
    [
      'what is no From line',
      'From a b\n\n\nfrom y\nFrom\n\n From y\nxFrom y\n> >From y\n\n',
      ['\n\nfrom y\nFrom\n\n From y\nxFrom y\n> >From y\n'],
    ],
    ['two From lines without an empty line', 'From a b\nFrom c d\n\n', ['From c d\n']],
    ['a From line with CR alone before it', 'From a b\n\r\rFrom c d\n\n', ['\r\rFrom c d\n']],
    ['octets', 'From a b\n\n\x00\xff\r\x80\n\n', ['\n\x00\xff\r\x80\n']],
  ] as const)
    it(`reads ${what}, however it is cut`, async () => {
      for (const chunks of everyCut(Buffer.from(file, 'latin1'))) expect(await read(chunks)).to.deep.equal(messages);
    });

  for (const [what, message, written] of [
    ['nothing', '', '\n'],
    ['a message', 'A: 1\r\n\r\nbody\r\n', 'A: 1\n\nbody\n\n'],
    ['LF', 'A: 1\n\nbody\n', 'A: 1\n\nbody\n\n'],
    ['no line end', 'A: 1\r\n\r\nbody', 'A: 1\n\nbody\n\n'],
    ['a From at the start', 'From x\r\n', '>From x\n\n'],
    ['lines to quote', '\r\nFrom x\r\n>From y\r\n>>From z\r\nFrom \r\n', '\n>From x\n>>From y\n>>>From z\n>From \n\n'],
    [
      'lines not to quote',
      'from x\r\nFrom\r\nFrom:\r\n From x\r\n> From\r\nxFrom y\r\n',
      'from x\nFrom\nFrom:\n From x\n> From\nxFrom y\n\n',
    ],
    ['From at the end', 'x\r\nFrom', 'x\nFrom\n\n'],
    ['From and a space at the end', 'x\r\n>From ', 'x\n>>From \n\n'],
    ['> at the end', 'x\r\n>>', 'x\n>>\n\n'],
    ['bare CR', 'a\rFrom b\r\r\n\r', 'a\rFrom b\r\n\r\n\n'],
    ['octets', '\x00\xff\r\n', '\x00\xff\n\n'],
  ] as const)
    it(`writes ${what}, however it is cut`, () => {
      for (const chunks of everyCut(Buffer.from(message, 'latin1')))
        expect(write(chunks).toString('latin1')).to.equal(FROM + written);
    });

  it('reads back what it has written, line ends apart', async () => {
    const pieces = fc.constantFrom('From ', '>', 'From', '\n', '\r\n', '\r', 'x', ' ', '\xff');
    const message = fc.array(fc.string({ unit: pieces }), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(fc.array(message, { maxLength: 5 }), fc.integer({ min: 1, max: 20 }), async (messages, step) => {
        const given = messages.map((parts) => parts.map((part) => Buffer.from(part, 'latin1')));
        const file = Buffer.concat(given.map(write));
        const chunks: Buffer[] = [];
        for (let at = 0; at < file.length; at += step) chunks.push(file.subarray(at, at + step));
        const expected = messages.map((parts) =>
          parts
            .join('')
            .replace(/\r\n/g, '\n')
            .replace(/[^\n]$/, '$&\n'),
        );
        expect(await read(chunks)).to.deep.equal(expected);
      }),
      { numRuns: 1000 },
    );
  });

  it('names a sender only where it is an address, and the day with two places', () => {
    const line = (sender: string | undefined, date: string): string =>
      new MboxEncoder({ sender, date: new Date(date) }).end().toString();
    expect(line('a@b', '2025-12-31T23:59:59Z')).to.equal('From a@b Wed Dec 31 23:59:59 2025\n\n');
    for (const sender of [undefined, '', 'a b', 'a\nFrom x', 'ä@b', 'a'.repeat(300)])
      expect(line(sender, '2025-12-31T23:59:59Z')).to.match(/^From MAILER-DAEMON Wed/);
    expect(() => new MboxEncoder({ date: new Date(Number.NaN) })).to.throw(UsageError);
    expect(new MboxEncoder().end().toString()).to.match(
      /^From MAILER-DAEMON \w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4}\n\n$/,
    );
  });

  it('refuses what is no mailbox', async () => {
    for (const file of ['A: 1\n\nbody\n', '>From a b\n', 'From\n', '\0'])
      expect(await rejection(all(readMbox([Buffer.from(file)])))).to.be.an.instanceof(UsageError);
  });

  it('holds one message at a time, up to a limit', async () => {
    const message = Buffer.from(`From a b\n${`${'x'.repeat(70)}\n`.repeat(2000)}\n`);
    let given = 0;
    async function* source(): AsyncGenerator<Buffer> {
      for (;;) {
        given += message.length;
        yield message;
      }
    }
    let count = 0;
    for await (const each of readMbox(source())) {
      expect(each.length).to.equal(142_000);
      expect(given).to.be.at.most((count + 3) * message.length);
      if (++count === 5) break;
    }
    expect(await rejection(read([message], 141_000))).to.be.an.instanceof(UsageError);
    expect(await read([message], 142_001)).to.have.length(1);
    async function* oneLine(): AsyncGenerator<Buffer> {
      yield Buffer.from('From a b\n');
      for (;;) yield Buffer.alloc(1000, 'x');
    }
    expect(await rejection(all(readMbox(oneLine(), { messageSize: 10_000 })))).to.be.an.instanceof(UsageError);
  });

  it('keeps nothing of the memory that it is given', async () => {
    async function* source(): AsyncGenerator<Buffer> {
      const memory = Buffer.alloc(7);
      const file = Buffer.from('From a b\nA: 1\n\n>From x\n\nFrom c\nB: 2\n\n');
      for (let at = 0; at < file.length; at += 7) {
        const length = file.copy(memory, 0, at, at + 7);
        yield memory.subarray(0, length);
        memory.fill(0);
      }
    }
    expect((await all(readMbox(source()))).map(String)).to.deep.equal(['A: 1\n\nFrom x\n', 'B: 2\n']);
  });

  it('is quick, whatever it is given', async () => {
    const start = performance.now();
    for (const piece of ['From ', '>', '>From ', '\n>From \n', '\n\n', '\nFrom ', 'F', '\r'])
      for (const step of [100_000, 2_000_000]) {
        const file = Buffer.from(piece.repeat(2_000_000 / piece.length));
        const written = write([file.subarray(0, step), file.subarray(step)]);
        for await (const message of readMbox([written])) expect(message.length).to.be.at.least(file.length - 2);
      }
    expect(performance.now() - start).to.be.below(8000);
  });
});

describe('message/line-ends', () => {
  for (const [crlf, lf] of [
    ['', ''],
    ['a\r\nb\r\n', 'a\nb\n'],
    ['a\rb\r\r\n\r', 'a\rb\r\n\r'],
    ['\r\n\r\n', '\n\n'],
  ] as const)
    it(`makes ${JSON.stringify(lf)} of ${JSON.stringify(crlf)}, and the other way`, () => {
      for (const chunks of everyCut(Buffer.from(crlf))) {
        const lines = new LineFeeds();
        expect(Buffer.concat([...chunks.map((chunk) => lines.convert(chunk)), lines.end()]).toString()).to.equal(lf);
      }
      // a CR before a line end is part of one already
      if (!lf.includes('\r\n')) expect(withCrlf(Buffer.from(lf)).toString()).to.equal(crlf);
    });

  it('leaves CRLF where it stands', () => {
    expect(withCrlf(Buffer.from('a\r\nb\nc\n\r\n\n')).toString()).to.equal('a\r\nb\r\nc\r\n\r\n\r\n');
    expect(withCrlf(Uint8Array.of(10)).toString()).to.equal('\r\n');
  });
});
