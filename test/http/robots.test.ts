import { expect } from 'chai';
import { UsageError } from '../../lib/core/errors.ts';
import { Robots } from '../../lib/http/robots.ts';

/** Rules for all, and whether they allow a path. */
const PATHS: [rules: string[], path: string, allowed: boolean][] = [
  [[], '/a', true],
  [['Disallow:'], '/a', true],
  [['Disallow: /'], '/a', false],
  [['Disallow: /'], '/robots.txt', true],
  [['Disallow: /a'], '/ab', false],
  [['Disallow: /a'], '/A', true],
  [['Disallow: /a/'], '/a', true],
  [['Disallow: /a?b'], '/a?bc', false],
  // the longest, whichever comes first (RFC 9309 2.2.2)
  [['Allow: /p', 'Disallow: /'], '/page', true],
  [['Disallow: /', 'Allow: /p'], '/page', true],
  [['Allow: /folder', 'Disallow: /folder/x'], '/folder/x', false],
  [['Disallow: /folder/x', 'Allow: /folder'], '/folder/x', false],
  [['Disallow: /a', 'Allow: /a'], '/ab', true],
  [['Allow: /a', 'Disallow: /a'], '/ab', true],
  [['Allow:', 'Disallow: /'], '/a', false],
  // RFC 9309 5.2
  [['Allow: /example/page/', 'Disallow: /example/page/disallowed.gif'], '/example/page/disallowed.gif', false],
  [['Allow: /example/page/', 'Disallow: /example/page/disallowed.gif'], '/example/page/', true],
  // * and $ (RFC 9309 2.2.3)
  [['Disallow: /*.gif$'], '/a/b.gif', false],
  [['Disallow: /*.gif$'], '/a/b.gif?x', true],
  [['Disallow: /*.gif'], '/a/b.gif?x', false],
  [['Disallow: /a$'], '/a', false],
  [['Disallow: /a$'], '/ab', true],
  [['Disallow: /$'], '/', false],
  [['Disallow: /$'], '/a', true],
  [['Disallow: /a*b*c$'], '/axbxcxc', false],
  [['Disallow: /a*b*c$'], '/axcxb', true],
  [['Disallow: /ab*bc$'], '/abc', true],
  [['Disallow: /ab*bc$'], '/abbc', false],
  [['Disallow: *'], '/a', false],
  [['Disallow: *b'], '/ab', false],
  [['Disallow: /a**b'], '/axb', false],
  [['Disallow: /a$b'], '/a$b', false],
  [['Disallow: /a$b'], '/a', true],
  [['Allow: /$', 'Disallow: /'], '/', true],
  // they are characters where they are encoded
  [['Disallow: /a-%2A.html'], '/a-*.html', false],
  [['Disallow: /a-%2a.html'], '/a-b.html', true],
  [['Disallow: /a-%24'], '/a-$', false],
  [['Disallow: /a-%24'], '/a-', true],
  // encoding (RFC 9309 2.2.2)
  [['Disallow: /foo/bar?baz=quz'], '/foo/bar?baz=quz', false],
  [['Disallow: /foo/bar?baz=https://foo.bar'], '/foo/bar?baz=https%3A%2F%2Ffoo.bar', false],
  [['Disallow: /foo/bar?baz=https%3a%2f%2ffoo.bar'], '/foo/bar?baz=https://foo.bar', false],
  [['Disallow: /foo/bar/ツ'], '/foo/bar/%E3%83%84', false],
  [['Disallow: /foo/bar/%e3%83%84'], '/foo/bar/ツ', false],
  [['Disallow: /foo/bar/%62%61%7A'], '/foo/bar/baz', false],
  [['Disallow: /foo/bar/baz'], '/foo/bar/%62%61%7a', false],
  [['Disallow: /a%2Fb'], '/a/b', true],
  [['Disallow: /a/b'], '/a%2fb', true],
  [['Disallow: /a%2Fb'], '/a%2fb', false],
  [['Disallow: /a%'], '/a%', false],
  // how it is written
  [['disallow : /a # comment'], '/a', false],
  [['DISALLOW:/a'], '/a', false],
  [['Disallow /a'], '/a', true],
  [['# Disallow: /a'], '/a', true],
  [['', 'Disallow: /a', ''], '/a', false],
  [['Noindex: /a', 'Disallow: /b'], '/a', true],
  [['Disallow: a'], '/a', true],
];

const FILE = `\ufeff# all
User-agent: ExampleBot/2.1
User-agent: other-bot
Sitemap: https://example.com/map.xml
Disallow: /example
Crawl-delay: 2.5
Request-rate: 10/1m

User-agent: *
Crawl-delay: 1
Disallow: /all
sitemap:https://example.com/map2.xml#1

User-agent: EXAMPLEBOT
Disallow: /more
`;

