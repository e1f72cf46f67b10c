import { expect } from 'chai';
import { ConnectionError, ProtocolError, TimeoutError, UsageError } from '../../lib/core/errors.ts';
import { all, rejection } from '../helpers.ts';
import { talk } from './talk.ts';

describe('a Telnet dialogue: reading', () => {
  it('waits for a prompt, and tells what came before it (telnet-g01)', async () => {
    const found = await talk(
      String.raw`
      S| \xff\xfd\x18\xff\xfd\x20\xff\xfd\x23\xff\xfd\x27\xff\xfd\x1f\xff\xfb\x03\xff\xfb\x01
      S| Debian\r\nlogin: 
      C| \xff\xfb\x18\xff\xfc\x20\xff\xfc\x23\xff\xfc\x27\xff\xfc\x1f\xff\xfd\x03\xff\xfd\x01
      C: joe
      S: joe
      S: Welcome`,
      async (dialogue) => {
        const first = await dialogue.waitFor('login: ');
        await dialogue.writeLine('joe');
        expect((await dialogue.readToEnd()).trim()).to.equal('joe\r\nWelcome');
        return first;
      },
    );
    expect({ ...found, groups: undefined }).to.deep.equal({
      ...{ index: 0, match: 'login: ', groups: undefined },
      ...{ before: 'Debian\r\n', text: 'Debian\r\nlogin: ' },
    });
  });

  it('undoes IAC IAC and CR NUL, and leaves CR LF (telnet-g02)', async () => {
    const text = await talk(String.raw`S| a\xff\xffb\r\0c\r\nd`, (dialogue) => dialogue.readToEnd(), {
      charset: 'latin1',
    });
    expect(Buffer.from(text, 'latin1').toString('hex')).to.equal('61ff620d630d0a64');
  });

  it('keeps what is behind a match, and what has come when a wait was too long', async () => {
    await talk(
      `
      S| one two 
      C: go
      S| three`,
      async (dialogue) => {
        await dialogue.waitFor('one');
        const error = await rejection(dialogue.waitFor(['three', /four/], { timeout: 30 }));
        expect(error).to.be.an.instanceOf(TimeoutError);
        expect(error).to.include({ name: 'TimeoutError', reason: 'timeout', phase: 'command', before: ' two ' });
        expect(String(error)).to.include('three, /four/').and.include(' two ');
        await dialogue.writeLine('go');
        expect(await dialogue.waitFor(/th(?<rest>ree)/)).to.deep.include({ before: ' two ', match: 'three' });
      },
    );
  });

  it('ends a wait with the reason of its signal, and goes on', async () => {
    await talk(
      `
      S| one
      C: go
      S| two`,
      async (dialogue) => {
        const controller = new AbortController();
        const waiting = rejection(dialogue.waitFor('two', { signal: controller.signal }));
        const reason = new Error('enough');
        controller.abort(reason);
        expect(await waiting).to.equal(reason);
        expect(await rejection(dialogue.read({ signal: controller.signal }))).to.equal(reason);
        await dialogue.writeLine('go');
        expect((await dialogue.waitFor('two')).text).to.equal('onetwo');
      },
    );
  });

  it('fails when the peer ends before, and what had come can be read', async () => {
    await talk(`S| log`, async (dialogue) => {
      const error = await rejection(dialogue.waitFor('login: '));
      expect(error).to.be.an.instanceOf(ConnectionError);
      expect(error).to.include({ reason: 'truncated', protocol: 'telnet', phase: 'command' });
      expect(dialogue.available()).to.equal('log');
      expect(await dialogue.read()).to.equal(undefined);
      expect(await rejection(dialogue.waitFor('x'))).to.include({ reason: 'closed' });
    });
  });

  it('refuses a second reader, while writes may be made', async () => {
    await talk(
      `
      C: ping
      S: pong`,
      async (dialogue) => {
        const reading = dialogue.readLine();
        for (const second of [
          dialogue.read(),
          dialogue.waitFor('x'),
          dialogue.readUntilIdle(10),
          dialogue.timingMark(),
        ]) {
          expect(await rejection(second)).to.be.an.instanceOf(UsageError);
        }
        await dialogue.writeLine('ping');
        expect(await reading).to.equal('pong');
      },
    );
  });

  it('reads lines, characters, what there is, until it is idle, and to the end', async () => {
    await talk(
      String.raw`
      S| one\r\ntwo\n\r\nabc
      C: more
      S| def\r\n€uro\r\nlast`,
      async (dialogue) => {
        expect([await dialogue.readLine(), await dialogue.readLine(), await dialogue.readLine()]).to.deep.equal([
          'one',
          'two',
          '',
        ]);
        expect(await dialogue.readExactly(2)).to.equal('ab');
        expect(await dialogue.readUntilIdle(20)).to.equal('c');
        expect(dialogue.available()).to.equal('');
        await dialogue.writeLine('more');
        expect(await dialogue.readLine()).to.equal('def');
        expect(await all(dialogue.lines())).to.deep.equal(['€uro', 'last']);
        expect(await dialogue.readLine()).to.equal(undefined);
        expect(await dialogue.readToEnd()).to.equal('');
        expect(await rejection(dialogue.readExactly(1))).to.include({ reason: 'closed' });
      },
    );
  });

  it('gives the text as it comes, and may be left and gone on with', async () => {
    await talk(
      `
      S| one
      C: go
      S| two`,
      async (dialogue) => {
        let heard = '';
        for await (const text of dialogue) {
          heard += text;
          if (heard === 'one') break;
        }
        await dialogue.writeLine('go');
        for await (const text of dialogue) heard += text;
        expect(heard).to.equal('onetwo');
      },
    );
  });

  it('limits what a wait passes over, and what is gathered', async () => {
    const said = `S| ${'spam'.repeat(500)}`;
    const limited = await rejection(talk(said, (dialogue) => dialogue.waitFor('login: '), { maxSize: 1000 }));
    expect(limited).to.be.an.instanceOf(ProtocolError).and.include({ reason: 'limit' });
    const gathered = await rejection(talk(said, (dialogue) => dialogue.readToEnd(100)));
    expect(gathered).to.include({ code: 'NETKIT_PROTOCOL', reason: 'limit' });
  });

  it('reads nothing that nobody asks for', async () => {
    await talk(
      String.raw`
      S| \xff\xfd\x18
      C: first
      C| \xff\xfb\x18
      S| x`,
      async (dialogue) => {
        await dialogue.writeLine('first');
        expect(await dialogue.readToEnd()).to.equal('x');
      },
    );
  });
});
