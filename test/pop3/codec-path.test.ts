import { expect } from 'chai';
import fc from 'fast-check';
import { UsageError } from '../../lib/core/errors.ts';
import { type Address, formatPath, parsePath } from '../../lib/pop3/codec.ts';

describe('A path of POP3', () => {
  const rows: readonly (readonly [path: string, address: Address])[] = [
    ['', { kind: 'maildrop' }],
    ['/', { kind: 'maildrop' }],
    ['/3', { kind: 'number', number: 3 }],
    ['3', { kind: 'number', number: 3 }],
    ['/007', { kind: 'number', number: 7 }],
    ['/;UIDL=abc', { kind: 'uid', uid: 'abc' }],
    ['/;uidl=QhdPYR:00WBw1Ph7x7', { kind: 'uid', uid: 'QhdPYR:00WBw1Ph7x7' }],
    ['/;UIDL=a%2Fb%25?x=1', { kind: 'uid', uid: 'a/b%?x=1' }],
    ['/;UIDL=1', { kind: 'uid', uid: '1' }],
  ];
  for (const [path, address] of rows) {
    it(`is understood: ${JSON.stringify(path)}`, () => {
      expect(parsePath(path)).to.deep.equal(address);
    });
  }

  for (const path of [
    '/0',
    '/-1',
    '/1/2',
    '/x',
    '/1234567890123456',
    '//',
    '/;UIDL=',
    '/;UIDL=a%20b',
    '/;UIDL=a%0d%0aDELE%201',
    '/1%0d%0aDELE%201',
    '/1\r\nDELE 2',
    `/;UIDL=${'x'.repeat(513)}`,
    '/;UIDL=%C3%A9',
    '/;UIDL=%',
    '/;UID=1',
    '/INBOX',
  ]) {
    it(`is nothing else: ${JSON.stringify(path)}`, () => {
      expect(() => parsePath(path)).to.throw(UsageError);
    });
  }

  it('comes back as it was', () => {
    const uid = fc.stringMatching(/^[\x21-\x7e]{1,512}$/).map((id): Address => ({ kind: 'uid', uid: id }));
    const number = fc.integer({ min: 1, max: 999_999 }).map((n): Address => ({ kind: 'number', number: n }));
    fc.assert(
      fc.property(fc.oneof(uid, number, fc.constant<Address>({ kind: 'maildrop' })), (address) => {
        const path = formatPath(address);
        expect(parsePath(path)).to.deep.equal(address);
        // whoever resolves it as a URL finds the same
        expect(new URL(path, 'http://host/').pathname).to.equal(path);
      }),
    );
  });

  it('has no number and no id that no message has', () => {
    for (const number of [0, -1, 1.5, Number.NaN])
      expect(() => formatPath({ kind: 'number', number })).to.throw(UsageError);
    for (const uid of ['', 'a b', 'x'.repeat(513), 'é'])
      expect(() => formatPath({ kind: 'uid', uid })).to.throw(UsageError);
  });
});
