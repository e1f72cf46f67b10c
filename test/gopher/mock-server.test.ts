import { expect } from 'chai';
import { ConnectionError, ReplyError } from '../../lib/core/errors.ts';
import type { GopherFixture } from '../../lib/gopher/fixture.ts';
import { gopher } from '../../lib/gopher/index.ts';
import { GopherMockServer } from '../../lib/gopher/mock-server.ts';
import { all, rejection } from '../helpers.ts';

async function* failing(...chunks: string[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield Buffer.from(chunk);
  throw new Error('the disk is broken');
}

const broken = async (): Promise<never> => {
  throw new Error('no permission');
};

const fixture: GopherFixture = {
  '': { menu: ['one\rtwo', { type: '0', name: 'a\r\nb\tc', selector: '/a' }] },
  '/unreadable': { type: '9', name: 'x', mediaType: 'a/b', content: broken },
  '/never': { type: '9', name: 'x', mediaType: 'a/b', content: () => failing() },
  '/half': { type: '9', name: 'x', mediaType: 'a/b', content: () => failing('half') },
  '/bad': { menu: [{ type: '0', name: 'a', selector: 'a\rb' }] },
  '/find': (words) => ({ menu: [{ type: '0', name: words, selector: '/a' }] }),
};

describe('A Gopher server', () => {
  let server: GopherMockServer;
  beforeEach(async () => {
    server = await GopherMockServer.start(fixture);
  });
  // what a session fails with is thrown here
  afterEach(async () => server.close());

  for (const path of ['/9/unreadable', '/9/never', '/9/bad']) {
    it(`says an error where nothing can be read: ${path}`, async () => {
      for (const options of path === '/9/bad' ? [{}] : [{}, { view: 'a/b' }]) {
        const error = await rejection(async () => (await gopher.fetch(server.url + path, options)).bytes());
        expect(error).to.be.instanceOf(ReplyError).with.property('reason', 'missing');
        expect(String(error)).to.contain('cannot be read').and.not.contain('permission');
      }
    });
  }

  it('resets the connection where an answer breaks off', async () => {
    for (const options of [{}, { view: 'a/b' }]) {
      const error = await rejection(async () => (await gopher.fetch(`${server.url}/9/half`, options)).bytes());
      expect(error).to.be.instanceOf(ConnectionError).with.property('reason', 'reset');
    }
  });

  it('has no control characters in names', async () => {
    const entries = await all(gopher.list(server.url, { info: true }));
    expect(entries.map(({ name }) => name)).to.deep.equal(['one two', 'a  b c']);
  });

  it('gets all words of a search, whatever they begin with', async () => {
    for (const words of ['$5', '+more', '!', 'plain words']) {
      const [entry] = await all(gopher.search(`${server.url}/7/find`, words));
      expect(entry?.name).to.equal(words);
    }
  });
});
