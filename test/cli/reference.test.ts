import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { reference } from '../../lib/cli/reference.ts';
import { protocols } from '../../lib/index.ts';

describe('docs/protocols.md', () => {
  it('is what the declarations say (else: npm run docs)', () => {
    expect(readFileSync(new URL('../../docs/protocols.md', import.meta.url), 'utf8')).to.equal(reference(protocols));
  });
});