describe('a robots.txt (RP-1, RFC 9309)', () => {
  for (const [rules, path, allowed] of PATHS) {
    it(`${allowed ? 'allows' : 'disallows'} ${path} by ${rules.join(' | ') || 'nothing'}`, () => {
      for (const end of ['\n', '\r\n', '\r']) {
        const robots = Robots.parse(['User-agent: *', ...rules].join(end));
        expect(robots.allows('netkit', path)).to.equal(allowed);
      }
    });
  }

  const robots = Robots.parse(FILE);
  const agents: [agent: string, path: string, allowed: boolean][] = [
    ['examplebot', '/example', false],
    ['ExampleBot/9.9 (+https://example.com)', '/example', false],
    ['ExampleBot', '/more', false],
    ['ExampleBot', '/all', true],
    ['Other-Bot', '/example', false],
    ['other-bot', '/more', true],
    ['other', '/example', true],
    ['other', '/all', false],
    ['Example', '/example', true],
    ['ExampleBot-News', '/all', false],
    ['', '/all', false],
    ['__proto__', '/all', false],
  ];
  for (const [agent, path, allowed] of agents) {
    it(`${allowed ? 'allows' : 'disallows'} ${path} for ${agent || 'a robot without a name'}`, () => {
      expect(robots.allows(agent, path)).to.equal(allowed);
    });
  }

  it('is asked of URLs too', () => {
    expect(robots.allows('x', 'https://example.com/all?a#b')).to.equal(false);
    expect(robots.allows('x', 'https://example.com')).to.equal(true);
    expect(Robots.parse('User-agent: *\nDisallow: /$').allows('x', 'https://example.com')).to.equal(false);
    expect(robots.allows('x', '/#/all')).to.equal(true);
    for (const wrong of ['a', '', 'mailto:a@b', 'http://a/b c']) {
      expect(() => robots.allows('x', wrong), wrong).to.throw(UsageError);
    }
  });

  it('says how often it may be asked, and where its site maps are (RP-2)', () => {
    expect(robots.crawlDelay('ExampleBot')).to.equal(2.5);
    expect(robots.crawlDelay('other')).to.equal(1);
    expect(robots.requestRate('other-bot')).to.deep.equal({ requests: 10, seconds: 60 });
    expect(robots.requestRate('other')).to.equal(undefined);
    expect(robots.sitemaps).to.deep.equal(['https://example.com/map.xml', 'https://example.com/map2.xml']);
    const wrong = Robots.parse(
      'User-agent: *\nCrawl-delay: -1\nCrawl-delay: 1e9\nCrawl-delay: soon\nRequest-rate: 1/0x5',
    );
    expect(wrong.crawlDelay('x')).to.equal(undefined);
    expect(wrong.requestRate('x')).to.equal(undefined);
  });

  it('has no rules before the first name, and none without one', () => {
    expect(Robots.parse('Disallow: /\nUser-agent: a\nDisallow: /a').allows('x', '/b')).to.equal(true);
    expect(Robots.parse('').allows('x', '/')).to.equal(true);
  });

  it('joins names until there is a rule, an empty one too, whatever else stands between', () => {
    const both = Robots.parse('User-agent: a\nCrawl-delay: 1\n\nSitemap: x\nUser-agent: b\nDisallow: /');
    expect([both.allows('a', '/'), both.allows('b', '/')]).to.deep.equal([false, false]);
    const one = Robots.parse('User-agent: a\nDisallow:\nUser-agent: b\nDisallow: /');
    expect([one.allows('a', '/'), one.allows('b', '/')]).to.deep.equal([true, false]);
  });

  const statuses: [status: number | undefined, allowed: boolean][] = [
    [200, true],
    [204, true],
    [302, true],
    [401, true],
    [403, true],
    [404, true],
    [410, true],
    [500, false],
    [503, false],
    [100, false],
    [undefined, false],
  ];
  for (const [status, allowed] of statuses) {
    it(`${allowed ? 'allows' : 'disallows'} all where the answer to it is ${status ?? 'none'} (RFC 9309 2.3.1)`, () => {
      expect(Robots.answered(status).allows('x', '/a')).to.equal(allowed);
      expect(Robots.answered(status, FILE).allows('x', '/all')).to.equal(allowed && (status ?? 0) >= 300);
    });
  }

  it('is read up to 500 KiB, and never half a line', () => {
    const start = 'User-agent: *\nDisallow: /a\n';
    const fill = '# comment\n'.repeat(60_000).slice(0, 500 * 1024 - start.length - 'Disallow: /lon'.length);
    const robots = Robots.parse(`${start}${fill.slice(0, -1)}\nDisallow: /long\n`);
    expect(robots.complete).to.equal(false);
    expect([robots.allows('x', '/a'), robots.allows('x', '/lol'), robots.allows('x', '/long')]).to.deep.equal([
      false,
      true,
      true,
    ]);
    expect(Robots.parse(start).complete).to.equal(true);
  });

  it('may be anything at all', () => {
    expect(Robots.parse(Buffer.from([0, 255, 254, 10, 58, 10])).allows('x', '/')).to.equal(true);
    const latin1 = Buffer.from('User-agent: *\nDisallow: /caf\xe9\nDisallow: /b', 'latin1');
    expect(Robots.parse(latin1).allows('x', '/b')).to.equal(false);
    expect(Robots.parse('<!doctype html><p>Disallow: /').allows('x', '/')).to.equal(true);
  });

  it('is read and asked in linear time (hardening A16)', () => {
    const began = performance.now();
    const path = `/${'a'.repeat(8_000)}`;
    for (const rule of [
      `Disallow: /${'a*'.repeat(200_000)}b`,
      'Disallow: /a*a*a*a*b$\n'.repeat(20_000),
      ':'.repeat(500_000),
    ]) {
      Robots.parse(`User-agent: *\n${rule}`).allows('x', path);
    }
    for (const line of ['User-agent: a\n', 'Disallow: /\n', '\r', '#\n', 'a:\n']) {
      Robots.parse(line.repeat(60_000)).allows('a', path);
    }
    expect(performance.now() - began).to.be.lessThan(3_000);
  });
});
