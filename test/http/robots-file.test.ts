import { expect } from 'chai';
import type { HttpServed } from '../../lib/http/fixture.ts';
import { http } from '../../lib/http/index.ts';
import { type Robots, robotsOf } from '../../lib/http/library.ts';
import type { HttpMockServer } from '../../lib/http/mock-server.ts';

const NO_ROBOTS = 'User-agent: *\nDisallow: /\n';

async function asked(served: HttpServed): Promise<Robots> {
  await using server: HttpMockServer = await http.mock({
    '/robots.txt': served,
    '/moved': 'User-agent: *\nDisallow: /a\n',
  });
  await using client = await http.connect(server.url);
  return await robotsOf(client);
}

describe('robotsOf', () => {
  it('reads the rules of a server, and says when', async () => {
    const before = Date.now();
    const robots = await asked('User-agent: *\nDisallow: /private\n');
    expect(robots.allows('netkit', '/private/a')).to.equal(false);
    expect(robots.allows('netkit', '/public')).to.equal(true);
    expect(robots.fetched.getTime()).to.be.within(before, Date.now());
  });

  it('follows redirects', async () => {
    const robots = await asked({ status: 301, headers: { Location: '/moved' } });
    expect(robots.allows('netkit', '/a')).to.equal(false);
  });

  for (const status of [401, 403, 404, 410]) {
    it(`takes ${status} for a server without rules`, async () => {
      expect((await asked({ status, body: NO_ROBOTS })).allows('netkit', '/a')).to.equal(true);
    });
  }

  for (const status of [500, 503]) {
    it(`takes ${status} for a server that wants nothing to be fetched`, async () => {
      expect((await asked({ status, body: '' })).allows('netkit', '/a')).to.equal(false);
    });
  }

  it('takes no answer, and one that is none, for a server that wants nothing to be fetched', async () => {
    expect((await asked({ raw: '' })).allows('netkit', '/a')).to.equal(false);
    expect((await asked({ raw: 'nonsense\r\n\r\n' })).allows('netkit', '/a')).to.equal(false);
  });

  it('reads 500 KiB, and no more', async () => {
    const endless = function* (): Generator<string> {
      for (let i = 0; i < 100; i++) yield `# ${'x'.repeat(64 * 1024)}\n`;
      yield NO_ROBOTS;
    };
    const robots = await asked(endless());
    expect(robots.complete).to.equal(false);
    expect(robots.allows('netkit', '/a')).to.equal(true);
  });

  it('ends with the reason of its signal', async () => {
    await using server: HttpMockServer = await http.mock({ '/robots.txt': { raw: '', end: 'stall' } });
    await using client = await http.connect(server.url);
    const controller = new AbortController();
    const reason = new Error('enough');
    const robots = robotsOf(client, { signal: controller.signal });
    await server.waitFor('GET /robots.txt');
    controller.abort(reason);
    const failed: unknown = await robots.catch((error: unknown) => error);
    expect(failed).to.equal(reason);
  });
});
