import { expect } from 'chai';
import fc from 'fast-check';
import { UsageError } from '../../lib/core/errors.ts';
import { parseVariables } from '../../lib/telnet/options/environment.ts';
import { End, eventsOf, hears, octets, same, speak, sub, wills } from './option-end.ts';

const [IS, SEND, INFO] = [0, 1, 2];
const [VAR, VALUE, ESC, USERVAR] = [0, 1, 2, 3];
const WILL = wills('WILL', 'NEW_ENVIRON');
const DO = wills('DO', 'NEW_ENVIRON');

type Part = number | string;
const environ = (...parts: readonly Part[]): Buffer => sub('NEW_ENVIRON', ...parts);

const env = { USER: 'joe', DISPLAY: 'x:0', LANG: 'de_DE.UTF-8', EMPTY: '' };

/** What a client with these variables answers to a SEND. */
function answers(...asked: readonly Part[]): Buffer {
  const { said } = hears(() => End.client({ env }), DO, environ(SEND, ...asked));
  same(said.subarray(0, WILL.length), WILL);
  return said.subarray(WILL.length);
}

describe('The environment of a client (NEW-ENVIRON, RFC 1572)', () => {
  const known: Part[] = [VAR, 'USER', VALUE, 'joe', VAR, 'DISPLAY', VALUE, 'x:0'];
  const own: Part[] = [USERVAR, 'LANG', VALUE, 'de_DE.UTF-8', USERVAR, 'EMPTY', VALUE];

  it('is all that was given, when everything is asked for', () => {
    same(answers(), environ(IS, ...known, ...own));
  });

  it('is all of a kind, when that is asked for', () => {
    same(answers(VAR), environ(IS, ...known));
    same(answers(USERVAR), environ(IS, ...own));
    same(answers(VAR, USERVAR), environ(IS, ...known, ...own));
  });

  it('is what was asked for, in that order', () => {
    same(
      answers(USERVAR, 'LANG', VAR, 'USER'),
      environ(IS, USERVAR, 'LANG', VALUE, 'de_DE.UTF-8', VAR, 'USER', VALUE, 'joe'),
    );
  });

  it('names what it does not have without a value', () => {
    same(answers(VAR, 'ACCT', USERVAR, 'PATH'), environ(IS, VAR, 'ACCT', USERVAR, 'PATH'));
  });

  it('answers under the kind that was asked for', () => {
    same(
      answers(USERVAR, 'USER', VAR, 'LANG'),
      environ(IS, USERVAR, 'USER', VALUE, 'joe', VAR, 'LANG', VALUE, env.LANG),
    );
  });

  it('is never that of the process (telnet-s04, telnet-s05, telnet-s06)', () => {
    process.env['AWS_SECRET_ACCESS_KEY'] = 'LEAKME-1234';
    try {
      const said = answers(USERVAR, 'AWS_SECRET_ACCESS_KEY', VAR, 'PATH', VAR, 'HOME', USERVAR, '__proto__');
      same(said, environ(IS, USERVAR, 'AWS_SECRET_ACCESS_KEY', VAR, 'PATH', VAR, 'HOME', USERVAR, '__proto__'));
      expect(said.includes('LEAKME')).to.equal(false);
    } finally {
      delete process.env['AWS_SECRET_ACCESS_KEY'];
    }
  });

  it('is refused, as the speed and the display are, where nothing was given (telnet-s04)', () => {
    const asked = (['NEW_ENVIRON', 'TSPEED', 'XDISPLOC', 'STATUS', 'OLD_ENVIRON'] as const).map((name) => ({
      ask: [wills('DO', name), sub(name, 1)],
      refusal: wills('WONT', name),
    }));
    const { said } = hears(() => End.client({ env: {} }), ...asked.flatMap(({ ask }) => ask));
    same(said, ...asked.map(({ refusal }) => refusal));
  });

  it('is told once to who asks a thousand times for the same (telnet-s09)', () => {
    same(answers(...Array(300).fill([VAR, 'USER']).flat()), environ(IS, VAR, 'USER', VALUE, 'joe'));
  });

  it('has VAR, VALUE, ESC and USERVAR escaped (telnet-i02)', () => {
    const { said } = hears(() => End.client({ env: { 'a\x01\x02\x03b': '\x03\x02\x01' } }), DO, environ(SEND));
    same(
      said,
      WILL,
      environ(IS, USERVAR, 'a', ESC, VALUE, ESC, ESC, ESC, USERVAR, 'b', VALUE, ESC, USERVAR, ESC, ESC, ESC, VALUE),
    );
  });

  it('escapes an unknown name as it came', () => {
    same(answers(VAR, ESC, VAR, 'x', ESC, VALUE), environ(IS, VAR, ESC, VAR, 'x', ESC, VALUE));
  });

  for (const [what, asked] of [
    ['a VALUE', [VAR, 'USER', VALUE, 'x']],
    ['a name of no kind', ['USER']],
    ['an ESC at the end', [VAR, 'US', ESC]],
  ] as const) {
    it(`says nothing where ${what} is asked for`, () => {
      same(answers(...asked));
    });
  }

  it('is told when it changes', () => {
    const client = End.client({ env });
    client.receive(DO);
    client.said();
    client.options.environment.change(client.machine, 'LANG', 'C');
    client.options.environment.change(client.machine, 'USER', undefined);
    same(client.said(), environ(INFO, USERVAR, 'LANG', VALUE, 'C'), environ(INFO, VAR, 'USER'));
  });
});

