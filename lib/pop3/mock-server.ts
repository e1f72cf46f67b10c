import { type Answer, type MockOptions, MockServer, type SessionParts, serveCommands } from '../mock/server.ts';
import type { Verifier } from '../wire/sasl.ts';
import type { Message, Pop3Fixture } from './fixture.ts';
import { Accounts, type Pop3Login } from './server/accounts.ts';
import { apop, auth, capa, lang, pass, quit, stls, user, utf8 } from './server/authorization.ts';
import { type Capabilities, capabilitiesOf, type Profile } from './server/capabilities.ts';
import type { MemoryMessage } from './server/memory.ts';
import { type House, Pop3Session } from './server/session.ts';
import { dele, list, noop, retr, rset, stat, type Transaction, top, uidl } from './server/transaction.ts';

export interface Pop3MockOptions extends MockOptions {
  /** The user of the fixture's `messages`. Default: `user`, with the password `password` and the token `token`. */
  readonly login?: Pop3Login | undefined;
  /** What the server can do. Default `typical`. */
  readonly profile?: Profile | undefined;
  /** What it can do beside that, or cannot: `{ PIPELINING: false, SASL: 'PLAIN', 'LOGIN-DELAY': '60' }`. */
  readonly capabilities?: Capabilities | undefined;
  /** What SASL is told beside the users: nonces and salts that are known before, ANONYMOUS, who may act as whom. */
  readonly sasl?: Omit<Verifier, 'lookup'> | undefined;
}

const LOGIN: Pop3Login = { user: 'user', password: 'password', token: 'token' };

/** The longest line, in octets: a SASL response may be long (RFC 4954 4 asks for 12,288). */
const MAX_LINE = 16_384;

/** How long a client may say nothing, in milliseconds (RFC 1939 3: at least 10 minutes). */
const IDLE = 600_000;

/** A POP3 server for tests and for `netkit pop3 serve`: RFC 1939, 2449, 5034, 2595, 6856, 3206. */
export class Pop3MockServer extends MockServer<Pop3Session> {
  readonly #house: House;

  private constructor(fixture: Pop3Fixture, options: Pop3MockOptions) {
    const { tls, login = LOGIN, profile = 'typical', capabilities, requireTls = false, sasl = {} } = options;
    super(
      { scheme: tls === 'implicit' ? 'pop3s' : 'pop3', protocol: 'pop3', maxLine: MAX_LINE },
      {
        ...options,
        timeouts: { idle: IDLE, ...options.timeouts },
      },
    );
    this.#house = {
      accounts: new Accounts(fixture, login),
      capabilities: capabilitiesOf(profile, capabilities),
      verbs: new Set(Object.keys(COMMANDS)),
      upgrades: tls === 'upgrade',
      requireTls,
      sasl,
    };
  }

  static async start(fixture: Pop3Fixture = {}, options: Pop3MockOptions = {}): Promise<Pop3MockServer> {
    return new Pop3MockServer(fixture, options).listen();
  }

  /** The first user who has a password. */
  get login(): Pop3Login | undefined {
    return this.#house.accounts.login;
  }

  /** The messages of a user that are kept in memory. Default: of `login`. Throws UsageError where they are not. */
  messages(user: string = this.#firstUser): readonly MemoryMessage[] {
    return this.#house.accounts.memoryOf(user).messages;
  }

  /** One more message: the next session finds it. Throws UsageError where they are not kept in memory. */
  deliver(message: Message, user: string = this.#firstUser): void {
    this.#house.accounts.memoryOf(user).add(message);
  }

  protected override begin(parts: SessionParts): Pop3Session {
    return new Pop3Session(parts, this.#house);
  }

  protected override async converse(session: Pop3Session): Promise<void> {
    try {
      await session.greet(`+OK netkit POP3 server ready${session.stamp === undefined ? '' : ` ${session.stamp}`}`);
      await serveCommands(session, COMMANDS);
    } finally {
      // without QUIT nothing is deleted
      this.#house.accounts.unlock(session);
    }
  }

  get #firstUser(): string {
    return this.login?.user ?? '';
  }
}

type Command = Answer<Pop3Session>;

const COMMANDS: Readonly<Record<string, Command>> = {
  CAPA: where('CAPA', capa),
  LANG: where('LANG', lang),
  QUIT: quit,
  STLS: where('STLS', before(stls)),
  USER: where('USER', before(user)),
  PASS: where('USER', before(pass)),
  APOP: where('APOP', before(apop)),
  AUTH: where('SASL', before(auth)),
  UTF8: where('UTF8', before(utf8)),
  STAT: after(stat),
  LIST: after(list),
  UIDL: where('UIDL', after(uidl)),
  TOP: where('TOP', after(top)),
  RETR: after(retr),
  DELE: after(dele),
  RSET: after(rset),
  NOOP: after(noop),
  '*': (session) => session.refuse('unknown command'),
};

/** A command that a server with this capability knows. */
function where(capability: string, command: Command): Command {
  return (session, words, line) =>
    session.has(capability) ? command(session, words, line) : session.refuse('unknown command');
}

/** A command of the AUTHORIZATION state. */
function before(command: Command): Command {
  return (session, words, line) =>
    session.maildrop ? session.refuse('you have logged in already') : readable(session, command(session, words, line));
}

/** A command of the TRANSACTION state. */
function after(command: Transaction): Command {
  return (session, words) =>
    session.maildrop ? readable(session, command(session, session.maildrop, words)) : session.refuse('log in first');
}

/** What the system does not let us read is no crash of ours. */
async function readable(session: Pop3Session, answered: unknown): Promise<void> {
  try {
    await answered;
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error) || !session.connection.usable) throw error;
    session.note(`cannot be read: ${error.message}`);
    await session.refuse('this cannot be read now', 'SYS/TEMP');
  }
}
