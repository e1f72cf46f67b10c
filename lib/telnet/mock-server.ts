import { type MockOptions, MockServer, type SessionParts } from '../mock/server.ts';
import { type Charset, charsetOf } from '../wire/charset.ts';
import type { TelnetEvent } from './events.ts';
import type { TelnetFixture, TelnetScript } from './fixture.ts';
import type { OptionName } from './names.ts';
import { serverOptions } from './options/index.ts';
import { type House, TelnetSession } from './server/session.ts';
import { serveScript } from './server/shell.ts';
import type { TelnetServerSettings } from './settings.ts';

/**
 * `asks` are as in `TelnetServerSettings`. `offers` are by default ECHO, SGA, EOR, STATUS, CHARSET and MSSP, and unless
 * `gmcp` or `compress` is false, GMCP, MCCP2 and MCCP3.
 */
export interface TelnetMockOptions extends MockOptions, TelnetServerSettings {
  /** What text is written in, as long as nothing else is agreed (RFC 2066). Default: the first of `charsets`. */
  readonly charset?: string | undefined;
  /** Is told of everything that clients say beside text. */
  readonly onEvent?: ((event: TelnetEvent, session: TelnetSession) => void) | undefined;
}

/** How long a client may take nothing of what is said, in milliseconds. */
const IDLE = 600_000;

const OFFERS: readonly OptionName[] = ['ECHO', 'SGA', 'EOR', 'STATUS', 'CHARSET', 'MSSP', 'GMCP', 'MCCP2', 'MCCP3'];

function offered({ gmcp = true, compress = true }: TelnetServerSettings): readonly OptionName[] {
  return OFFERS.filter((name) => (gmcp || name !== 'GMCP') && (compress || !name.startsWith('MCCP')));
}

const WELCOME: TelnetScript = { banner: 'This server has nothing yet.' };

/**
 * A Telnet server for tests and for `netkit telnet serve`: RFC 854, and the options of `TelnetServerSettings`. Faults have
 * the first word of a command line as their verb, or `greeting`, `login` (what is said to a name), `password`.
 */
export class TelnetMockServer extends MockServer<TelnetSession> {
  readonly #fixture: TelnetFixture;
  readonly #house: House;

  private constructor(fixture: TelnetFixture, options: TelnetMockOptions, charset: Charset) {
    const { tls, timeouts, onEvent, ...rest } = options;
    super(
      { scheme: tls === 'implicit' ? 'telnets' : 'telnet', protocol: 'telnet' },
      { ...options, timeouts: { idle: IDLE, ...timeouts } },
    );
    const { mssp = { NAME: 'netkit', PLAYERS: 0 }, offers = offered(rest) } = rest;
    const settings = { ...rest, mssp, offers };
    // what cannot be said is better found before there is a client
    serverOptions(settings);
    this.#fixture = fixture;
    this.#house = { settings, charset, onEvent };
  }

  /** Throws UsageError for settings that cannot be told to a client, and a character set that nobody knows. */
  static async start(fixture: TelnetFixture = WELCOME, options: TelnetMockOptions = {}): Promise<TelnetMockServer> {
    const { charsets, charset = charsets?.[0] ?? 'UTF-8' } = options;
    return new TelnetMockServer(fixture, options, await charsetOf(charset)).listen();
  }

  /** The first user who may log in. */
  get login(): { readonly user: string; readonly password: string } | undefined {
    const users = typeof this.#fixture === 'function' ? {} : (this.#fixture.users ?? {});
    const [first] = Object.entries(users);
    return first && { user: first[0], password: first[1] };
  }

  protected override begin(parts: SessionParts): TelnetSession {
    return new TelnetSession(parts, this.#house);
  }

  protected override async converse(session: TelnetSession): Promise<void> {
    const answered = await session.faulted('greeting');
    session.begin();
    if (typeof this.#fixture === 'function') await this.#fixture(session);
    else await serveScript(session, answered ? { ...this.#fixture, banner: undefined } : this.#fixture);
    await session.finish();
    // what is compressed has an end of its own
    await session.link.end();
  }
}
