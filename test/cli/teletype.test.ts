import { expect } from 'chai';
import { Interrupted } from '../../lib/cli/exit.ts';
import { ConnectionError } from '../../lib/core/errors.ts';
import { rejection } from '../helpers.ts';
import { type Place, raw, talk } from './talk.ts';

describe('a terminal', () => {
  it('gives whole lines at first, and keys one by one when the peer shows them, and back', async () => {
    const { peer, keyboard, adapt, over, type } = talk();
    expect(keyboard.modes).to.deep.equal(['lines']);
    type('one line\n');
    await peer.wrote('one line\n');
    await adapt({ echo: true });
    expect(keyboard.modes).to.deep.equal(['lines', 'raw']);
    await adapt({ echo: false });
    expect(keyboard.modes).to.deep.equal(['lines', 'raw', 'lines']);
    peer.end();
    await over;
  });

  it('gives keys one by one where the peer wants them so, and shows them itself then', async () => {
    const { peer, keyboard, screen, adapt, over, type } = talk();
    await adapt({ characters: true });
    expect(keyboard.modes.at(-1)).to.equal('raw');
    type('ab\x7f\x03\r');
    await peer.wrote('ab\x7f\x03\r');
    peer.end();
    await over;
    expect(screen.text).to.equal('ab\b \b^C\r\n');
  });

  it('leaves Enter, Ctrl-C, Ctrl-D and Ctrl-Z to the peer that shows what is typed', async () => {
    const { peer, screen, over, type } = await raw();
    type('ls\r');
    type('\x03\x04\x1a');
    await peer.wrote('ls\r\x03\x04\x1a');
    peer.end();
    await over;
    expect(screen.text).to.equal('');
  });

  it('keeps characters whole that arrive in parts', async () => {
    const { peer, over, type } = await raw();
    for (const octet of Buffer.from('é😀')) {
      type(Buffer.of(octet));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await peer.wrote('é😀');
    peer.end();
    await over;
  });

  it('shows what the peer says as it is, and answers nothing in its own place (T8)', async () => {
    const { peer, screen, over } = await raw();
    const said = '\x05\x1b[6n\x1b[c\x1bP$qm\x1b\\\x1b]0;owned\x07\x1b[2J';
    peer.say(said);
    peer.end();
    await over;
    expect(screen.text).to.equal(said);
    expect(peer.written).to.deep.equal([]);
  });

  it('tells the peer of every new size', async () => {
    const { peer, screen, over } = talk();
    Object.assign(screen, { columns: 132, rows: 50 });
    screen.emit('resize');
    peer.end();
    await over;
    screen.emit('resize');
    expect(peer.sizes).to.deep.equal(['132x50']);
  });
});

describe('a password typed at a terminal', () => {
  it('is shown by nobody, also where the peer says that it shows nothing (T10)', async () => {
    const { peer, keyboard, screen, adapt, over, type } = talk();
    peer.say('Password: ');
    await adapt({ password: true });
    expect(keyboard.modes.at(-1)).to.equal('raw');
    type('hun\x7fnter2\r');
    await peer.wrote('hunter2\n');
    await adapt({ password: false });
    expect(keyboard.modes.at(-1)).to.equal('lines');
    type('next\n');
    await peer.wrote('hunter2\nnext\n');
    peer.end();
    await over;
    expect(screen.text).to.equal('Password: \n');
  });

  it('is shown by nobody where keys are given one by one, also when the first has answered the question', async () => {
    const { peer, screen, adapt, over, type } = talk();
    await adapt({ characters: true, password: true });
    type('h');
    await peer.wrote('h');
    await adapt({ password: false });
    type('unter2\r');
    await peer.wrote('hunter2\r');
    type('shown');
    await peer.wrote('hunter2\rshown');
    peer.end();
    await over;
    expect(screen.text).to.equal('\r\nshown');
  });

  it('is shown by nobody where the screen is elsewhere', async () => {
    const said: string[] = [];
    const { peer, keyboard, stderr, adapt, over, type } = talk({ write: async (text) => void said.push(text) });
    await adapt({ echo: true, characters: true });
    expect(keyboard.modes).to.deep.equal(['lines']);
    peer.say('Password: ');
    await adapt({ password: true });
    expect(keyboard.modes.at(-1)).to.equal('raw');
    type('hunter2\r');
    await peer.wrote('hunter2\n');
    peer.end();
    await over;
    expect(said).to.deep.equal(['Password: ']);
    expect(stderr.text).to.equal('\n');
  });

  it('is shown by nobody to the end of its line, whatever the peer says meanwhile', async () => {
    const { peer, keyboard, screen, adapt, over, type } = talk();
    await adapt({ password: true });
    type('hun');
    await new Promise((resolve) => setImmediate(resolve));
    await adapt({ password: false });
    expect(keyboard.modes.at(-1)).to.equal('raw');
    type('ter2\n');
    await peer.wrote('hunter2\n');
    peer.end();
    await over;
    expect(keyboard.modes).to.deep.equal(['lines', 'raw', 'lines']);
    expect(screen.text).to.equal('\n');
  });

  it('is whole where the peer begins to take keys in its middle', async () => {
    const { peer, screen, adapt, over, type } = talk();
    await adapt({ password: true });
    type('hun');
    await new Promise((resolve) => setImmediate(resolve));
    await adapt({ password: false, characters: true });
    type('ter');
    await peer.wrote('hunter');
    type('2\rshown');
    await peer.wrote('hunter2\rshown');
    peer.end();
    await over;
    expect(screen.text).to.equal('\r\nshown');
  });

  it('is not sent where Ctrl-C is typed', async () => {
    const { peer, keyboard, adapt, over, type } = talk();
    await adapt({ password: true });
    type('hunter\x03');
    expect(await rejection(over)).to.be.instanceOf(Interrupted);
    expect(peer.written).to.deep.equal([]);
    expect(keyboard.modes.at(-1)).to.equal('lines');
  });
});

describe('the terminal is as it was', () => {
  const restored = ({ peer, keyboard, screen }: Place): void => {
    expect(keyboard.modes.at(-1)).to.equal('lines');
    expect(keyboard.destroyed).to.equal(true);
    expect(peer.onTerminal).to.equal(undefined);
    expect(screen.listenerCount('resize')).to.equal(0);
    expect(process.listenerCount('SIGCONT')).to.equal(0);
  };

  it('when the peer has ended', async () => {
    const place = await raw();
    place.peer.end();
    await place.over;
    restored(place);
  });

  it('when the connection is lost', async () => {
    const place = await raw();
    const lost = new ConnectionError('lost', { reason: 'reset' });
    place.peer.say(lost);
    expect(await rejection(place.over)).to.equal(lost);
    restored(place);
  });

  it('when what is typed cannot be sent', async () => {
    const place = await raw();
    place.peer.deaf = new ConnectionError('nobody hears');
    place.type('x');
    expect(await rejection(place.over)).to.equal(place.peer.deaf);
    restored(place);
  });

  it('when a signal ends it', async () => {
    const place = await raw();
    const reason = new Interrupted('SIGTERM');
    place.stop.abort(reason);
    expect(await rejection(place.over)).to.equal(reason);
    restored(place);
  });

  it('when nothing more is typed, and the peer has been silent for a while', async () => {
    const place = await raw();
    place.keyboard.end('bye\r');
    await place.over;
    expect(place.peer.written.join('')).to.equal('bye\r');
    restored(place);
  });

  it('when the process exits', async () => {
    const place = await raw();
    for (const listener of process.listeners('exit').slice(-1)) listener(0);
    expect(place.keyboard.modes.at(-1)).to.equal('lines');
    place.peer.end();
    await place.over;
  });

  it('and again as it should be when the process goes on after a stop', async () => {
    const place = await raw();
    process.emit('SIGCONT');
    expect(place.keyboard.modes).to.deep.equal(['lines', 'raw', 'lines', 'raw']);
    place.peer.end();
    await place.over;
  });
});
