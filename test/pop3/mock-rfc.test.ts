import type { Pop3Fixture } from '../../lib/pop3/fixture.ts';
import { messageOf, play } from './mock.ts';

/** The maildrop of the examples of RFC 1939. */
const MROSE: Pop3Fixture = {
  users: {
    mrose: {
      password: 'tanstaaf',
      messages: [
        { uid: 'whqtswO00WBw418f9t5JxYwZ', content: messageOf(120, 'one') },
        { uid: 'QhdPYR:00WBw1Ph7x7', content: messageOf(200, 'two') },
      ],
    },
  },
};
const STAMP = '<1896.697170952@dbc.mtview.ca.us>';
const LOGIN = `
  S~ ^\\+OK
  C: APOP mrose c4c9334bac560ecc979e58001b3e22fb
  S: +OK mrose's maildrop has 2 messages
`;

describe('A POP3 server says what the RFCs print', () => {
  it('RFC 1939 10: a session', async () => {
    const dialogue = `
      S: +OK netkit POP3 server ready ${STAMP}
      C: APOP mrose c4c9334bac560ecc979e58001b3e22fb
      S: +OK mrose's maildrop has 2 messages
      C: STAT
      S: +OK 2 320
      C: LIST
      S: +OK 2 messages (320 octets)
      S: 1 120
      S: 2 200
      S: .
      C: RETR 1
      S: +OK 120 octets
      S| ${messageOf(120, 'one').replaceAll('\r\n', '\\r\\n')}
      S: .
      C: DELE 1
      S: +OK message 1 deleted
      C: RETR 2
      S: +OK 200 octets
      S| ${messageOf(200, 'two').replaceAll('\r\n', '\\r\\n')}
      S: .
      C: DELE 2
      S: +OK message 2 deleted
      C: QUIT
      S: +OK netkit POP3 server signing off (maildrop empty)
      *: close
    `;
    await play(MROSE, { capabilities: { APOP: STAMP } }, dialogue);
  });

  it('RFC 1939 5: LIST, RETR, DELE, NOOP and RSET', async () => {
    const dialogue = `${LOGIN}
      C: LIST 2
      S: +OK 2 200
      C: LIST 3
      S: -ERR no such message, only 2 messages in maildrop
      C: DELE 2
      S: +OK message 2 deleted
      C: DELE 2
      S: -ERR message 2 already deleted
      C: LIST
      S: +OK 1 message (120 octets)
      S: 1 120
      S: .
      C: LIST 2
      S: -ERR message 2 already deleted
      C: STAT
      S: +OK 1 120
      C: NOOP
      S~ ^\\+OK
      C: RSET
      S: +OK maildrop has 2 messages (320 octets)
      C: STAT
      S: +OK 2 320
      C: QUIT
      S: +OK netkit POP3 server signing off (2 messages left)
      *: close
    `;
    await play(MROSE, { capabilities: { APOP: STAMP } }, dialogue);
  });

  it('RFC 1939 7: TOP and UIDL', async () => {
    const dialogue = `${LOGIN}
      C: TOP 1 10
      S: +OK top of message follows
      S| ${messageOf(120, 'one').replaceAll('\r\n', '\\r\\n')}
      S: .
      C: TOP 1 0
      S: +OK top of message follows
      S: Subject: one
      S:
      S: .
      C: TOP 100 3
      S: -ERR no such message, only 2 messages in maildrop
      C: UIDL
      S~ ^\\+OK
      S: 1 whqtswO00WBw418f9t5JxYwZ
      S: 2 QhdPYR:00WBw1Ph7x7
      S: .
      C: UIDL 2
      S: +OK 2 QhdPYR:00WBw1Ph7x7
      C: UIDL 3
      S: -ERR no such message, only 2 messages in maildrop
      C: QUIT
      S~ ^\\+OK
      *: close
    `;
    await play(MROSE, { capabilities: { APOP: STAMP } }, dialogue);
  });

  it('RFC 2449 5: the capabilities, in both states', async () => {
    const list = `
      C: CAPA
      S: +OK capability list follows
      S: TOP
      S: UIDL
      S: RESP-CODES
      S: AUTH-RESP-CODE
      S: PIPELINING
      S: USER
      S: SASL PLAIN LOGIN CRAM-MD5 SCRAM-SHA-1 SCRAM-SHA-256
      S: .
    `;
    await play(MROSE, { capabilities: { APOP: STAMP } }, `S~ ^\\+OK\n${list}`, `${LOGIN}\n${list}`);
  });

  it('RFC 2449 6.6: several commands at once are answered in their order', async () => {
    const dialogue = `${LOGIN}
      C| STAT\\r\\nLIST 1\\r\\nUIDL 2\\r\\nNOPE\\r\\nTOP 1 0\\r\\nDELE 1\\r\\nDELE 1\\r\\nQUIT\\r\\n
      S: +OK 2 320
      S: +OK 1 120
      S: +OK 2 QhdPYR:00WBw1Ph7x7
      S~ ^-ERR unknown
      S: +OK top of message follows
      S: Subject: one
      S:
      S: .
      S: +OK message 1 deleted
      S: -ERR message 1 already deleted
      S: +OK netkit POP3 server signing off (1 message left)
      *: close
    `;
    await play(MROSE, { capabilities: { APOP: STAMP } }, dialogue);
  });

  it('RFC 5034 6: AUTH with and without an initial response', async () => {
    const fixture: Pop3Fixture = { users: { test: { password: 'test' } } };
    await play(
      fixture,
      {},
      `
      S~ ^\\+OK
      C: AUTH PLAIN dGVzdAB0ZXN0AHRlc3Q=
      S~ ^\\+OK
      C: QUIT
      S~ ^\\+OK
      *: close
    `,
      `
      S~ ^\\+OK
      C: AUTH PLAIN
      S| + \\r\\n
      C: dGVzdAB0ZXN0AHRlc3Q=
      S~ ^\\+OK
      C: QUIT
      S~ ^\\+OK
      *: close
    `,
    );
  });

  it('RFC 6856: UTF8 and LANG', async () => {
    const fixture: Pop3Fixture = { users: { jürgen: { password: 'pässwörd', messages: ['Subject: Grüße\n\n'] } } };
    const dialogue = `
      S~ ^\\+OK
      C: LANG
      S~ ^\\+OK
      S: en English
      S: .
      C: LANG *
      S~ ^\\+OK en
      C: LANG EN
      S~ ^\\+OK en
      C: LANG uga
      S~ ^-ERR
      C: UTF8
      S~ ^\\+OK
      C: STLS
      S: -ERR STLS comes before UTF8
      C: USER jürgen
      S~ ^\\+OK
      C: PASS pässwörd
      S: +OK jürgen's maildrop has 1 message
      C: RETR 1
      S~ ^\\+OK
      S: Subject: Grüße
      S:
      S: .
      C: UTF8
      S~ ^-ERR
    `;
    await play(fixture, { profile: 'full', tls: 'upgrade' }, dialogue);
  });

  it('RFC 3206 and 2449 8: codes of refusals, where it says that it tells them', async () => {
    const wrong = 'S~ ^\\+OK\nC: USER mrose\nS~ ^\\+OK\nC: PASS wrong\n';
    await play(MROSE, {}, `${wrong}S~ ^-ERR \\[AUTH\\] `);
    await play(MROSE, { capabilities: { 'AUTH-RESP-CODE': false } }, `${wrong}S~ ^-ERR [a-z]`);
  });
});
