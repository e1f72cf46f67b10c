import { expect } from 'chai';
import { UsageError } from '../../lib/core/errors.ts';
import { decodeWords } from '../../lib/message/words.ts';
import { checkArticle, checkNewsgroups, composePost, preparePost, readArticle } from '../../lib/nntp/article.ts';

const HEAD = 'From: Me <me@example.org>\r\nNewsgroups: misc.test\r\nSubject: A test\r\n';
const post = (more = '', body = 'text\r\n'): string => `${HEAD}${more}\r\n${body}`;

describe('an article to be posted', () => {
  it('is as it was, when it is right', () => {
    const article = post('Date: Mon, 01 Jan 2024 00:00:00 +0000\r\nMessage-ID: <a@b>\r\nReferences: <c> <d@e>\r\n');
    const { octets, headers } = preparePost(article);
    expect(octets.toString()).to.equal(article);
    expect(headers.get('newsgroups')).to.equal('misc.test');
    expect(preparePost(Buffer.from(article)).octets.toString()).to.equal(article);
  });

  it('is given a Date and a Message-ID where it has none', () => {
    const { octets, headers } = preparePost(post(), { host: 'news.example.org' });
    expect(headers.get('message-id')).to.match(/^<[\w-]+@news\.example\.org>$/);
    expect(Math.abs(Date.parse(headers.get('date') ?? '') - Date.now())).to.be.below(10_000);
    expect(octets.toString()).to.equal(
      `Date: ${headers.get('date')}\r\nMessage-ID: ${headers.get('message-id')}\r\n${post()}`,
    );
    const again = preparePost(octets);
    expect(again.octets.equals(octets)).to.equal(true);
  });

  it('has CRLF for every line end', () => {
    const article = post('', 'a\nb\rc\r\n\n.\nQUIT\n').replaceAll('\r\n', '\n');
    expect(checkArticle(article).octets.toString()).to.equal(post('', 'a\r\nb\r\nc\r\n\r\n.\r\nQUIT\r\n'));
  });

  it('may be 8-bit, folded, and without a body', () => {
    const folded = post('X-Long: one\r\n two\r\n\tthree\r\n', '');
    expect(checkArticle(folded).headers.get('x-long')).to.equal('one two\tthree');
    const octets = Buffer.concat([Buffer.from(post('Organization: caf\xe9\r\n'), 'latin1'), Buffer.from([0x80, 0xff])]);
    expect(checkArticle(octets).octets.equals(octets)).to.equal(true);
  });

  const senders = [
    'me@example.org',
    'me@localhost',
    '"Me, too" <me@x.org>',
    'me@x.org (Me)',
    '=?utf-8?q?J=C3=B6rg?= <j@x>',
  ];
  for (const from of [...senders, '"odd local"@x.org', 'me@[192.0.2.1]', 'nobody@nowhere.invalid']) {
    it(`may be from ${from}`, () => {
      checkArticle(post().replace('Me <me@example.org>', from));
    });
  }

  for (const from of [
    'me',
    '@x',
    'me@',
    'a@b, c@d',
    'A <a@b>, C <c@d>',
    'me @x',
    'Me <>',
    'Me <me>',
    'a@b@c',
    '<a@b> x',
  ]) {
    it(`is not from ${from}`, () => {
      expect(() => checkArticle(post().replace('Me <me@example.org>', from))).to.throw(
        UsageError,
        'From is one address',
      );
    });
  }

  const wrong: [what: string, article: string, says: string][] = [
    ['no From', post().replace(/From:.*\r\n/, ''), 'From'],
    ['no Newsgroups', post().replace(/Newsgroups:.*\r\n/, ''), 'Newsgroups'],
    ['no Subject', post().replace(/Subject:.*\r\n/, ''), 'Subject'],
    ['an empty Subject', post().replace('A test', ''), 'Subject'],
    ['two Subjects', post('subject: again\r\n'), 'one subject'],
    ['a space between groups', post().replace('misc.test', 'misc.test, alt.test'), 'without spaces'],
    ['no name of a group', post().replace('misc.test', 'misc.test,'), 'names of groups'],
    ['a wildmat for a group', post().replace('misc.test', 'misc.*'), 'names of groups'],
    ['a group of dots', post().replace('misc.test', 'misc..test'), 'names of groups'],
    ['a group twice', post().replace('misc.test', 'misc.test,a,misc.test'), 'twice'],
    ['a Followup-To that is none', post('Followup-To: me@x\r\nFollowup-To: a b\r\n'), 'Followup-To'],
    ['a Date that is none', post('Date: yesterday\r\n'), 'Date'],
    ['a Message-ID that is none', post('Message-ID: a@b\r\n'), 'Message-ID'],
    ['a Message-ID that is too long', post(`Message-ID: <${'a'.repeat(250)}@b>\r\n`), 'Message-ID'],
    ['References that are none', post('References: none\r\n'), 'References'],
    ['a header without a value', post('X-A:\r\n'), 'X-A is empty'],
    ['no space behind a colon', post('X-A:b\r\n'), 'a space goes behind the colon of X-A:'],
    ['a line that is no header', post('hello\r\n'), 'a header is Name'],
    ['a header with a space in its name', post('X A: b\r\n'), 'a header is Name'],
    ['a first line that goes on from nothing', ` folded\r\n${post()}`, 'a header is Name'],
    ['a folded line of white space', post('X-A: b\r\n \r\n'), 'white space'],
    ['no empty line', HEAD, 'empty line'],
    ['nothing', '', 'empty line'],
    ['NUL', post('', 'a\0b'), 'NUL'],
    ['NUL in a header', post().replace('misc.test', 'a\0b'), 'NUL'],
    ['a long line', post('', `${'x'.repeat(999)}\r\n`), 'line 5 has 999 octets'],
    ['a long last line', post('', 'x'.repeat(999)), 'line 5 has 999 octets'],
    ['a long header', post(`X-A: ${'x'.repeat(994)}\r\n`), 'line 4'],
    ['too many headers', post('X-A: b\r\n'.repeat(10_001)), 'too many'],
  ];
  for (const [what, article, says] of wrong) {
    it(`does not have ${what}`, () => expect(() => preparePost(article)).to.throw(UsageError, says));
  }

  it('may have lines of 998 octets', () => {
    checkArticle(post('', `${'x'.repeat(998)}\r\n${'y'.repeat(998)}`));
  });

  const reserved = [
    ...['Control: cancel <a@b>', 'Also-Control: cancel <a@b>', 'Approved: me@x', 'Supersedes: <a@b>', 'Path: x!not'],
    ...['Xref: h g:1', 'Injection-Date: Mon, 01 Jan 2024 00:00:00 +0000', 'Injection-Info: h', 'NNTP-Posting-Host: h'],
    ...['cOnTrOl: cancel <a@b>', 'NNTP-Posting-Date: now'],
  ];
  for (const header of reserved) {
    it(`has ${header} only where that is allowed by name`, () => {
      const name = header.split(':')[0] ?? '';
      expect(() => checkArticle(post(`${header}\r\n`))).to.throw(UsageError, name);
      expect(() => checkArticle(post(`X-A: b\r${header}\r\n`)), 'behind a bare CR').to.throw(UsageError, name);
      expect(() => checkArticle(post(`X-A: b\n${header}\r\n`)), 'behind a bare LF').to.throw(UsageError, name);
      checkArticle(post(`${header}\r\n`), { allow: [name.toUpperCase()] });
    });
  }

  it('has no subject that servers of old took for a command', () => {
    const cancel = post().replace('A test', 'cmsg cancel <a@b>');
    expect(() => checkArticle(cancel)).to.throw(UsageError, 'cmsg');
    expect(() => checkArticle(cancel.replace('cmsg ', 'cmsg\t'))).to.throw(UsageError, 'cmsg');
    checkArticle(cancel, { allow: ['Control'] });
  });

  for (const name of ['control', 'control.cancel', 'to', 'to.server', 'all', 'a.all.b', 'misc.ctl']) {
    it(`is for ${name} only where Newsgroups is allowed by name (RFC 5536 3.1.4)`, () => {
      const special = post().replace(/^Newsgroups: .*\r$/m, `Newsgroups: a.b,${name}\r`);
      expect(() => checkArticle(special)).to.throw(UsageError, name);
      checkArticle(special, { allow: ['newsgroups'] });
    });
  }

  it('is for groups that only look like those of servers', () => {
    checkArticle(post().replace(/^Newsgroups: .*\r$/m, 'Newsgroups: controls.a,tools,misc.all-in,a.control\r'));
  });
});

