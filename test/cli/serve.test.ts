import { expect } from 'chai';
import { main } from '../../lib/cli/main.ts';
import { FakeMock, protocols } from './fake.ts';
import { Gathered, Untouched } from './run.ts';

/** Serves until something has been printed as often as it should. */
async function serving(line: string, times = 1): Promise<{ code: number; out: string; closed: number }> {
  const stop = new AbortController();
  const stdout = new Gathered();
  const io = { stdin: new Untouched(), stdout, stderr: new Gathered(), env: {}, signal: stop.signal };
  const before = FakeMock.closed;
  stdout.on('written', () => {
    if (stdout.chunks.length === times) stop.abort();
  });
  const code = await main(line.split(' '), io, protocols);
  return { code, out: stdout.text, closed: FakeMock.closed - before };
}

describe('serve', () => {
  it('says where it listens and how to log in, and ends cleanly', async () => {
    const { code, out, closed } = await serving('fake serve');
    expect(out).to.equal('fake: fake://127.0.0.1:4242/, user joe, password mock-password\n');
    expect({ code, closed }).to.deep.equal({ code: 0, closed: 1 });
    expect(FakeMock.last).to.deep.equal({ fixture: undefined, options: { port: 0 } });
  });

  it('says it as an object with --json', async () => {
    expect(JSON.parse((await serving('fake serve --json')).out)).to.deep.equal({
      protocol: 'fake',
      url: 'fake://127.0.0.1:4242/',
      user: 'joe',
      password: 'mock-password',
    });
  });

  it('serves a folder where, how and at which port it is told', async () => {
    const { out } = await serving('fake serve some/folder --port 7070 --host 0.0.0.0 --tls');
    expect(out).to.include(':7070');
    expect(FakeMock.last).to.deep.equal({
      fixture: 'loaded some/folder',
      options: { port: 7070, host: '0.0.0.0', tls: 'implicit' },
    });
  });

  it('offers the upgrade to TLS, or demands it', async () => {
    const { pop3 } = await import('../../lib/pop3/index.ts');
    const seen: unknown[] = [];
    const mock = async (_: unknown, options: unknown) => {
      seen.push(options);
      return FakeMock.start();
    };
    for (const how of ['try', 'required']) {
      const stop = new AbortController();
      const stdout = new Gathered().once('written', () => stop.abort());
      const io = { stdin: new Untouched(), stdout, stderr: new Gathered(), env: {}, signal: stop.signal };
      expect(
        await main(['pop3', 'serve', '--starttls', how], io, { pop3: Object.assign({ ...pop3 }, { mock }) }),
      ).to.equal(0);
    }
    expect(seen).to.deep.equal([
      { port: 0, tls: 'upgrade', requireTls: false },
      { port: 0, tls: 'upgrade', requireTls: true },
    ]);
    expect((await serving('fake serve --starttls try')).code).to.equal(2);
  });

  it('serves several protocols, an object each', async () => {
    const { code, out, closed } = await serving('serve fake plain --json', 2);
    const names = out
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { protocol: string }).protocol);
    expect(names).to.deep.equal(['fake', 'plain']);
    expect({ code, closed }).to.deep.equal({ code: 0, closed: 2 });
  });
});

describe('demo', () => {
  it('does what the declarations say, and shows it as a table and as dialogues', async () => {
    const stdout = new Gathered();
    const io = { stdin: new Untouched(), stdout, stderr: new Gathered(), env: {} };
    expect(await main(['demo'], io, protocols)).to.equal(0);
    expect(stdout.text).to.match(/^fake fetch \/text +14 .* ms {2}text\/plain$/m);
    expect(stdout.text).to.match(/^fake search \/ "two words" .* 1 entry$/m);
    expect(stdout.text).to.match(/^plain check \//m);
    // one session for all of it, which begins with the first
    expect(stdout.text).to.match(/^fake check \/\n {2}C: HELLO/m);
    expect(stdout.text.match(/C: HELLO/g)).to.have.length(1);
  });

  it('fails when something fails, and says what', async () => {
    const stdout = new Gathered();
    const io = { stdin: new Untouched(), stdout, stderr: new Gathered(), env: {} };
    const { fake } = protocols;
    const broken = { ...fake, demo: { steps: [{ verb: 'fetch', path: '/fail/missing' }] } } as typeof fake;
    expect(await main(['demo', '--json'], io, { fake: broken })).to.equal(1);
    const last = JSON.parse(stdout.text.trim().split('\n').at(-1) ?? '');
    expect(last).to.include({ what: 'fake fetch /fail/missing', ok: false, result: 'failed: not there' });
  });
});
