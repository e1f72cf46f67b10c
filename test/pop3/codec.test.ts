import { expect } from 'chai';
import { ProtocolError } from '../../lib/core/errors.ts';
import { Secret } from '../../lib/core/secret.ts';
import {
  apopDigest,
  parseCapabilities,
  parseChallenge,
  parseNumber,
  parseReply,
  parseStamp,
  parseStat,
  reasonOf,
} from '../../lib/pop3/codec.ts';

describe('A status line of POP3', () => {
  const rows: readonly (readonly [line: string, ok: boolean, code: string, text: string])[] = [
    ['+OK', true, '', ''],
    ['+OK ', true, '', ''],
    ['+OK 2 320', true, '', '2 320'],
    ['+OK  two spaces', true, '', ' two spaces'],
    ['-ERR', false, '', ''],
    [
      '-ERR [IN-USE] Do you have another POP session running?',
      false,
      'IN-USE',
      '[IN-USE] Do you have another POP session running?',
    ],
    [
      '-ERR [login-delay] minimum time between mail checks violation',
      false,
      'LOGIN-DELAY',
      '[login-delay] minimum time between mail checks violation',
    ],
    ['-ERR [SYS/TEMP] later', false, 'SYS/TEMP', '[SYS/TEMP] later'],
    ['+OK [UTF8]', true, 'UTF8', '[UTF8]'],
    ['-ERR [] nothing', false, '', '[] nothing'],
    ['-ERR [two words] no code', false, '', '[two words] no code'],
    ['-ERR not [AUTH] at the start', false, '', 'not [AUTH] at the start'],
  ];
  for (const [line, ok, code, text] of rows) {
    it(`is read: ${line}`, () => {
      expect(parseReply(line)).to.deep.equal({ ok, code, text });
    });
  }

  for (const line of [
    '',
    'OK',
    '+ok',
    '+OKAY 1 1',
    '*OK',
    '+OK\tx',
    '-ERROR',
    ' +OK',
    '+ dGVzdA==',
    'HTTP/1.1 400 Bad',
  ]) {
    it(`is nothing else: ${JSON.stringify(line)}`, () => {
      expect(() => parseReply(line)).to.throw(ProtocolError, '+OK or -ERR');
    });
  }

  it('is told from a challenge', () => {
    expect(parseChallenge('+ dGVzdA==')).to.equal('dGVzdA==');
    expect(parseChallenge('+ ')).to.equal('');
    expect(parseChallenge('+')).to.equal('');
    for (const line of ['+OK', '+OK yes', '-ERR', '+x', '']) expect(parseChallenge(line)).to.equal(undefined);
  });
});

describe('A refusal of POP3', () => {
  const rows: readonly (readonly [line: string, command: string, reason: string, temporary: boolean])[] = [
    ['-ERR wrong', 'PASS ***', 'auth', false],
    ['-ERR', 'AUTH PLAIN ***', 'auth', false],
    ['-ERR no', 'apop joe ***', 'auth', false],
    ['-ERR [AUTH] no', '', 'auth', false],
    ['-ERR [IN-USE] locked', 'PASS ***', 'busy', true],
    ['-ERR [LOGIN-DELAY] wait', 'AUTH PLAIN', 'busy', true],
    ['-ERR [SYS/TEMP] later', '', 'busy', true],
    ['-ERR [SYS/PERM] call us', 'PASS ***', 'refused', false],
    ['-ERR go away', '', 'refused', false],
    ['-ERR no such message, only 2 messages in maildrop', 'LIST 3', 'missing', false],
    ['-ERR message 2 already deleted', 'DELE 2', 'missing', false],
    ["-ERR There's no message 5.", 'RETR 5', 'missing', false],
    ['-ERR Invalid message number.', 'TOP 5 0', 'missing', false],
    ['-ERR The specified message is out of range.', 'UIDL 9', 'missing', false],
    ['-ERR Message 9 does not exist', 'RETR 9', 'missing', false],
    ['-ERR unknown command', 'TOP 1 0', 'refused', false],
    ['-ERR disk failure', 'RETR 1', 'refused', false],
    ['-ERR [SYS/TEMP] no such message yet', 'RETR 1', 'busy', true],
    ['-ERR some deleted messages not removed', 'QUIT', 'refused', false],
    ['-ERR no such thing', 'STAT', 'refused', false],
  ];
  for (const [line, command, reason, temporary] of rows) {
    it(`of ${command || 'the greeting'} is ${reason}: ${line}`, () => {
      expect(reasonOf(parseReply(line), command)).to.deep.equal({ reason, temporary });
    });
  }
});

