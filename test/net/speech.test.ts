import { expect } from 'chai';
import { Secret } from '../../lib/core/secret.ts';
import { Speech } from '../../lib/net/speech.ts';
import { Transcript } from '../../lib/net/transcript.ts';
import { command } from '../../lib/wire/command.ts';

const PEER = { host: 'a.example', port: 1 };

describe('what is said on a connection', () => {
  it('is shown without the secrets of its commands, and without those that were to be hidden before', () => {
    const transcript = new Transcript();
    const speech = new Speech('client', PEER, transcript);
    expect(speech.redact('hunter2 t0ken')).to.equal('hunter2 t0ken');
    const secret = new Secret('hunter2');
    speech.hide(secret);
    speech.commanded([command`PASS ${secret}`]);
    speech.commanded([command`AUTH ${new Secret('t0ken')}`]);
    speech.heard('hunter2 aHVudGVyMg== t0ken');
    expect(transcript.lines.map(({ text }) => text)).to.deep.equal(['PASS ***', 'AUTH ***', '*** ***g== ***']);
    expect(speech.redact('hunter2 t0ken')).to.equal('*** ***');
  });
});
