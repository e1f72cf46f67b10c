import { expect } from 'chai';
import { parseChallenges, parseInfo } from '../../lib/http/challenge.ts';

type Row = readonly [scheme: string, parameters: Readonly<Record<string, string>>, token?: string];

function rows(...fields: string[]): Row[] {
  return parseChallenges(fields).map(({ scheme, parameters, token }) => {
    const row: Row = [scheme, Object.fromEntries(parameters)];
    return token === undefined ? row : [scheme, Object.fromEntries(parameters), token];
  });
}

describe('challenges', () => {
  const readable: [what: string, fields: string[], rows: Row[]][] = [
    ['one', ['Basic realm="a"'], [['basic', { realm: 'a' }]]],
    ['no parameters', ['Negotiate'], [['negotiate', {}]]],
    ['a token', ['Negotiate YWJj+/~=='], [['negotiate', {}, 'YWJj+/~==']]],
    [
      'several in one field',
      ['Negotiate, Basic realm="a", charset="UTF-8", Digest realm=b ,nonce="c,d"'],
      [
        ['negotiate', {}],
        ['basic', { realm: 'a', charset: 'UTF-8' }],
        ['digest', { realm: 'b', nonce: 'c,d' }],
      ],
    ],
    [
      'several fields',
      ['Basic realm="a"', 'Bearer error="x", scope="a b"'],
      [
        ['basic', { realm: 'a' }],
        ['bearer', { error: 'x', scope: 'a b' }],
      ],
    ],
    [
      'RFC 9110 11.6.1',
      ['Basic realm="simple", Newauth realm="apps", type=1, title="Login to \\"apps\\""'],
      [
        ['basic', { realm: 'simple' }],
        ['newauth', { realm: 'apps', type: '1', title: 'Login to "apps"' }],
      ],
    ],
    ['white space wherever it may be', [' ,, BASIC  realm\t= "a" ,\t, x=y'], [['basic', { realm: 'a', x: 'y' }]]],
    ['the first of two parameters of one name', ['Basic realm="a", REALM="b"'], [['basic', { realm: 'a' }]]],
    [
      'a value without quotes that should have them',
      ['Digest nonce=a/b:c==, realm=x'],
      [['digest', { nonce: 'a/b:c==', realm: 'x' }]],
    ],
    ['nothing', [''], []],
    ['what is before something that cannot be read', ['Basic realm="a", ="x"'], [['basic', { realm: 'a' }]]],
    ['an open quote as the end', ['Basic realm="a", x="bcd'], [['basic', { realm: 'a' }]]],
    ['__proto__ as a name like others', ['X __proto__=a'], [['x', Object.fromEntries([['__proto__', 'a']])]]],
  ];
  for (const [what, fields, expected] of readable) {
    it(`are read: ${what}`, () => {
      expect(rows(...fields)).to.deep.equal(expected);
    });
  }

  it('are read in linear time, and at most 32 of them', () => {
    const hostile = [',', 'a', 'a ', 'a=', 'a="', 'a="\\', '=', 'Basic ,', 'Basic =,', 'a a=a,', '\t'];
    const began = performance.now();
    for (const piece of hostile) parseChallenges(Array<string>(100).fill(piece.repeat(64 * 1024)));
    expect(performance.now() - began).to.be.lessThan(2_000);
    expect(parseChallenges(['a,'.repeat(1000)])).to.have.length(32);
  });

  it('have relatives without a scheme', () => {
    expect([...parseInfo('qop=auth, rspauth="abc", nextnonce="d,e"')]).to.deep.equal([
      ['qop', 'auth'],
      ['rspauth', 'abc'],
      ['nextnonce', 'd,e'],
    ]);
    expect([...parseInfo('')]).to.deep.equal([]);
  });
});
