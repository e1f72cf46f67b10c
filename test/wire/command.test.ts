import { inspect } from 'node:util';
import { expect } from 'chai';
import { UsageError } from '../../lib/core/errors.ts';
import { Secret } from '../../lib/core/secret.ts';
import { command } from '../../lib/wire/command.ts';

describe('a command', () => {
  it('is one line, with its arguments in UTF-8', () => {
    expect(command`RETR ${1}`.wire().toString()).to.equal('RETR 1\r\n');
    expect(command`USER ${'jürgen'}`.wire().toString()).to.equal('USER jürgen\r\n');
    expect(command`${Buffer.from([0xff, 0x01])}`.wire()).to.deep.equal(Buffer.from([0xff, 0x01, 13, 10]));
  });

  it('knows its verb', () => {
    expect(command`RETR ${1}`.verb).to.equal('RETR');
  });

  for (const bad of ['1\r\nDELE 2', '1\nDELE 2', '1\rDELE 2', 'a\0b']) {
    it(`refuses ${JSON.stringify(bad)} in text, in octets and in a secret`, () => {
      expect(() => command`RETR ${bad}`).to.throw(UsageError);
      expect(() => command`RETR ${Buffer.from(bad)}`).to.throw(UsageError);
      expect(() => command`PASS ${new Secret(bad)}`).to.throw(UsageError);
    });
  }

  it('refuses no letter whose low byte is CR or LF: they are not cut down to it', () => {
    expect(command`USER ${'joe\u010d\u010aDELE 1'}`.wire().toString()).to.equal('USER joe\u010d\u010aDELE 1\r\n');
  });

  it('refuses what is not a whole number', () => {
    for (const number of [1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53]) {
      expect(() => command`RETR ${number}`).to.throw(UsageError);
    }
  });

  it('shows no secret, however it is printed', () => {
    const pass = command`PASS ${new Secret('tanstaaf')}`;
    expect(pass.toString()).to.equal('PASS ***');
    expect(pass.wire().toString()).to.equal('PASS tanstaaf\r\n');
    expect(inspect(pass, { depth: 9, showHidden: true }) + JSON.stringify(pass)).to.not.contain('tanstaaf');
  });
});
