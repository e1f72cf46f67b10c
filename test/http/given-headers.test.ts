import { expect } from 'chai';
import { UsageError } from '../../lib/core/errors.ts';
import { Secret } from '../../lib/core/secret.ts';
import { checkHeaders, joinHeaders } from '../../lib/http/headers.ts';

describe('header fields that are joined with those of a client', () => {
  const common = checkHeaders({ Accept: '*/*', 'X-List': ['a', 'b'], 'X-Key': new Secret('s') });

  it('are first, and replace all of their names', () => {
    const { headers, secret } = joinHeaders({ 'X-Own': 'o', accept: 'text/plain', 'x-pin': new Secret('1') }, common);
    expect([...headers]).to.deep.equal([
      ['X-Own', 'o'],
      ['accept', 'text/plain'],
      ['x-pin', '1'],
      ['X-List', 'a'],
      ['X-List', 'b'],
      ['X-Key', 's'],
    ]);
    expect([...secret].sort()).to.deep.equal(['x-key', 'x-pin']);
  });

  it('are a block of their own, where none are given too', () => {
    const { headers, secret } = joinHeaders(undefined, common);
    headers.append('Range', 'bytes=0-1');
    expect([...secret]).to.deep.equal(['x-key']);
    expect(common.headers.has('range')).to.equal(false);
    expect(headers.size).to.equal(common.headers.size + 1);
  });

  it('are refused as they are by themselves', () => {
    for (const wrong of [{ 'a b': '1' }, { a: '1\r\nb: 2' }, { Connection: 'close' }])
      expect(() => joinHeaders(wrong, common)).to.throw(UsageError);
  });
});