describe('A variable that cannot be told', () => {
  for (const [id, variables] of [
    ['telnet-i01', { USER: 'a\r\nb' }],
    ['telnet-i02', { USER: 'a\xff\xf0b' }],
    ['telnet-i03', { USER: 'a\0b' }],
    ['telnet-i03', { 'A\nB': 'x' }],
    ['telnet-i05', { 'A\xffB': 'x' }],
    ['telnet-i05', { '': 'x' }],
    ['telnet-i05', { X: 'x'.repeat(1025) }],
  ] as const) {
    it(`is the caller's mistake: ${JSON.stringify(variables).slice(0, 40)} (${id})`, () => {
      expect(() => End.client({ env: variables })).to.throw(UsageError, 'variable');
    });
  }

  it('is a user that a telnetd would take for an option of login (telnet-i04)', () => {
    for (const name of ['USER', 'user']) {
      expect(() => End.client({ env: { [name]: '-f root' } })).to.throw(UsageError, 'begin with a hyphen');
    }
    const client = End.client({ env });
    expect(() => client.options.environment.change(client.machine, 'USER', '-froot')).to.throw(UsageError);
  });
});

describe('A server that asks for the environment', () => {
  const server = () => End.server({ asks: ['NEW_ENVIRON'], offers: [] });
  const told = (...parts: readonly Part[]) => hears(server, WILL, environ(...parts));

  it('asks for everything, or for what it was told to', () => {
    same(told(IS).said, DO, environ(SEND));
    const some = () => End.server({ asks: ['NEW_ENVIRON'], offers: [], environment: ['USER', 'LANG'] });
    same(hears(some, WILL).said, DO, environ(SEND, VAR, 'USER', USERVAR, 'LANG'));
  });

  it('is told variables, empty ones, and that there are none', () => {
    const { events } = told(IS, VAR, 'USER', VALUE, 'joe', VAR, 'ACCT', USERVAR, 'E', VALUE, USERVAR, 'ü', VALUE, '€');
    expect(events).to.deep.equal([
      {
        type: 'environment',
        variables: new Map([
          ['USER', 'joe'],
          ['ACCT', null],
        ]),
        user: new Map([
          ['E', ''],
          ['ü', '€'],
        ]),
      },
    ]);
  });

  it('undoes ESC, and is told of changes', () => {
    const { events } = told(INFO, USERVAR, 'a', ESC, VALUE, 'b', VALUE, 'c', ESC, 'd');
    expect(events).to.deep.equal([{ type: 'environment', variables: new Map(), user: new Map([['a\ufffdb', 'cd']]) }]);
  });

  it('keeps no control characters, and no names that mean something to JavaScript', () => {
    const { events } = told(IS, VAR, '__proto__', VALUE, '\x1b[2Jx');
    expect(events[0])
      .to.have.property('variables')
      .that.deep.equals(new Map([['__proto__', '\ufffd[2Jx']]));
  });

  for (const parts of [['USER'], [VALUE, 'x'], [VAR, 'x', ESC]] as const) {
    it(`takes nothing from ${JSON.stringify(parts)}`, () => {
      const found = parseVariables(octets(IS, ...parts));
      expect([...(found?.variables ?? []), ...(found?.user ?? [])]).to.deep.equal([]);
    });
  }

  it('keeps 256 of them at most, with names and values of 1 KiB', () => {
    const many = Array.from({ length: 500 }, (_, i) => octets(VAR, `v${i}`, VALUE, 'x'));
    expect(parseVariables(octets(IS, ...many))?.variables.size).to.equal(256);
    const long = parseVariables(octets(IS, VAR, 'a', VALUE, 'x'.repeat(1025), VAR, 'b'.repeat(1025), VAR, 'c', VALUE));
    expect(long?.variables).to.deep.equal(new Map([['c', '']]));
  });

  it('is told by a client what that was given, whatever it is', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 20 }).filter((each) => !/[\0-\x1f\x7f-\xa0\xff]/.test(each));
    fc.assert(
      fc.property(
        fc.dictionary(
          text.filter((name) => name !== '' && name.toUpperCase() !== 'USER'),
          text,
        ),
        (given) => {
          const [client, end] = [End.client({ env: given }), server()];
          end.machine.begin();
          speak(client, end);
          const [found] = eventsOf(end, 'environment');
          expect(Object.fromEntries([...(found?.variables ?? []), ...(found?.user ?? [])])).to.deep.equal({ ...given });
        },
      ),
      { numRuns: 50 },
    );
  });
});
