import { expect } from 'chai';
import fc from 'fast-check';
import { fieldsOf } from '../../lib/message/fields.ts';

const NAMES = new Map([
  ['subject', 'Subject'],
  ['from', 'From'],
]);

const told = (message: Uint8Array | string): Record<string, string> =>
  Object.fromEntries(fieldsOf(Buffer.from(message), NAMES));

describe('the fields of a message', () => {
  it('are those that were asked for, decoded', () => {
    expect(told('X: y\r\nsubject: =?UTF-8?Q?caf=C3=A9?=\r\n of two\r\n\r\nFrom: body')).to.deep.equal({
      subject: 'café of two',
    });
    expect(told(Buffer.from('From: Andr\xe9\nSubject: \x80\n', 'latin1'))).to.deep.equal({
      from: 'André',
      subject: '€',
    });
  });

  it('are read from a long header of raw octets, too, which is longer still in UTF-8', () => {
    for (const octet of [0x80, 0xe9]) {
      const long = Buffer.alloc(600, octet);
      const lines = Array.from({ length: 500 }, (_, i) => [Buffer.from(`X-${i}: `), long, Buffer.from('\r\n')]).flat();
      expect(told(Buffer.concat([Buffer.from('Subject: x\r\n'), ...lines]))).to.deep.equal({ subject: 'x' });
    }
  });

  it('are none where there is no header: nothing is thrown, whatever comes', () => {
    const odd = [
      '',
      '\r\n',
      '\n\n\n',
      ':',
      ': x\n',
      '\0',
      'no header here',
      `${'\t\n'.repeat(300_000)}`,
      'a:\n'.repeat(200_000),
    ];
    for (const text of odd) expect(told(text), text.slice(0, 20)).to.deep.equal({});
    fc.assert(fc.property(fc.uint8Array({ maxLength: 500 }), (octets) => void told(octets)));
  });
});
