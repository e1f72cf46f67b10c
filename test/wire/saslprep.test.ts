import { expect } from 'chai';
import { saslprep } from '../../lib/wire/saslprep.ts';

describe('wire/saslprep', () => {
  for (const [text, prepared] of [
    ['I\u00adX', 'IX'],
    ['user', 'user'],
    ['USER', 'USER'],
    ['\u00aa', 'a'],
    ['\u2168', 'IX'],
    ['\u0007', undefined],
    ['\u0627\u0031', undefined],
    ['\u0627\u0031\u0628', '\u0627\u0031\u0628'],
    ['\u0627a\u0628', undefined],
    ['a\u00a0b\u3000c', 'a b c'],
    ['\ud800', undefined],
    ['\u{e0001}', undefined],
    ['\u0391\u0301', '\u0386'],
  ] as const)
    it(`SASLprep of ${JSON.stringify(text)}, RFC 4013 3`, () => expect(saslprep(text)).to.equal(prepared));
});
