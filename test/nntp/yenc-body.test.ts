/** A damaged file costs no connection. */
import { expect } from 'chai';
import { ProtocolError } from '../../lib/core/errors.ts';
import type { Resource } from '../../lib/core/resource.ts';
import { all, rejection } from '../helpers.ts';
import { against } from './client-rules.ts';

const LINE = `${'x'.repeat(128)}\r\n`;
const bodyOf = (lines: number, end: string): string =>
  `222 1 <1@x>\r\n=ybegin line=128 size=${lines * 128} name=a.bin\r\n${LINE.repeat(lines)}${end}\r\n.\r\n`;

const DAMAGED: [what: string, body: string][] = [
  ['has the wrong checksum', bodyOf(3_000, `=yend size=${3_000 * 128} crc32=00000001`)],
  ['has no end', bodyOf(3_000, 'the end')],
  ['is longer than it says', bodyOf(3_000, '').replace(`size=${3_000 * 128}`, 'size=128')],
];
const WAYS: [what: string, read: (resource: Resource) => Promise<unknown>][] = [
  ['bytes', (resource) => resource.bytes()],
  ['chunks', (resource) => resource.forEachChunk(() => {})],
  ['iteration', (resource) => all(resource)],
  ['bytes of less than it has', (resource) => resource.bytes(10)],
];

describe('a yEnc body', () => {
  for (const [what, body] of DAMAGED) {
    for (const [way, read] of WAYS) {
      it(`that ${what} is an error when it is read by ${way}, and the connection lives on`, async () => {
        await against({ BODY: body }, async (client) => {
          const error = await rejection(client.fetch('/misc.test/1', { yenc: true }).then(read));
          expect(error).to.be.instanceOf(ProtocolError);
          expect((await client.date()).getUTCFullYear()).to.equal(2024);
        });
      });
    }
  }
});
