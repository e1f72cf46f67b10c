import { expect } from 'chai';
import { UsageError } from '../../lib/core/errors.ts';
import type { ArticleSource } from '../../lib/nntp/fixture.ts';
import { stuffed, withoutField } from '../../lib/nntp/server/news-article.ts';
import { groupsOf, NewsStore } from '../../lib/nntp/server/store.ts';
import { article } from './mock-helpers.ts';

const store = (articles: readonly ArticleSource[], host?: string): NewsStore =>
  new NewsStore({ groups: [{ name: 'misc.test', articles }, { name: 'alt.test' }] }, host);

describe('The store of a news server', () => {
  const numbersOf = (of: NewsStore, group: string): number[] => [...(of.groups.get(group)?.numbers({ low: 0 }) ?? [])];

  it('keeps numbers, and counts on from there', () => {
    const kept = store([
      { number: 10, content: article(1) },
      article(2),
      { number: 4, content: article(3) },
      article(4),
    ]);
    expect(numbersOf(kept, 'misc.test')).to.deep.equal([4, 10, 11, 12]);
    expect(kept.groups.get('misc.test')).to.include({ low: 4, high: 12, count: 4 });
    expect(kept.groups.get('alt.test')).to.include({ low: 1, high: 0, count: 0 });
  });

  it('has no two articles with one number', () => {
    const twice = [
      { number: 1, content: article(1) },
      { number: 1, content: article(2) },
    ];
    expect(() => store(twice)).to.throw(UsageError, 'two articles with the number 1');
  });

  it('has no groups whose names are none', () => {
    expect(() => new NewsStore({ groups: [{ name: 'a b' }] })).to.throw(UsageError);
    expect(() => new NewsStore({ groups: [{ name: '*' }] })).to.throw(UsageError);
  });

  it('has an article once, in all of its groups', () => {
    const both = article(1, { Newsgroups: 'misc.test,alt.test,no.such' });
    const kept = new NewsStore({
      groups: [
        { name: 'misc.test', articles: [both] },
        { name: 'alt.test', articles: [article(2, { Newsgroups: 'alt.test' }), both] },
      ],
    });
    expect([...kept.articles]).to.have.length(2);
    expect(kept.article('<1@example.net>')?.numbers).to.deep.equal(
      new Map([
        ['misc.test', 1],
        ['alt.test', 2],
      ]),
    );
  });

  it('gives articles what they lack, and changes nothing else', () => {
    const kept = store(['Subject: hello\n\nbody', 'no header', '', Buffer.from('Subject: x\r\n\r\nbare\rcr\n')]);
    const texts = [...kept.articles].map(String);
    expect(texts).to.deep.equal([
      'Message-ID: <1.misc.test@localhost>\r\nNewsgroups: misc.test\r\nSubject: hello\r\n\r\nbody\r\n',
      'Message-ID: <2.misc.test@localhost>\r\nNewsgroups: misc.test\r\nno header\r\n\r\n',
      'Message-ID: <3.misc.test@localhost>\r\nNewsgroups: misc.test\r\n\r\n',
      'Message-ID: <4.misc.test@localhost>\r\nNewsgroups: misc.test\r\nSubject: x\r\n\r\nbare\rcr\r\n',
    ]);
  });

  it('writes Xref itself', () => {
    const kept = store(
      [article(1, { Xref: 'elsewhere misc.test:77\n\tfolded:1', Newsgroups: 'misc.test,alt.test' })],
      'here',
    );
    const [only] = kept.articles;
    expect(only?.header('xref')).to.equal('here misc.test:1 alt.test:1');
    expect(String(only)).to.not.contain('elsewhere').and.not.contain('folded');
  });

  it('takes articles away, and never gives their numbers again', () => {
    const kept = store([article(1), article(2)]);
    expect(kept.cancel('<2@example.net>')).to.equal(true);
    expect(kept.groups.get('misc.test')).to.include({ low: 1, high: 2, count: 1 });
    kept.file(kept.make(Buffer.from(article(3)), '<3@example.net>'), ['misc.test']);
    expect(numbersOf(kept, 'misc.test')).to.deep.equal([1, 3]);
  });

  it('finds its way among gaps', () => {
    const group = store([2, 5, 9].map((number) => ({ number, content: article(number) }))).groups.get('misc.test');
    expect(group?.after(2)).to.equal(5);
    expect(group?.after(3)).to.equal(5);
    expect(group?.after(9)).to.equal(undefined);
    expect(group?.before(9)).to.equal(5);
    expect(group?.before(2)).to.equal(undefined);
    expect([...(group?.numbers({ low: 3, high: 999_999_999_999_999 }) ?? [])]).to.deep.equal([5, 9]);
    expect([...(group?.numbers({ low: 6, high: 3 }) ?? [])]).to.deep.equal([]);
  });

  it('knows no names of objects', () => {
    const kept = store([article(1, { Newsgroups: '__proto__,constructor,misc.test' })]);
    expect(kept.groups.get('__proto__')).to.equal(undefined);
    expect([...kept.articles][0]?.numbers.size).to.equal(1);
  });
});

describe('The text of a news server', () => {
  for (const [text, wanted] of [
    ['', ''],
    ['.', '..'],
    ['a\r\n.\r\n..b\r\n', 'a\r\n..\r\n...b\r\n'],
    ['.\r\n.\r\n', '..\r\n..\r\n'],
    ['a\n.\nb\r.c\r\n', 'a\n.\nb\r.c\r\n'],
  ] as const) {
    it(`has its dots doubled: ${JSON.stringify(text)}`, () => {
      expect(stuffed(Buffer.from(text)).toString()).to.equal(wanted);
    });
  }

  it('loses a field with all of its lines, and nothing else', () => {
    const head = Buffer.from('A: xref: 1\r\nXREF: 1\r\n 2\r\n\t3\r\nB: 4\r\n 5\r\n');
    expect(withoutField(head, 'xref').toString()).to.equal('A: xref: 1\r\nB: 4\r\n 5\r\n');
  });

  it('names groups with commas between', () => {
    expect(groupsOf(' a.b , c.d,,a.b ')).to.deep.equal(['a.b', 'c.d']);
    expect(groupsOf('gr\xc3\xbc\xc3\x9fe')).to.deep.equal(['grüße']);
  });
});
