import { type Answer, type MockOptions, MockServer, type Session, serveCommands } from '../../lib/mock/server.ts';
import { connect } from '../../lib/net/connect.ts';

/** A server of no protocol, for the tests of what all mock servers share. */
export class LineServer extends MockServer {
  readonly #more: Readonly<Record<string, Answer<Session>>>;

  static async start(
    more: Readonly<Record<string, Answer<Session>>> = {},
    options: MockOptions = {},
  ): Promise<LineServer> {
    return new LineServer(more, options).listen();
  }

  private constructor(more: Readonly<Record<string, Answer<Session>>>, options: MockOptions) {
    super({ scheme: options.tls === 'implicit' ? 'tls' : 'tcp', protocol: 'lines', maxLine: 100 }, options);
    this.#more = more;
  }

  protected override async converse(session: Session): Promise<void> {
    await session.greet('hello');
    await serveCommands(session, {
      say: (_, words) => session.say(words.join(' ')),
      LIST: () => session.reply('+OK\r\none\r\n..two\r\n.\r\n'),
      stls: async () => {
        await session.say('go');
        await session.upgradeToTls();
      },
      quit: async () => {
        await session.say('bye');
        return 'quit';
      },
      '*': (_, __, line) => session.say(`? ${line}`),
      ...this.#more,
    });
  }
}

/** Says all this to a server at once, and gives all that it says until it ends. */
export async function ask(url: string, ...lines: readonly string[]): Promise<string> {
  const connection = await connect(url, { timeouts: { idle: 2_000 } });
  try {
    await connection.writeText(lines.map((line) => `${line}\r\n`).join(''));
    connection.end();
    const parts: Buffer[] = [];
    await connection.readToEnd().each((chunk) => parts.push(Buffer.from(chunk)));
    return Buffer.concat(parts).toString('latin1');
  } finally {
    await connection.close();
  }
}
