import { expect } from 'chai';
import fc from 'fast-check';
import { ProtocolError } from '../../lib/core/errors.ts';
import { ReceiveBuffer } from '../../lib/wire/buffer.ts';
import { everyCut } from '../helpers.ts';

/** Puts bytes in the way a socket does that reads into our memory. */
function fill(buffer: ReceiveBuffer, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) {
    const space = buffer.space();
    const count = Math.min(space.length, bytes.length - at);
    expect(count).to.be.greaterThan(0);
    space.set(bytes.subarray(at, at + count));
    buffer.filled(count);
    at += count;
  }
}

describe('ReceiveBuffer', () => {
  it('gives lines without their ends, however they come', () => {
    for (const chunks of everyCut(Buffer.from('one\r\ntwo\n\r\nfour'))) {
      const buffer = new ReceiveBuffer();
      const lines: string[] = [];
      for (const chunk of chunks) {
        buffer.push(Uint8Array.from(chunk));
        for (let line = buffer.takeLine(100); line; line = buffer.takeLine(100)) lines.push(line.toString());
      }
      expect(lines).to.deep.equal(['one', 'two', '']);
      expect(buffer.takeAll().toString()).to.equal('four');
    }
  });

  it('refuses a line that is too long, whether its end has come or not', () => {
    for (const text of ['x'.repeat(11), `${'x'.repeat(11)}\n`]) {
      const buffer = new ReceiveBuffer();
      buffer.push(Buffer.from(text));
      expect(() => buffer.takeLine(10))
        .to.throw(ProtocolError)
        .with.property('reason', 'limit');
    }
  });

  it('accepts a line of just the limit', () => {
    const buffer = new ReceiveBuffer();
    buffer.push(Buffer.from(`${'x'.repeat(10)}\n`));
    expect(buffer.takeLine(10)?.length).to.equal(10);
  });

  it('gives whole lines together, up to a size, and a longer first line whole', () => {
    const buffer = new ReceiveBuffer();
    buffer.push(Buffer.from('aa\nbb\ncccccccc\ndd'));
    expect(buffer.takeLines(7)?.toString()).to.equal('aa\nbb\n');
    expect(buffer.takeLines(3)?.toString()).to.equal('cccccccc\n');
    expect(buffer.takeLines(7)).to.equal(undefined);
    expect(buffer.takeAll().toString()).to.equal('dd');
  });

  it('gives an exact count or nothing', () => {
    const buffer = new ReceiveBuffer();
    buffer.push(Buffer.from('abc'));
    expect(buffer.takeExactly(4)).to.equal(undefined);
    expect(buffer.takeExactly(2)?.toString()).to.equal('ab');
    expect(buffer.length).to.equal(1);
  });

  it('keeps every byte in order, whatever comes and goes', () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('fill' as const), count: fc.integer({ min: 1, max: 70_000 }) }),
      fc.record({ kind: fc.constant('push' as const), count: fc.integer({ min: 1, max: 70_000 }) }),
      fc.record({ kind: fc.constant('take' as const), count: fc.integer({ min: 1, max: 90_000 }) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const buffer = new ReceiveBuffer();
        let written = 0;
        let read = 0;
        for (const { kind, count } of steps) {
          if (kind === 'take') {
            for (const octet of buffer.takeUpTo(count)) if (octet !== read++ % 251) throw new Error('out of order');
          } else {
            const bytes = Uint8Array.from({ length: count }, () => written++ % 251);
            if (kind === 'fill') fill(buffer, bytes);
            else buffer.push(bytes);
          }
        }
        expect(buffer.length).to.equal(written - read);
      }),
      { numRuns: 60 },
    );
  });

  it('uses the same memory for ever when everything is taken at once', () => {
    const buffer = new ReceiveBuffer();
    const seen = new Set<ArrayBufferLike>();
    for (let i = 0; i < 1000; i++) {
      const space = buffer.space();
      seen.add(space.buffer);
      buffer.filled(space.length);
      buffer.takeAll();
    }
    // it grows a few times, and then no more
    expect(seen.size).to.be.lessThan(10);
  });
});
