import { expect } from 'chai';
import * as fc from 'fast-check';
import { UsageError } from '../../lib/core/errors.ts';
import { type Composition, compose } from '../../lib/message/compose.ts';
import { parseDate } from '../../lib/message/date.ts';
import { splitMessage } from '../../lib/message/head.ts';
import { quotedPrintable } from '../../lib/message/quoted.ts';
import { decodeWords } from '../../lib/message/words.ts';

const DATE = new Date('2025-07-01T10:00:00Z');
const FIXED = { date: DATE, messageId: '<1@example.org>' };
const END = 'Date: Tue, 01 Jul 2025 10:00:00 +0000\r\nMessage-ID: <1@example.org>\r\n';

function written(headers: Composition['headers'], body = ''): string {
  return compose({ headers, body, ...FIXED }).bytes.toString();
}

describe('message/compose', () => {
  it('builds an article of ASCII, the same one each time', () => {
    const headers = { From: 'ann@example.org (Ann)', Newsgroups: 'misc.test,alt.test', Subject: 'A test' };
    const text =
      'From: ann@example.org (Ann)\r\nNewsgroups: misc.test,alt.test\r\nSubject: A test\r\n' +
      `${END}\r\nLine one\r\n.\r\nFrom x\r\n`;
    expect(written(headers, 'Line one\n.\r\nFrom x')).to.equal(text);
    expect(written(Object.entries(headers), 'Line one\r.\nFrom x\r\n')).to.equal(text);
  });

  it('adds Date and Message-ID where they are missing, and tells the Message-ID', () => {
    const { bytes, messageId } = compose({ headers: { From: 'a@b' }, body: '', host: 'news.example.org' });
    const { headers, body } = splitMessage(bytes);
    expect(messageId).to.match(/^<\S+@news\.example\.org>$/);
    expect(headers.get('message-id')).to.equal(messageId);
    expect(Math.abs(Number(parseDate(headers.get('date') ?? '')) - Date.now())).to.be.below(60_000);
    expect(body).to.have.length(0);
    const own = { from: 'a@b', DATE: 'Fri, 21 Nov 1997 09:55:06 -0600', 'message-id': '<2@b>' };
    expect(compose({ headers: own, body: '', ...FIXED }).messageId).to.equal('<2@b>');
    expect(written(own)).to.equal('from: a@b\r\nDATE: Fri, 21 Nov 1997 09:55:06 -0600\r\nmessage-id: <2@b>\r\n\r\n');
  });

  for (const [name, value, line] of [
    ['Subject', 'Grüße', 'Subject: =?UTF-8?B?R3LDvMOfZQ==?='],
    ['Subject', 'a  b\tc', 'Subject: a  b\tc'],
    ['Subject', '=?UTF-8?Q?a?=', 'Subject: =?UTF-8?Q?a?='],
    ['Organization', 'Grüße Co', 'Organization: =?UTF-8?B?R3LDvMOfZQ==?= Co'],
    ['X-Text', '\u010d\u010a', 'X-Text: =?UTF-8?B?xI3Eig==?='],
    ['Reply-To', 'Ann <a@b>, bob@c', 'Reply-To: Ann <a@b>, bob@c'],
    ['Reply-To', 'Zoë A. <a@b>, "B, x" <b@c>', 'Reply-To: =?UTF-8?B?Wm/DqyBBLg==?= <a@b>, "B, x" <b@c>'],
    ['Reply-To', 'a@b (Zoë)', 'Reply-To: =?UTF-8?Q?Zo=C3=AB?= <a@b>'],
    ['Reply-To', 'zoë@bücher.example', 'Reply-To: zoë@bücher.example'],
    ['References', '<1@a> <2@b>', 'References: <1@a> <2@b>'],
    ['Subject', '  around  ', 'Subject: around'],
  ] as const)
    it(`writes ${name}: ${JSON.stringify(value)}`, () => {
      expect(written({ From: 'a@b', [name]: value })).to.contain(`\r\n${line}\r\n`);
    });

  for (const [what, headers] of [
    ['no From', {}],
    ['a From that is none', { From: 'nobody' }],
    ['a From of two', { From: 'a@b, c@d' }],
    ['an empty header', { From: 'a@b', Subject: ' ' }],
    ['a second command in a value', { From: 'a@b', Subject: 'x\r\nControl: cancel <a@b>' }],
    ['LF', { From: 'a@b', Subject: 'x\ny' }],
    ['CR', { From: 'a@b', Subject: 'x\ry' }],
    ['NUL', { From: 'a@b', Subject: 'x\0y' }],
    ['NUL in an address', { From: 'a@b (x\0)' }],
    ['LF at the end', { From: 'a@b\n' }],
    ['half a character', { From: 'a@b', Subject: 'x\ud800' }],
    ['a name with a colon', { From: 'a@b', 'X: y': 'z' }],
    ['a name with a line end', { From: 'a@b', 'X\r\nY': 'z' }],
    ['no name', { From: 'a@b', '': 'z' }],
    ['a name that is not ASCII', { From: 'a@b', Ünsinn: 'z' }],
    ['the same header twice', { From: 'a@b', from: 'a@b' }],
    ['a Date that is none', { From: 'a@b', Date: 'today' }],
    ['a Message-ID that is none', { From: 'a@b', 'Message-ID': 'x' }],
    ['Newsgroups that are not ASCII', { From: 'a@b', Newsgroups: 'grüße.test' }],
    ['a line without white space', { From: 'a@b', Subject: 'x'.repeat(1000) }],
    ['many newsgroups', { From: 'a@b', Newsgroups: 'misc.test,'.repeat(100) }],
  ] as const)
    it(`refuses ${what}`, () => {
      expect(() => written(headers)).to.throw(UsageError);
    });

  it('refuses a Message-ID, a date, a host and a body that are none', () => {
    const headers = { From: 'a@b' };
    for (const wrong of [
      { messageId: 'x' },
      { messageId: '<a@b>\r\nX: y' },
      { date: new Date(Number.NaN) },
      { host: 'a b' },
      { body: 'a\0b' },
      { body: '\udc00' },
    ])
      expect(() => compose({ headers, body: '', ...wrong }), JSON.stringify(wrong)).to.throw(UsageError);
  });

  it('says how a body is written that is not ASCII', () => {
    expect(written({ From: 'a@b' }, 'Grüße')).to.equal(
      `From: a@b\r\n${END}MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n` +
        'Content-Transfer-Encoding: 8bit\r\n\r\nGrüße\r\n',
    );
    const own = { From: 'a@b', 'Content-Type': 'text/html; charset="UTF-8"' };
    expect(written(own, 'Grüße')).to.equal(
      `From: a@b\r\nContent-Type: text/html; charset="UTF-8"\r\n${END}\r\nGrüße\r\n`,
    );
    for (const type of ['text/plain', 'text/plain; charset=iso-8859-1'])
      expect(() => written({ From: 'a@b', 'Content-Type': type }, 'Grüße')).to.throw(UsageError);
  });

  it('writes lines of a body that are too long as quoted-printable', () => {
    for (const body of ['x'.repeat(999), 'ü'.repeat(500), `a=b \n${'long '.repeat(300)}\n`]) {
      const { headers, body: coded } = splitMessage(Buffer.from(written({ From: 'a@b' }, body)));
      expect(headers.get('content-transfer-encoding')).to.equal('quoted-printable');
      const lines = coded.toString().split('\r\n');
      expect(Math.max(...lines.map((line) => line.length))).to.equal(76);
      expect(unquoted(coded.toString())).to.equal(
        `${body.trimEnd().replace('\n', '\r\n')}${body.endsWith('\n') ? ' ' : ''}\r\n`,
      );
    }
    expect(written({ From: 'a@b' }, 'x'.repeat(998))).to.not.contain('MIME');
    expect(() => written({ From: 'a@b', 'Content-Type': 'text/plain' }, 'x'.repeat(999))).to.throw(UsageError, '998');
  });

  it('folds what is long, and shortens no word', () => {
    const references = Array.from({ length: 30 }, (_, i) => `<${i}.some.unique.part@news.example.org>`).join(' ');
    const subject = `${'Straße '.repeat(40)}end`;
    const text = written({ From: `${'Zoë '.repeat(30)}<a@b>`, Subject: subject, References: references });
    const lines = text.split('\r\n');
    expect(Math.max(...lines.map((line) => line.length))).to.be.within(70, 76);
    const { headers } = splitMessage(Buffer.from(text));
    expect(headers.get('references')).to.equal(references);
    expect(decodeWords(headers.get('subject') ?? '')).to.equal(subject);
    expect(decodeWords(headers.get('from') ?? '')).to.equal(`${'Zoë '.repeat(30)}<a@b>`);
  });

  it('writes any text so that it is read again, in lines that are short enough', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.constantFrom(' ', 'a', 'é', '\t', '😀') }),
    );
    fc.assert(
      fc.property(text, text, (subject, body) => {
        fc.pre(subject.trim() !== '' && !/[\r\n\0]/.test(subject) && !body.includes('\0') && !subject.includes('=?'));
        const bytes = compose({ headers: { From: 'Zoë <a@b>', Subject: subject }, body, ...FIXED }).bytes;
        for (const line of bytes.toString().split('\r\n')) expect(Buffer.byteLength(line)).to.be.at.most(998);
        const { headers, body: sent } = splitMessage(bytes);
        expect(decodeWords(headers.get('subject') ?? '')).to.equal(subject.trim());
        expect([...headers].map(([name]) => name)).to.include.members(['From', 'Subject', 'Date', 'Message-ID']);
        expect(sent.toString().replace(/\r\n/g, '')).to.equal(body.replace(/[\r\n]/g, ''));
        expect(sent.toString()).to.match(/^(?:[^\r\n]*\r\n)*$/);
      }),
      { numRuns: 500 },
    );
  });
});

describe('message/quoted', () => {
  for (const [text, coded] of [
    ['', ''],
    ['plain text', 'plain text'],
    ['a=b', 'a=3Db'],
    ['ü', '=C3=BC'],
    ['end \nend\t', 'end=20\r\nend=09'],
    ['x'.repeat(76), `${'x'.repeat(75)}=\r\nx`],
    [`${'x'.repeat(74)}ü`, `${'x'.repeat(74)}=\r\n=C3=BC`],
  ] as const)
    it(`writes ${JSON.stringify(text.slice(-20))}`, () => expect(quotedPrintable(text)).to.equal(coded));
});

function unquoted(text: string): string {
  const octets = text
    .replace(/=\r\n/g, '')
    .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(octets, 'latin1').toString();
}
