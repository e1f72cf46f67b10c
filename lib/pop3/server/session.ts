import { verbOf } from '../../mock/faults.ts';
import { Session, type SessionParts } from '../../mock/session.ts';
import type { Verifier } from '../../wire/sasl.ts';
import type { Accounts } from './accounts.ts';
import type { OpenMaildrop } from './maildrop.ts';

/** What all sessions of a server know. */
export interface House {
  readonly accounts: Accounts;
  readonly capabilities: ReadonlyMap<string, string>;
  /** What a line may begin with, in capitals. */
  readonly verbs: ReadonlySet<string>;
  /** Whether there is TLS to upgrade to. */
  readonly upgrades: boolean;
  /** Whether nobody may log in without TLS. */
  readonly requireTls: boolean;
  /** What SASL is told beside the users. */
  readonly sasl: Omit<Verifier, 'lookup'>;
}

/** A list of more lines than this is counted in the transcript, not shown. */
const SHOWN = 100;

/** One client of a POP3 server. */
export class Pop3Session extends Session {
  readonly house: House;
  /** What the greeting offers for APOP. */
  readonly stamp: string | undefined;
  /** Whom USER named. */
  named: string | undefined;
  /** Whether the client asked for UTF-8 (RFC 6856). */
  utf8 = false;
  /** What the client has, in the TRANSACTION state; undefined in the AUTHORIZATION state. */
  maildrop: OpenMaildrop | undefined;
  /** Whether the next line is the response to a challenge. */
  #responding = false;
  /** Whether responses may follow, which a client said before AUTH was refused. */
  #mayRespond = false;

  constructor(parts: SessionParts, house: House) {
    super(parts);
    this.house = house;
    const apop = house.capabilities.get('APOP');
    this.stamp = apop === '' ? `<${process.pid}.${Date.now()}.${parts.id}@localhost>` : apop;
  }

  has(capability: string): boolean {
    return this.house.capabilities.has(capability);
  }

  async ok(text: string): Promise<void> {
    await this.say(`+OK ${text}`);
  }

  /** The code is told where the server says that it tells them (RFC 2449 6.4, RFC 3206 6). */
  async refuse(text: string, code?: 'AUTH' | 'SYS/TEMP' | 'IN-USE' | 'LOGIN-DELAY'): Promise<void> {
    const told = code !== undefined && this.has(/^(?:AUTH|SYS)/.test(code) ? 'AUTH-RESP-CODE' : 'RESP-CODES');
    await this.say(`-ERR ${told ? `[${code}] ` : ''}${text}`);
  }

  /** A list; none of its lines begins with a dot. */
  async list(text: string, lines: readonly string[]): Promise<void> {
    await this.ok(text);
    const block = [...lines, '.\r\n'].join('\r\n');
    await this.reply(lines.length > SHOWN ? Buffer.from(block) : block);
  }

  /** Says a challenge, in base64; gives the response. */
  async ask(challenge: string): Promise<string> {
    await this.say(`+ ${challenge}`);
    await this.finish();
    this.#responding = true;
    try {
      return await this.connection.readLine();
    } finally {
      this.#responding = false;
    }
  }

  override shown(line: string): string {
    if (this.#responding) return line === '*' ? line : '***';
    const verb = verbOf(line);
    if (this.#mayRespond && !this.house.verbs.has(verb)) return '***';
    this.#mayRespond = verb === 'AUTH';
    return line.replace(SECRET, '$1***');
  }
}

/** What follows `PASS`, the name of `APOP`, and the mechanism of `AUTH`. */
const SECRET = /^(\s*(?:PASS|(?:APOP|AUTH)\s+\S+)\s).+$/is;
