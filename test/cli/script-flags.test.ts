import { expect } from 'chai';
import { reference } from '../../lib/cli/reference.ts';
import { asked, FakeTerminal, next, protocols } from './fake-terminal.ts';
import { netkit, type Outcome } from './run.ts';

const run = (...words: string[]): Promise<Outcome> => netkit(words, { protocols });

async function scriptOf(...words: string[]): Promise<unknown> {
  const { code, err } = await run('tele', 'fetch', 'h', ...words);
  expect(err).to.equal('');
  expect(code).to.equal(0);
  return asked.options?.['script'];
}

describe('the flags of a script', () => {
  it('become its steps, in their order on the command line', async () => {
    const words = ['--expect', 'login:', '--send', 'guest', '--command', 'AYT', '--type', 'q', '--send', 'bye'];
    expect(await scriptOf(...words)).to.deep.equal([
      { expect: 'login:' },
      { send: 'guest' },
      { command: 'AYT' },
      { type: 'q' },
      { send: 'bye' },
    ]);
  });

  it('stand before the target as well', async () => {
    await run('tele', 'fetch', '--send', 'a', 'h', '--send', 'b');
    expect(asked.options?.['script']).to.deep.equal([{ send: 'a' }, { send: 'b' }]);
  });

  it('are no option where there are none', async () => {
    expect(await scriptOf()).to.equal(undefined);
  });

  it('send what is written as it is: backslashes, an empty line, a dash behind =', async () => {
    expect(await scriptOf('--send', 'dir C:\\new', '--send', '', '--send=-x')).to.deep.equal([
      { send: 'dir C:\\new' },
      { send: '' },
      { send: '-x' },
    ]);
  });

  it('type keys that cannot be written', async () => {
    const keys: [string, string][] = [
      ['\\r\\n\\t\\b\\e[A', '\r\n\t\b\x1b[A'],
      ['\\x03\\x1D', '\x03\x1d'],
      ['\\u{e9}\\u{1F600}', 'é😀'],
      ['C:\\\\new', 'C:\\new'],
    ];
    for (const [written, typed] of keys) expect(await scriptOf('--type', written)).to.deep.equal([{ type: typed }]);
  });

  it('wait for text, or for a regular expression between slashes', async () => {
    expect(await scriptOf('--expect', '/etc', '--expect', '/log ?in:/i', '--expect', '/a\\/b/')).to.deep.equal([
      { expect: '/etc' },
      { expect: /log ?in:/i },
      { expect: /a\/b/ },
    ]);
  });

  it('name commands in letters of either case', async () => {
    expect(await scriptOf('--command', 'ayt')).to.deep.equal([{ command: 'AYT' }]);
  });

  const mistakes: [string[], RegExp][] = [
    [['--expect', '/(/'], /--expect: this is no regular expression: Unterminated group/],
    [['--expect', ''], /--expect needs a value/],
    [['--type', ''], /--type needs a value/],
    [['--type', '\\q'], /--type: \\q is no key/],
    [['--type', '\\x1'], /--type: \\x is no key/],
    [['--type', '\\u{110000}'], /is no key/],
    [['--type', '\\u{d800}'], /is no key/],
    [['--type', 'a\\'], /--type: \\ is no key/],
    [['--command', 'x'], /--command: it is one of AYT, BRK, IP, AO, NOP/],
    [['--send', '--expect'], /--send needs a value; if it starts with a dash: --send=LINE/],
    [['--escape', '^]'], /there is no flag --escape here/],
  ];
  for (const [words, message] of mistakes) {
    it(`are a mistake as ${words.join(' ')}`, async () => {
      delete asked.options;
      const { code, err } = await run('tele', 'fetch', 'h', ...words);
      expect(code).to.equal(2);
      expect(err).to.match(message);
      expect(asked.options).to.equal(undefined);
    });
  }

  it('are a mistake with a verb that has no script', async () => {
    const { code, err } = await run('--send', 'x', 'tele://h');
    expect(code).to.equal(0);
    const open = await netkit(['tele://h', '--send', 'x'], { protocols, tty: ['stdin', 'stdout'] });
    expect(open.err).to.match(/tele open has no --send/);
    expect(open.code).to.equal(2);
    expect(err).to.equal('');
  });

  it('give --json what each step has found', async () => {
    const { records } = await run('tele', 'fetch', 'h', '--expect', '/log(in):/', '--json');
    const step = { step: 0, expect: '/log(in):/', match: 'login:', groups: { 1: 'in' }, before: 'hello ' };
    expect(records).to.have.length(1);
    expect(records[0]).to.deep.include({ complete: true, body: 'hello login: \x1b[2J', steps: [step] });
  });

  it('show nothing on a terminal that it would obey', async () => {
    const { out } = await netkit('tele fetch h --expect x', { protocols, tty: ['stdout'] });
    expect(out).to.equal('hello login: \\x1b[2J\n');
  });
});

describe('a flag of pairs', () => {
  const env = async (...words: string[]): Promise<unknown> => {
    next.dialogue = new FakeTerminal();
    next.dialogue.end();
    const { code } = await run('tele', 'open', 'h', ...words);
    return code === 0 ? asked.options?.['env'] : code;
  };

  it('makes a record of all that are given', async () => {
    const given = await env('--env', 'USER=joe', '--env', 'A=b=c', '--env', 'EMPTY=', '--env', '__proto__=x');
    expect(Object.entries(given as object)).to.deep.equal([
      ['USER', 'joe'],
      ['A', 'b=c'],
      ['EMPTY', ''],
      ['__proto__', 'x'],
    ]);
  });

  it('takes the last of a name', async () => {
    expect({ ...((await env('--env', 'A=1', '--env', 'A=2')) as object) }).to.deep.equal({ A: '2' });
  });

  it('needs a name and a value', async () => {
    expect(await env('--env', 'USER')).to.equal(2);
    expect(await env('--env', '=x')).to.equal(2);
  });
});

describe('the help on them', () => {
  it('has the flags of each step, and what their values may be', async () => {
    const { out } = await run('help', 'tele', 'fetch');
    expect(out).to.include('netkit tele fetch example.org --send LINE --type KEYS\n');
    expect(out).to.match(/--send LINE +a line\n/);
    expect(out).to.match(/--expect TEXT\|\/RE\/ +what to wait for\n/);
    expect(out).to.match(/--command NAME +a command\n/);
    expect(out).to.include('--send, --type, --expect, --command: what is said and waited for,\nin the order');
    expect((await run('help', 'tele', 'open')).out).to.match(/--env NAME=VALUE +a variable/);
  });

  it('is in the completion', async () => {
    expect((await run('completion', 'bash')).out).to.match(/"tele fetch".*--send --type --expect --command/);
  });

  it('is in docs/protocols.md', () => {
    const page = reference(protocols);
    expect(page).to.include(
      '`script`: what is said and waited for, by these flags in their order:<br>`--send LINE`: a line',
    );
    expect(page).to.include('`--expect TEXT\\|/RE/`: what to wait for');
    expect(page).to.include('`--env NAME=VALUE`: a variable');
  });
});
