import { expect } from 'chai';
import { jobOf, planOf } from '../../lib/cli/grammar.ts';
import { type Ask, makeTask } from '../../lib/cli/task.ts';
import { readWords } from '../../lib/cli/words.ts';
import { protocols } from '../../lib/index.ts';

const ASK: Ask = { protocols, protocol: undefined, verb: undefined, tls: false, given: {} };

describe('a target of the command', () => {
  let before: string | undefined;

  beforeEach(() => {
    before = process.env['NNTPSERVER'];
    process.env['NNTPSERVER'] = 'news.example:1119';
  });

  afterEach(() => {
    if (before === undefined) delete process.env['NNTPSERVER'];
    else process.env['NNTPSERVER'] = before;
  });

  it('is handed on with its user and without its password', () => {
    const { address, url } = makeTask('pop3://ann:secret@pop.example/1', ASK);
    expect({ address, url }).to.deep.equal({ address: 'pop3://ann@pop.example/1', url: 'pop3://pop.example/1' });
  });

  it('has no user in what is behind news:, which is a message-id', () => {
    const { address, url, endpoint } = makeTask('news:part.one@there.example', ASK);
    expect({ address, url }).to.deep.equal({
      address: 'news:part.one@there.example',
      url: 'news://news.example:1119/part.one@there.example',
    });
    expect(endpoint).to.include({ host: 'news.example', port: 1119 });
  });

  it('has with --tls a scheme that begins with TLS, and that may leave out its server where it did', () => {
    const schemeOf = (text: string): string => makeTask(text, { ...ASK, tls: true }).endpoint.scheme;
    expect(schemeOf('news:a@there.example')).to.equal('snews');
    expect(schemeOf('nntp://news.example/misc.test')).to.equal('nntps');
    expect(schemeOf('pop3://pop.example/1')).to.equal('pop3s');
    expect(schemeOf('pop3s://pop.example/1')).to.equal('pop3s');
  });
});

describe('a command without a target', () => {
  it('speaks to the server that the environment names, where the protocol has one there', () => {
    const before = process.env['NNTPSERVER'];
    process.env['NNTPSERVER'] = 'news.example:1119';
    try {
      const plan = planOf(['nntp', 'list'], protocols);
      const { targets } = jobOf(plan, readWords(['nntp', 'list'], plan.flags), protocols);
      expect(targets).to.deep.equal(['news:']);
      const { endpoint, path } = makeTask('news:', ASK);
      expect([endpoint.host, endpoint.port, path]).to.deep.equal(['news.example', 1119, '/']);
      const pop3 = planOf(['pop3', 'list'], protocols);
      expect(() => jobOf(pop3, readWords(['pop3', 'list'], pop3.flags), protocols)).to.throw(/needs a target/);
    } finally {
      if (before === undefined) delete process.env['NNTPSERVER'];
      else process.env['NNTPSERVER'] = before;
    }
  });
});
