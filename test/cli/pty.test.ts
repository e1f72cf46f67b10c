import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { hasPty, Pty } from './pty.ts';

const child = fileURLToPath(new URL('child-terminal.ts', import.meta.url));
const LINES = { echo: true, lines: true, signals: true, output: true };
const RAW = { echo: false, lines: false, signals: false, output: false };

describe('a real terminal', function () {
  this.timeout(60_000);
  let pty: Pty;

  before(function () {
    if (!hasPty) this.skip();
  });
  afterEach(() => pty?.close());

  async function talk(...words: string[]): Promise<Pty> {
    pty = new Pty(child, ['tele', 'open', 'h', ...words]);
    await pty.expect('hello> ');
    return pty;
  }

  async function raw(...words: string[]): Promise<Pty> {
    await talk(...words);
    await pty.type('raw\n');
    await pty.expect('raw> ');
    return pty;
  }

  it('shows lines itself, until the peer shows keys; both ways, live', async () => {
    await talk();
    expect(await pty.settings()).to.deep.equal(LINES);
    await pty.type('some line\n');
    expect(await pty.expect('heard')).to.equal('some line\r\nheard');
    await pty.type('raw\n');
    await pty.expect('raw> ');
    expect(await pty.settings()).to.deep.equal(RAW);
    await pty.type('ab\x03\x04\x1a\r');
    expect(await pty.expect('"')).to.equal('ab<3><4><26>\r\nheard "');
    await pty.type('lines\r');
    await pty.expect('lines> ');
    expect(await pty.settings()).to.deep.equal(LINES);
    await pty.type('bye\n');
    expect(await pty.exit()).to.include({ code: 0, restored: true });
  });

  it('shows what the peer says as it is', async () => {
    await raw();
    await pty.type('curses\r');
    expect(await pty.expect('two\r\n> ')).to.equal('curses\r\none\ntwo\r\n> ');
    await pty.type('bye\r');
    expect(await pty.exit()).to.include({ code: 0, restored: true });
  });

  it('tells the peer of its new size', async () => {
    await raw();
    await pty.resize(132, 50);
    await pty.expect('you are 132x50');
    await pty.type('bye\r');
    expect(await pty.exit()).to.include({ code: 0, restored: true });
  });

  for (const word of ['password', 'no echo']) {
    it(`shows nothing of a password, when the peer says: ${word} (T10)`, async () => {
      await talk();
      await pty.type(`${word}\n`);
      await pty.expect('Password: ');
      expect((await pty.settings()).echo).to.equal(false);
      await pty.type('hunter2\r');
      expect(await pty.expect('heard "hunter2"')).to.equal('\r\nheard "hunter2"');
      await pty.type('seen\n');
      expect(await pty.expect('heard')).to.match(/seen\r\nheard$/);
      await pty.type('bye\n');
      expect(await pty.exit()).to.include({ code: 0, restored: true });
    });
  }

  it('is left by a key at once, in lines too, and asks what to do', async () => {
    await talk();
    await pty.type('\x1d');
    await pty.expect('netkit> ');
    expect(await pty.settings()).to.deep.equal(LINES);
    await pty.type('status\n');
    await pty.expect('line by line, and shown here.\r\nECHO remote\r\n\\x1b[31mred\r\nnetkit> ');
    await pty.type('quit\n');
    expect(await pty.exit()).to.include({ code: 0, restored: true });
  });

  it('is left by a key, and returned to', async () => {
    await raw();
    await pty.type('\x1d');
    await pty.expect('netkit> ');
    expect(await pty.settings()).to.deep.equal(LINES);
    await pty.type('\n');
    // what the terminal itself would show is another thing
    await pty.type('\x01');
    await pty.expect('<1>');
    expect(await pty.settings()).to.deep.equal(RAW);
    await pty.type('\x1d');
    await pty.expect('netkit> ');
    await pty.type('q\n');
    expect(await pty.exit()).to.include({ code: 0, restored: true });
  });

  for (const [signal, code] of [
    ['SIGTERM', 143],
    ['SIGHUP', 129],
    ['SIGINT', 130],
  ] as const) {
    it(`is as it was after ${signal}`, async () => {
      await raw();
      await pty.signal(signal);
      expect(await pty.exit()).to.include({ code, restored: true });
    });
  }

  for (const [word, code] of [
    ['throw', 1],
    ['exit', 3],
  ] as const) {
    it(`is as it was after a mistake of the program: ${word}`, async () => {
      await raw();
      await pty.type(`${word}\r`);
      expect(await pty.exit()).to.include({ code, restored: true });
    });
  }

  it('is interrupted by Ctrl-C where that is not the peer’s', async () => {
    await talk();
    await pty.type('\x03');
    expect(await pty.exit()).to.include({ code: 130, restored: true });
  });

  it('ends what is typed with Ctrl-D where that is not the peer’s', async () => {
    await talk('--linger', '50ms');
    await pty.type('\x04');
    expect(await pty.exit()).to.include({ code: 0, restored: true });
  });
});
