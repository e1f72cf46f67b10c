import { expect } from 'chai';
import { Transcript } from '../../lib/net/transcript.ts';

describe('a transcript', () => {
  it('reads as an example in an RFC', () => {
    const transcript = new Transcript();
    transcript.add('S', '+OK');
    transcript.push({ from: 'C', text: 'QUIT' });
    expect(`${transcript}`).to.equal('S: +OK\nC: QUIT');
  });

  it('forgets the oldest of what are too many lines', () => {
    const transcript = new Transcript({ lines: 10 });
    for (let i = 0; i < 1_000; i++) transcript.add('C', `${i}`);
    expect(transcript.lines.length).to.be.within(10, 11);
    expect(transcript.lines.at(-1)?.text).to.equal('999');
  });

  it('forgets the oldest of what is too long, and keeps the last whatever its length', () => {
    const transcript = new Transcript({ characters: 1_000 });
    for (let i = 0; i < 1_000; i++) transcript.add('C', `${i}`.padStart(100, '.'));
    expect(transcript.lines.length).to.be.within(10, 11);
    transcript.add('S', 'x'.repeat(5_000));
    expect(transcript.lines.map(({ from }) => from)).to.deep.equal(['S']);
    transcript.add('C', 'y');
    expect(`${transcript}`.length).to.be.at.most(5_010);
  });
});
