import { PassThrough } from 'node:stream';
import { expect } from 'chai';
import { ConnectionError } from '../../lib/core/errors.ts';
import { asked, FakeTerminal, next, protocols } from './fake-terminal.ts';
import { netkit, type Outcome, type World } from './run.ts';

const lines = (text: string): PassThrough => {
  const stream = new PassThrough();
  stream.end(text);
  return stream;
};

/** The command, with a peer that says this. */
function run(line: string, world: World, ...said: (string | Error)[]): Promise<Outcome> {
  next.dialogue = new FakeTerminal();
  next.dialogue.say(...said);
  for (const key of ['options', 'connect', 'verb'] as const) delete asked[key];
  return netkit(line, { protocols, ...world });
}

const END = new ConnectionError('lost', { reason: 'reset', phase: 'body' });

describe('a conversation without a terminal', () => {
  it('reads standard input for -, and ends when the peer has been silent for a while after it', async () => {
    const { code, out } = await run('tele open h - --linger 30ms', { stdin: lines('one\r\ntwo\n') }, 'hello\r\n');
    expect(code).to.equal(0);
    expect(out).to.equal('hello\r\n');
    expect(next.dialogue.written.join('')).to.equal('one\r\ntwo\n');
    expect(next.dialogue.closed).to.be.greaterThan(0);
  });

  it('keeps an end of line whole that arrives in parts', async () => {
    const stdin = new PassThrough();
    const over = run('tele open h - --linger 20ms', { stdin });
    stdin.write('one\r');
    await next.dialogue.wrote('one');
    stdin.end('\ntwo\r');
    expect((await over).code).to.equal(0);
    expect(next.dialogue.written).to.deep.equal(['one', '\r\ntwo', '\r']);
  });

  it('reads no standard input where nothing asks for it, and ends with the peer', async () => {
    const over = run('tele open h', {}, 'hello');
    next.dialogue.end();
    expect(await over).to.include({ code: 0, out: 'hello' });
    expect(next.dialogue.written).to.deep.equal([]);
  });

  it('fails as the connection does', async () => {
    expect((await run('tele open h', {}, 'hello', END)).code).to.equal(12);
  });

  it('shows a terminal nothing that it would obey, unless --raw', async () => {
    const world: World = { stdin: lines(''), tty: ['stdout'] };
    const { out } = await run('tele open h - --linger 10ms', world, 'a\x1b[2J\x05\r', '\nb');
    expect(out).to.equal('a\\x1b[2J\\x05\nb');
    const raw = await run('tele open h - --linger 10ms --raw', { ...world, stdin: lines('') }, 'a\x1b[2J\r\n');
    expect(raw.out).to.equal('a\x1b[2J\r\n');
  });

  it('is lines of JSON with --json', async () => {
    const { records } = await run('tele open h - --linger 10ms --json', { stdin: lines('') }, 'a', 'b');
    expect(records).to.deep.equal([{ text: 'a' }, { text: 'b' }]);
  });
});

describe('a conversation at a terminal', () => {
  const terminal: World = { tty: ['stdin', 'stdout'], env: { TERM: 'xterm-256color' } };

  it('is what the bare URL means there, and only there', async () => {
    await run('tele://h --linger 10ms', { ...terminal, stdin: lines('hi\n') });
    expect(asked.verb).to.equal('open');
    await run('tele://h', {});
    expect(asked.verb).to.equal('fetch');
    await run('tele://h --json', terminal);
    expect(asked.verb).to.equal('fetch');
    await run('tele://h tele://i', terminal);
    expect(asked.verb).to.equal('fetch');
  });

  it('tells what the terminal is, where it has a name, and has no limit for silence', async () => {
    await run('tele open h --linger 10ms', { ...terminal, stdin: lines('') });
    expect(asked.options).to.include({ terminal: 'xterm-256color' });
    expect(asked.options).not.to.have.any.keys('columns', 'rows');
    expect(asked.connect?.timeouts).to.deep.equal({ idle: Number.POSITIVE_INFINITY });
    await run('tele open h --linger 10ms --terminal vt100 --timeout 5', { ...terminal, stdin: lines('') });
    expect(asked.options).to.include({ terminal: 'vt100' });
    expect(asked.connect?.timeouts).to.deep.include({ idle: 5000 });
    await run('tele open h --linger 10ms', { ...terminal, env: { TERM: 'a b\x1b' }, stdin: lines('') });
    expect(asked.options).not.to.have.property('terminal');
  });

  it('tells nothing of it elsewhere', async () => {
    await run('tele open h - --linger 10ms', { stdin: lines(''), env: { TERM: 'xterm' } });
    expect(asked.options).not.to.have.any.keys('terminal', 'columns', 'rows');
    expect(asked.connect?.timeouts).to.deep.equal({});
  });

  it('says on standard error who is there, and how to leave', async () => {
    const { err, out } = await run('tele open h --linger 10ms --escape ^A', { ...terminal, stdin: lines('') }, 'hi');
    expect(out).to.equal('hi');
    expect(err).to.equal('netkit: tele://h/ is there; ^A leaves it for a moment\nnetkit: the conversation is over\n');
    expect((await run('tele open h --linger 10ms -q', { ...terminal, stdin: lines('') })).err).to.equal('');
  });

  it('asks for no password before the peer does', async () => {
    await run('tele open joe@h --linger 10ms', { tty: ['stdin', 'stdout', 'stderr'], stdin: lines('') });
    expect(asked.connect).to.not.have.property('password');
  });

  it('has an escape key that is one', async () => {
    for (const [key, code] of [
      ['^]', 0],
      ['^a', 0],
      ['~', 0],
      ['none', 0],
      ['^', 0],
      ['ab', 2],
      ['^é', 2],
      ['\x1d', 2],
    ] as const) {
      const words = ['tele', 'open', 'h', '--linger', '5ms', `--escape=${key}`];
      next.dialogue = new FakeTerminal();
      expect((await netkit(words, { protocols, ...terminal, stdin: lines('') })).code, key).to.equal(code);
    }
  });
});

describe('a target of a conversation', () => {
  it('that starts with a dash is a mistake (A24)', async () => {
    for (const line of ['tele -n/tmp/x', 'tele open -n/tmp/x', 'tele open -- -n/tmp/x', 'tele fetch -x']) {
      expect((await run(line, {})).code, line).to.equal(2);
      expect(asked.verb, line).to.equal(undefined);
    }
  });
});
