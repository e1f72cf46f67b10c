import { expect } from 'chai';
import { raw, talk } from './talk.ts';

describe('the key that leaves a conversation', () => {
  it('asks what to do, while the peer waits, and an empty line returns', async () => {
    const { peer, keyboard, screen, over, type } = await raw();
    type('ab\x1d');
    await screen.shows('netkit> ');
    await peer.wrote('ab');
    expect(keyboard.modes.at(-1)).to.equal('lines');
    peer.say('later');
    await new Promise((resolve) => setImmediate(resolve));
    expect(screen.text).to.equal('\nnetkit> ');
    type('\n');
    await screen.shows('later');
    expect(keyboard.modes.at(-1)).to.equal('raw');
    peer.end();
    await over;
  });

  it('knows help, status, and what it does not know', async () => {
    const { screen, over, type } = await raw();
    type('\x1d');
    type('help\n');
    await screen.shows('send ayt      are you there?\n');
    type('status\n');
    await screen.shows('key by key, and shown by the peer.\nECHO remote\n\\x1b[31mred\nnetkit> ');
    type('statsu\nsend\nsend x\n');
    await screen.shows(
      'there is no statsu here. Did you mean status?\nnetkit> say what to send: see help\nnetkit> there is',
    );
    type('close\n');
    await over;
  });

  it('sends a command, and returns', async () => {
    const { peer, keyboard, over, type } = await raw();
    type('\x1dsend AYT\nx');
    await peer.wrote('<AYT>x');
    expect(keyboard.modes.at(-1)).to.equal('raw');
    peer.end();
    await over;
  });

  it('can be sent itself', async () => {
    const { peer, over, type } = await raw();
    type('\x1dsend escape\r');
    await peer.wrote('\x1d');
    peer.end();
    await over;
  });

  for (const word of ['quit', 'close', 'q']) {
    it(`ends it with ${word}, whatever that ends with`, async () => {
      const { peer, keyboard, over, type } = await raw();
      type(`\x1d${word}\n`);
      await over;
      expect(peer.closed).to.be.greaterThan(0);
      expect(keyboard.modes.at(-1)).to.equal('lines');
    });
  }

  it('is found within a line, and the end of that line is no answer', async () => {
    const { peer, screen, over, type } = talk();
    type('ab\x1d\n');
    await screen.shows('netkit> ');
    type('send ayt\n');
    await peer.wrote('ab<AYT>');
    peer.end();
    await over;
  });

  it('is another, or none', async () => {
    const other = await raw({ escape: '~' });
    other.type('\x1d~quit\n');
    await other.over;
    expect(other.peer.written.join('')).to.equal('\x1d');
    const none = await raw({ escape: '' });
    none.type('\x1d');
    await none.peer.wrote('\x1d');
    none.peer.end();
    await none.over;
  });
});
