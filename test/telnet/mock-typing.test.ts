import { expect } from 'chai';
import type { TelnetSession } from '../../lib/telnet/server/session.ts';
import { play, QUIET } from './mock.ts';

/** Says every line again, in quotes, so that nothing of it is hidden. */
const ECHO = {
  unknown: (session: TelnetSession, _: unknown, line: string) => `${JSON.stringify(line)} ${session.lineEnd}`,
};
/** The server echoes. */
const CHARACTERS = { offers: ['ECHO'], asks: [] } as const;
const ECHOING = `
      S| \\xff\\xfb\\x01$ 
      C| \\xff\\xfd\\x01`;
const AYT = 'C| \\xff\\xf6';

describe('What is typed at a Telnet server', () => {
  it('is a line with each of the four ends of line', async () => {
    const lines = [
      ['crlf\\r\\n', '"crlf" CR LF'],
      ['lf\\n', '"lf" LF'],
      ['nul\\r\\0', '"nul" CR NUL'],
    ];
    const each = lines.map(([typed, said]) => `S| $ \nC| ${typed}\nS: ${said}\n`).join('');
    const binary = 'S| $ \nC| \\xff\\xfb\\x00cr\\r\nS| \\xff\\xfd\\x00"cr" CR\\r\\n\n';
    await play(ECHO, { agrees: ['BINARY'] }, each, `${binary}${each}S| $ `);
  });

  it('is several lines where they come together, whatever ends them', async () => {
    await play(ECHO, {}, 'C| a\\r\\nb\\nc\\r\\0d\\r\nS~ "a"\nS~ "b"\nS~ "c"\nS~ "d"\nS| $ ');
  });

  it('is one line where a command of the protocol stands between CR and LF, and where they come one by one', async () => {
    await play(
      ECHO,
      {},
      `
      S| $ 
      C| a\\r
      S: "a" CR NUL
      S| $ 
      C| \\xff\\xf1\\n
      ${AYT}
      S| \\r\\n[Yes]\\r\\n
      C| b\\r\\xff\\xf1\\n
      S: "b" CR LF
      S| $ `,
    );
  });

  it('is shown, as a terminal would, where the client does not do so itself', async () => {
    await play(
      ECHO,
      CHARACTERS,
      `${ECHOING}
      C| a
      S| a
      C| \\x1b[A\\t\\x7f
      S| ^[[A^I\\x08 \\x08\\x08 \\x08
      C| \\r\\0
      S| \\r\\n"a\\\\u001b[A" CR NUL\\r\\n$ `,
    );
  });

  it('is not shown where the client does so itself', async () => {
    await play(
      ECHO,
      CHARACTERS,
      `
      S| \\xff\\xfb\\x01$ 
      C| \\xff\\xfe\\x01abc\\r\\n
      S| "abc" CR LF\\r\\n$ `,
    );
  });

  it('is edited: BS, DEL, a word, the line, and shown again', async () => {
    await play(
      ECHO,
      CHARACTERS,
      `${ECHOING}
      C| ab\\x08c\\x7fd
      S| ab\\x08 \\x08c\\x08 \\x08d
      C|  one two  \\x17
      S|  one two  \\x08 \\x08\\x08 \\x08\\x08 \\x08\\x08 \\x08\\x08 \\x08
      C| \\x12
      S| ^R\\r\\nad one 
      C| \\r\\n
      S| \\r\\n"ad one " CR LF\\r\\n$ 
      C| xy\\x15z\\r\\n
      S| xy\\x08 \\x08\\x08 \\x08z\\r\\n"z" CR LF\\r\\n$ 
      C| \\x08\\x17\\x15\\r\\n
      S| \\r\\n$ `,
    );
  });

  it('takes back whole characters, of several octets too', async () => {
    await play(
      ECHO,
      CHARACTERS,
      `${ECHOING}
      C| é€😀
      S| é€😀
      C| \\x7f\\x7f
      S| \\x08 \\x08\\x08 \\x08
      C| \\r\\n
      S| \\r\\n"é" CR LF\\r\\n$ 
      C| \\xc3
      ${AYT}
      S| \\r\\n[Yes]\\r\\n
      C| \\xa9\\r\\n
      S| é\\r\\n"é" CR LF\\r\\n$ `,
    );
  });

  it('is edited by EC and EL, and ended by EOF, as by the keys', async () => {
    await play(
      ECHO,
      CHARACTERS,
      `${ECHOING}
      C| ab\\xff\\xf7c\\xff\\xf8de\\r\\n
      S| ab\\x08 \\x08c\\x08 \\x08\\x08 \\x08de\\r\\n"de" CR LF\\r\\n$ 
      C| x\\xff\\xec\\x7f
      S| x\\x08 \\x08
      C| \\xff\\xec
      S: logout
      *: close`,
    );
  });

  it('is thrown away by an interrupt, however it is said, and the prompt comes again', async () => {
    for (const interrupt of ['\\x03', '\\xff\\xf4', '\\xff\\xf3', '\\xff\\xed', '\\xff\\xee', '\\xff\\xf4\\xff\\xf2']) {
      await play(
        ECHO,
        CHARACTERS,
        `${ECHOING}
        C| abc${interrupt}
        S| abc^C\\r\\n$ 
        C| d\\r\\n
        S| d\\r\\n"d" CR LF\\r\\n$ `,
      );
    }
  });

  it('ends the session with ^D on an empty line, and with the end of the connection', async () => {
    const [first, second] = (await play(ECHO, {}, 'S| $ \nC| x\\x7f\\x04\nS: logout\n*: close', 'S| $ \nC| x'))
      .sessions;
    expect(first?.transcript.lines.at(-1)?.text).to.equal('logout');
    expect(second?.transcript.lines.some(({ from }) => from === 'C')).to.equal(false);
  });

  it('is answered by [Yes] when it is AYT, while a command runs too', async () => {
    await play(
      {
        commands: {
          wait: (_, __, ___, signal) => new Promise((resolve) => signal.addEventListener('abort', () => resolve())),
        },
      },
      {},
      `
      S| $ 
      ${AYT}
      S| \\r\\n[Yes]\\r\\n
      C: wait
      ${AYT}
      S| \\r\\n[Yes]\\r\\n
      C| \\xff\\xf4
      S| $ `,
    );
  });

  it('interrupts what runs, and what was typed before it is forgotten', async () => {
    const numbers = async function* (): AsyncGenerator<string> {
      yield '1\n';
      await new Promise(() => {});
    };
    await play(
      { ...ECHO, commands: { numbers } },
      CHARACTERS,
      `${ECHOING}
      C| numbers\\r\\n
      S| numbers\\r\\n1\\r\\n
      C| forgotten\\r\\n\\xff\\xf4kept\\r\\n
      S| ^C\\r\\n$ kept\\r\\n"kept" CR LF\\r\\n$ `,
    );
  });

  it('is what is typed ahead, when the command has ended', async () => {
    let go = (): void => {};
    const wait = new Promise<void>((resolve) => {
      go = resolve;
    });
    await play(
      { ...ECHO, commands: { wait: () => wait, go: 'gone' } },
      { onEvent: () => go() },
      `
      S| $ 
      C: wait
      C: ahead
      C| \\xff\\xf1
      S: $ "ahead" CR LF
      S| $ `,
    );
  });

  it('interrupts a command that asks for something, too', async () => {
    await play(
      { commands: { ask: async (session) => `<${await session.readLine({ prompt: 'What? ' })}>` } },
      CHARACTERS,
      `${ECHOING}
      C| ask\\r\\n
      S| ask\\r\\nWhat? 
      C| no\\x03
      S| no^C\\r\\n$ `,
    );
  });

  it('drops the rest of what a command says after AO, and says DM', async () => {
    let go = (): void => {};
    const heard = new Promise<void>((resolve) => {
      go = resolve;
    });
    const talk = async function* (): AsyncGenerator<string> {
      yield 'one\n';
      await heard;
      yield 'two\n';
    };
    await play(
      { commands: { talk } },
      { ...QUIET, onEvent: () => go() },
      `
      S| $ 
      C: talk
      S: one
      C| \\xff\\xf5
      S| \\xff\\xf2$ `,
    );
  });

  it('is a line of 8192 characters at most: more of it ends the session', async () => {
    const long = 'x'.repeat(8192);
    const server = await play(
      { unknown: (_, __, line) => `${line.length}` },
      {},
      `S| $ \nC: ${long}\nS: 8192\nS| $ \nC| ${long}x\n*: close`,
    );
    expect(server.sessions).to.have.length(1);
  });
});