describe('an article that is made of its parts', () => {
  const parts = {
    from: 'Jörg <me@example.org>',
    newsgroups: 'misc.test',
    subject: 'Grüße',
    body: 'one\n.two',
  };

  it('has its headers in order, encoded where they must be', () => {
    const { octets, headers } = composePost(
      {
        ...parts,
        newsgroups: ['misc.test', 'alt.test'],
        references: ['<a@b>', '<c@d>'],
        followupTo: 'poster',
        organization: 'None',
      },
      { host: 'example.org' },
    );
    const [, id] = /^Message-ID: (<[\w-]+@example\.org>)\r$/m.exec(octets.toString()) ?? [];
    expect(headers.get('message-id')).to.equal(id);
    expect(octets.every((octet) => octet < 0x80)).to.equal(true);
    expect(decodeWords(octets.toString().replace(/^(?:Date|Message-ID): .*\r\n/gm, ''))).to.equal(
      [
        'From: Jörg <me@example.org>',
        'Newsgroups: misc.test,alt.test',
        'Subject: Grüße',
        'Followup-To: poster',
        'References: <a@b> <c@d>',
        'Organization: None',
        '',
        'one',
        '.two',
        '',
      ].join('\r\n'),
    );
    expect(preparePost(octets).octets.equals(octets)).to.equal(true);
  });

  it('has no line feed, no NUL and no command of a server in its headers', () => {
    const refused = [
      { ...parts, subject: 'x\r\nControl: cancel <a@b>' },
      { ...parts, newsgroups: 'a\0b' },
      { ...parts, headers: { 'X-A\r\nControl': 'cancel <a@b>' } },
      { ...parts, headers: { Control: 'cancel <a@b>' } },
      { ...parts, headers: { subject: 'again' } },
      { ...parts, newsgroups: ['misc.test', 'misc.test'] },
      { ...parts, newsgroups: [] },
      { ...parts, from: 'me' },
      { ...parts, references: ['none'] },
    ];
    for (const post of refused) expect(() => composePost(post), JSON.stringify(post)).to.throw(UsageError);
    const post = { ...parts, headers: { Approved: 'me@example.org' } };
    expect(composePost(post, { allow: ['Approved'] }).headers.get('approved')).to.equal('me@example.org');
  });
});

describe('an article that is sent on', () => {
  it('may have what no author writes', () => {
    const article = 'Path: a!b\r\nXref: h g:1\r\nControl: cancel <a@b>\r\n\r\nbody\r\n';
    expect(readArticle(article).octets.toString()).to.equal(article);
  });

  it('has the form of an article', () => {
    for (const article of ['Path: a', 'Path\r\n\r\n', `${post('', 'a\0')}`, post('', 'x'.repeat(999))])
      expect(() => readArticle(article)).to.throw(UsageError);
  });
});

describe('the groups of an article', () => {
  it('are names with commas between', () => {
    expect(checkNewsgroups('Newsgroups', 'a.b,c,grün.x')).to.deep.equal(['a.b', 'c', 'grün.x']);
  });
});
