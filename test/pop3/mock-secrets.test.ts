import { expect } from 'chai';
import { Transcript } from '../../lib/net/transcript.ts';
import { play } from './mock.ts';

const LOGIN = { user: 'user', password: 's3cret' };

describe('The transcript of a POP3 server', () => {
  it('shows no secret that a client says', async () => {
    const heard = new Transcript();
    const plain = Buffer.from('\0user\0s3cret').toString('base64');
    const server = await play(
      { messages: [] },
      { profile: 'full', login: LOGIN, transcript: heard, capabilities: { APOP: '<1@a>' } },
      `
      S~ ^\\+OK
      C: USER user
      S~ ^\\+OK
      C: PASS wrong hunter2
      S~ ^-ERR
      C: pass s3cret
      S~ ^-ERR
      C: APOP user 0123456789abcdef0123456789abcdef
      S~ ^-ERR
      C: auth PLAIN ${plain}x
      S~ ^-ERR
      C: AUTH LOGIN
      S~ ^\\+
      C: *
      S~ ^-ERR
      C: AUTH PLAIN
      S~ ^\\+
      C: ${plain}
      S~ ^\\+OK
      C: QUIT
      S~ ^\\+OK
    `,
      `S~ ^\\+OK\nC: AUTH PLAIN ${plain}\nS~ ^\\+OK`,
    );
    const lines = server.transcript.lines.filter(({ from }) => from === 'C').map(({ text }) => text);
    expect(lines).to.deep.equal([
      'USER user',
      'PASS ***',
      'pass ***',
      'APOP user ***',
      'auth PLAIN ***',
      'AUTH LOGIN',
      '*',
      'AUTH PLAIN',
      '***',
      'QUIT',
      'AUTH PLAIN ***',
    ]);
    for (const transcript of [server.transcript, heard, ...server.sessions.map((session) => session.transcript)]) {
      for (const secret of ['hunter2', 's3cret', '0123456789abcdef', plain])
        expect(transcript.toString()).to.not.contain(secret);
    }
  });

  it('shows none of those that come together', async () => {
    const plain = Buffer.from('\0user\0s3cret').toString('base64');
    const said = `C| AUTH PLAIN\\r\\n${plain}\\r\\nSTAT\\r\\n\n`;
    const server = await play({ messages: [] }, { login: LOGIN }, `S~ ^\\+OK\n${said}S~ ^\\+ \nS~ ^\\+OK\nS: +OK 0 0`);
    expect(server.transcript.toString()).to.contain('C: AUTH PLAIN\nS: + \nC: ***\n').and.to.contain('C: STAT');
  });

  it('shows no response that comes together with an AUTH that is refused, up to the next command', async () => {
    const plain = Buffer.from('\0user\0s3cret').toString('base64');
    const word = Buffer.from('s3cret').toString('base64');
    const said = `C| AUTH NTLM\\r\\n${plain}\\r\\n${word}\\r\\nNOOP\\r\\nXYZ\\r\\nQUIT\\r\\n`;
    const server = await play(
      { messages: [] },
      { login: LOGIN },
      `S~ ^\\+OK\n${said}\n${'S~ ^-ERR\n'.repeat(5)}S~ ^\\+OK`,
    );
    const lines = server.transcript.lines.filter(({ from }) => from === 'C').map(({ text }) => text);
    expect(lines).to.deep.equal(['AUTH NTLM', '***', '***', 'NOOP', 'XYZ', 'QUIT']);
  });
});