describe('A number of POP3', () => {
  it('is 1 to 15 digits', () => {
    expect(['0', '1', '007', '999999999999999'].map(parseNumber)).to.deep.equal([0, 1, 7, 999_999_999_999_999]);
    for (const text of ['', '-1', '+1', '0x10', '1e3', '1.5', ' 1', '1 ', '9999999999999999', '１'])
      expect(parseNumber(text), text).to.equal(undefined);
  });

  it('is what STAT answers two of', () => {
    expect(parseStat('2 320')).to.deep.equal({ count: 2, size: 320 });
    expect(parseStat('0 0 in the maildrop')).to.deep.equal({ count: 0, size: 0 });
    expect(parseStat('1000000000 1')).to.deep.equal({ count: 1_000_000_000, size: 1 });
    for (const text of ['', '2', 'maildrop has mail', '2 -320', '99999999999999999999 1', '2 320octets'])
      expect(() => parseStat(text), text).to.throw(ProtocolError, 'STAT');
  });
});

describe('The capabilities of a POP3 server', () => {
  // RFC 2449 5, and what real servers make of it
  const lines = [
    'TOP',
    'USER',
    'SASL CRAM-MD5 KERBEROS_V4',
    '',
    'resp-codes',
    'LOGIN-DELAY  900 ',
    'sasl PLAIN',
    '__proto__ polluted',
    'constructor',
  ];

  it('are found by name, whatever the case; what comes twice is put together', () => {
    const capabilities = parseCapabilities(lines);
    expect([...capabilities]).to.deep.equal([
      ['TOP', []],
      ['USER', []],
      ['SASL', ['CRAM-MD5', 'KERBEROS_V4', 'PLAIN']],
      ['RESP-CODES', []],
      ['LOGIN-DELAY', ['900']],
      ['__PROTO__', ['polluted']],
      ['CONSTRUCTOR', []],
    ]);
    expect(({} as Record<string, unknown>)['polluted']).to.equal(undefined);
  });
});

describe('APOP', () => {
  it('makes of stamp and secret what RFC 1939 says', () => {
    const digest = apopDigest('<1896.697170952@dbc.mtview.ca.us>', new Secret('tanstaaf'));
    expect(digest.reveal()).to.equal('c4c9334bac560ecc979e58001b3e22fb');
    expect(String(digest)).to.equal('***');
  });

  it('takes the stamp from a greeting', () => {
    expect(parseStamp('POP3 server ready <1896.697170952@dbc.mtview.ca.us>')).to.equal(
      '<1896.697170952@dbc.mtview.ca.us>',
    );
    expect(parseStamp('<no> <1@a> <2@b>')).to.equal('<1@a>');
    expect(parseStamp('<<1@a>')).to.equal('<1@a>');
  });

  for (const text of [
    '',
    '<>',
    '<@>',
    '<a@>',
    '<@b>',
    '<nochallenge>',
    '<a b@c>',
    '<a\xff@b>',
    '<a@b\x80>',
    '<a@b',
    'a@b>',
    '<a\x00@b>',
  ]) {
    it(`takes nothing else for a stamp: ${JSON.stringify(text)}`, () => {
      expect(parseStamp(`ready ${text}`)).to.equal(undefined);
    });
  }

  it('is not kept busy by a hostile greeting', () => {
    const began = performance.now();
    for (const unit of ['<', '<@', '@', '<a@b\xff', '>', '<>']) parseStamp(unit.repeat(500_000));
    expect(performance.now() - began).to.be.lessThan(1_000);
  });
});
