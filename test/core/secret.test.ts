import { format, inspect } from 'node:util';
import { expect } from 'chai';
import { Secret } from '../../lib/core/secret.ts';

const PASSWORD = 'hunter2';

describe('a secret', () => {
  const secret = new Secret(PASSWORD);

  it('is told to who asks for it', () => {
    expect(secret.reveal()).to.equal(PASSWORD);
    expect(new Secret('').reveal()).to.equal('');
  });

  it('is *** wherever it is shown', () => {
    const shown = [
      String(secret),
      `${secret}`,
      `PASS ${secret}`,
      JSON.stringify({ password: secret }),
      inspect(secret),
      inspect({ deep: [{ secret }] }, { depth: 9, showHidden: true, getters: true }),
      format('%s %o %j %O', secret, secret, secret, secret),
      new Error(`no ${secret}`).stack ?? '',
      inspect(structuredClone({ ...secret })),
      Object.entries(secret).join(),
      Object.getOwnPropertyNames(secret).join(),
    ];
    for (const text of shown) expect(text).to.not.include(PASSWORD);
    expect(`PASS ${secret}`).to.equal('PASS ***');
    expect(JSON.stringify([secret])).to.equal('["***"]');
    expect(inspect(secret)).to.equal('Secret(***)');
  });

  it('is made of text, and of itself', () => {
    expect(Secret.of(PASSWORD).reveal()).to.equal(PASSWORD);
    expect(Secret.of(secret)).to.equal(secret);
  });

  describe('in what a server says', () => {
    const base64 = (text: string): string => Buffer.from(text).toString('base64');

    it('is taken out, as often as it is there', () => {
      expect(secret.redact(`bad password '${PASSWORD}', not ${PASSWORD}`)).to.equal("bad password '***', not ***");
      expect(secret.redact('nothing of it')).to.equal('nothing of it');
    });

    it('is taken as it is, not as a pattern', () => {
      expect(new Secret('a.c').redact('abc a.c')).to.equal('abc ***');
      expect(new Secret('$&').redact('x $& y')).to.equal('x *** y');
    });

    it('is taken out of base64', () => {
      expect(secret.redact(`535 ${base64(PASSWORD)} is wrong`)).to.not.include(base64(PASSWORD).slice(0, 9));
    });

    for (const before of ['\0joe\0', '\0ann\0', 'x', 'xy', 'xyz', 'user=ann\x01auth=Bearer ']) {
      it(`is taken out of base64 where ${inspect(before)} stands before it`, () => {
        for (const after of ['', '\x01\x01', 'xyz']) {
          const text = secret.redact(`535 bad ${base64(before + PASSWORD + after)}`);
          const decoded = Buffer.from(text.slice('535 bad '.length), 'base64').toString('latin1');
          expect(decoded).to.not.include(PASSWORD);
          expect(text).to.include('***');
        }
      });
    }

    it('leaves all as it is when it is empty', () => {
      expect(new Secret('').redact('some text')).to.equal('some text');
    });
  });
});
