import { expect } from 'chai';
import { Progress } from '../../lib/cli/progress.ts';
import { HarmlessText, harmless, harmlessLine, painter } from '../../lib/cli/terminal.ts';
import { Gathered, netkit } from './run.ts';

/** Everything that a terminal obeys, and that nobody should be able to send it. */
const OBEYED = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/;
const everything = Array.from({ length: 0x2100 }, (_, code) => String.fromCharCode(code)).join('');

describe('what reaches a terminal', () => {
  it('has no control characters but TAB and LF, and loses nothing else', () => {
    expect(harmless(everything)).to.include('\t\n').and.to.not.match(OBEYED);
    expect(harmless('a\x1b[2J\x9b\x7f\u202e\u2066é€')).to.equal('a\\x1b[2J\\x9b\\x7f\\u{202e}\\u{2066}é€');
    expect(harmless('a\r\nb\rc')).to.equal('a\nb\\x0dc');
  });

  it('stays on one line where it must', () => {
    expect(harmlessLine('a\nb\tc\r\n')).to.equal('a\\x0ab\\x09c\\x0d\\x0a');
  });

  it('is the same however a body is cut', () => {
    const body = Buffer.from('a\r\nwörld\x1b[2J\u009b€\u202e\r');
    const whole = harmless(body.toString());
    for (let size = 1; size <= body.length; size++) {
      const text = new HarmlessText();
      let shown = '';
      for (let at = 0; at < body.length; at += size) shown += text.push(body.subarray(at, at + size));
      expect(shown + text.end()).to.equal(whole);
    }
  });

  it('bodies are made harmless there, and there only', async () => {
    const onTerminal = await netkit('fake fetch h/evil', { tty: ['stdout'] });
    expect(onTerminal.out).to.equal('evil\\x1b]0;owned\\x07\\x1b[2J\\x9b31m\\u{202e}gpj.exe\nnext\tline\n');
    const binary = await netkit('fake fetch h/binary', { tty: ['stdout'] });
    expect(binary.out).to.not.match(OBEYED);
    expect((await netkit('fake fetch h/evil')).out).to.include('\x1b[2J');
    expect((await netkit('fake fetch h/evil --raw', { tty: ['stdout'] })).out).to.include('\x1b[2J');
  });

  it('names, facts, errors and the dialogue are made harmless everywhere', async () => {
    for (const line of [
      'fake list h -v',
      'fake info h/x -v',
      'check fake://h -v',
      'fake list h --json -v',
      'demo fake',
    ]) {
      const { out, err } = await netkit(line);
      expect(out + err, line)
        .to.match(/x1b|u001b/)
        .and.to.not.match(OBEYED);
    }
    for (const target of ['fetch\x1b[2J', 'fake://h/\x1b[2J', 'fake fetch h/a\u202eb']) {
      const { err } = await netkit(target.split(' '));
      expect(err).to.not.match(OBEYED);
    }
  });

  it('has colours only where it is one, unless told otherwise', () => {
    const terminal = new Gathered(true);
    const pipe = new Gathered();
    const colored = (env: Record<string, string>, stream: Gathered, choice?: 'always' | 'never'): boolean =>
      painter({ env }, stream, choice)('red', 'x') !== 'x';
    expect(colored({}, terminal)).to.equal(true);
    expect(colored({}, pipe)).to.equal(false);
    expect(colored({ NO_COLOR: '1' }, terminal)).to.equal(false);
    expect(colored({ TERM: 'dumb' }, terminal)).to.equal(false);
    expect(colored({ FORCE_COLOR: '1' }, pipe)).to.equal(true);
    expect(colored({ FORCE_COLOR: '0' }, terminal)).to.equal(false);
    expect(colored({ NO_COLOR: '1' }, pipe, 'always')).to.equal(true);
    expect(colored({}, terminal, 'never')).to.equal(false);
  });
});

describe('the progress line', () => {
  it('comes after a while, on a terminal, and goes again', async () => {
    const stderr = new Gathered(true);
    const keep = setTimeout(() => {}, 10_000);
    const written = new Promise((resolve) => stderr.once('written', resolve));
    const progress = new Progress({ ...process, stderr, env: {} }, 2048);
    progress.add(1024);
    expect(stderr.text).to.equal('');
    await written;
    clearTimeout(keep);
    expect(stderr.text).to.match(/^\r1\.0k of 2\.0k, .*\/s, /);
    progress.end();
    expect(stderr.text).to.match(/\r\x1b\[K$/);
  });

  it('is not there where nobody sees it', () => {
    const handles = process.getActiveResourcesInfo().length;
    const lines = [new Gathered(false), new Gathered(true)].map((stderr) => {
      return new Progress({ ...process, stderr, env: { CI: 'true' } });
    });
    expect(process.getActiveResourcesInfo().length).to.equal(handles);
    for (const line of lines) line.end();
  });
});
