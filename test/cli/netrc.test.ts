import { expect } from 'chai';
import fc from 'fast-check';
import { findEntry, parseNetrc } from '../../lib/cli/netrc.ts';
import { UsageError } from '../../lib/core/errors.ts';

describe('netrc', () => {
  const rows: [what: string, text: string, entries: object[]][] = [
    ['one line', 'machine h login u password p', [{ machine: 'h', login: 'u', password: 'p' }]],
    ['several lines', 'machine h\n\tlogin u\r\n  password p\n', [{ machine: 'h', login: 'u', password: 'p' }]],
    ['a byte order mark', '\ufeffmachine h login u', [{ machine: 'h', login: 'u' }]],
    ['the host in lower case', 'machine H.Example login U', [{ machine: 'h.example', login: 'U' }]],
    ['a host with port', 'machine h:995 login u', [{ machine: 'h:995', login: 'u' }]],
    ['default', 'default login u password p', [{ machine: undefined, login: 'u', password: 'p' }]],
    ['an account', 'machine h login u account a password p', [{ machine: 'h', login: 'u', password: 'p' }]],
    ['comments', '# machine x\nmachine h # login\n', [{ machine: 'h' }]],
    ['a # in a password', 'machine h password #1#', [{ machine: 'h', password: '#1#' }]],
    ['quotes', 'machine "h" password "a b"', [{ machine: 'h', password: 'a b' }]],
    [
      'escapes in quotes',
      String.raw`machine h password "a\"b\\c\td\040e"`,
      [{ machine: 'h', password: 'a"b\\c\td e' }],
    ],
    ['a backslash without quotes', String.raw`machine h login DOMAIN\user`, [{ machine: 'h', login: 'DOMAIN\\user' }]],
    ['an empty password', 'machine h password ""', [{ machine: 'h', password: '' }]],
    [
      'a keyword as a value',
      'machine h login machine password macdef',
      [{ machine: 'h', login: 'machine', password: 'macdef' }],
    ],
    [
      'a macro',
      'machine h\nmacdef init\nmachine x login y\n\nmachine i login j',
      [{ machine: 'h' }, { machine: 'i', login: 'j' }],
    ],
    ['a macro to the end', 'machine h macdef init\ncd /x\nlogin', [{ machine: 'h' }]],
    ['nothing', '\n\n', []],
  ];
  for (const [what, text, entries] of rows) {
    it(`has ${what}`, () => expect(parseNetrc(text)).to.deep.equal({ entries, warnings: [] }));
  }

  const mistakes: [text: string, line: number][] = [
    ['login u', 1],
    ['machine h\nlogin u hunter2', 2],
    ['machine h password', 1],
    ['machine', 1],
    ['machine h\n\npassword "hunter2', 3],
    ['machine h passwrd hunter2', 1],
  ];
  for (const [text, line] of mistakes) {
    it(`says in which line the mistake is, and not what it says there: ${JSON.stringify(text)}`, () => {
      expect(() => parseNetrc(text))
        .to.throw(UsageError, `line ${line}`)
        .with.property('message')
        .not.match(/hunter2/);
    });
  }

  it('warns of what follows default, and never reaches it', () => {
    const netrc = parseNetrc('default login u\nmachine h login v');
    expect(netrc.warnings)
      .to.have.length(1)
      .and.to.match(/line 2/);
    expect(findEntry(netrc, 'h', 1)?.login).to.equal('u');
  });

  it('finds the first that fits: the host, the host with its port, the user', () => {
    const netrc = parseNetrc(
      'machine h:1 login a\nmachine h login b\nmachine h login c password d\nmachine [::1]:1 login e\nmachine ::1 login f\ndefault login z',
    );
    const found = (host: string, port: number, user?: string) => findEntry(netrc, host, port, user)?.login;
    expect(found('h', 1)).to.equal('a');
    expect(found('h', 2)).to.equal('b');
    expect(found('h', 2, 'c')).to.equal('c');
    expect(found('h', 2, 'nobody')).to.equal(undefined);
    expect(found('::1', 1)).to.equal('e');
    expect(found('::1', 2)).to.equal('f');
    expect(found('other', 1)).to.equal('z');
  });

  it('survives any text', () => {
    const words = fc.constantFrom('machine', 'default', 'login', 'macdef', '"', '\\', '\n', '#', ' ', 'x');
    fc.assert(
      fc.property(fc.array(fc.oneof(words, fc.string())), (parts) => {
        try {
          parseNetrc(parts.join(' '));
        } catch (error) {
          expect(error).to.be.instanceOf(UsageError);
        }
      }),
    );
  });

  it('takes no longer for a hostile one', () => {
    const start = performance.now();
    for (const text of ['"'.repeat(200_000), '"\\'.repeat(200_000), ' '.repeat(500_000)]) {
      try {
        parseNetrc(text);
      } catch {
        // that it is wrong is not the question
      }
    }
    expect(performance.now() - start).to.be.lessThan(1000);
  });
});
