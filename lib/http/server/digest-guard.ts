import { createHash, randomBytes } from 'node:crypto';
import { parseChallenges } from '../challenge.ts';
import type { HttpSeen } from '../fixture.ts';
import { quoteString } from '../quoted.ts';

export type DigestAlgorithm = 'MD5' | 'MD5-sess' | 'SHA-256' | 'SHA-256-sess' | 'SHA-512-256' | 'SHA-512-256-sess';

export interface DigestOptions {
  /** Default `netkit`. */
  readonly realm?: string | undefined;
  /** One challenge for each, in this order. Default: SHA-256, and MD5. */
  readonly algorithms?: readonly DigestAlgorithm[] | undefined;
  /** What is proved: who asks, or what is sent too. Without it as in RFC 2069. Default `auth`. */
  readonly qop?: 'auth' | 'auth-int' | 'auth,auth-int' | 'none' | undefined;
  /** How often a nonce may be used. Default: 1000 times. */
  readonly uses?: number | undefined;
}

export interface DigestProof {
  /** Undefined where it is not proved. */
  readonly user: string | undefined;
  /** Whether only the nonce is too old. */
  readonly stale: boolean;
  readonly info?: string;
}

const HASHES: ReadonlyMap<string, string> = new Map([
  ['md5', 'md5'],
  ['sha-256', 'sha256'],
  ['sha-512-256', 'sha512-256'],
]);
/** So many nonces are remembered, and each may be used so often. */
const NONCES = 1_000;
const USES = 1_000;

/** The server's half of Digest (RFC 7616). */
export class DigestGuard {
  readonly #passwords: ReadonlyMap<string, string>;
  readonly #options: DigestOptions;
  /** The counts that have come with each nonce. */
  readonly #nonces = new Map<string, Set<string>>();
  readonly #opaque = randomBytes(12).toString('hex');

  constructor(passwords: ReadonlyMap<string, string>, options: DigestOptions) {
    this.#passwords = passwords;
    this.#options = options;
  }

  /** One for each algorithm, with a new nonce. */
  challenges(stale: boolean): string[] {
    const { realm = 'netkit', algorithms = ['SHA-256', 'MD5'], qop = 'auth' } = this.#options;
    const nonce = randomBytes(18).toString('base64url');
    this.#nonces.set(nonce, new Set());
    for (const old of this.#nonces.keys()) {
      if (this.#nonces.size <= NONCES) break;
      this.#nonces.delete(old);
    }
    return algorithms.map((algorithm) =>
      [
        `Digest realm=${quoteString(realm)}`,
        ...(qop === 'none' ? [] : [`qop=${quoteString(qop.replace(',', ', '))}`]),
        `algorithm=${algorithm}`,
        `nonce="${nonce}"`,
        `opaque="${this.#opaque}"`,
        ...(stale ? ['stale=true'] : []),
      ].join(', '),
    );
  }

  async check(credentials: string, request: HttpSeen): Promise<DigestProof> {
    const said = parseChallenges([`Digest ${credentials}`])[0]?.parameters ?? new Map<string, string>();
    const { realm = 'netkit', algorithms = ['SHA-256', 'MD5'] } = this.#options;
    const of = (name: string): string => said.get(name) ?? '';
    const user = of('username');
    const password = this.#passwords.get(user);
    const algorithm = (said.get('algorithm') ?? 'MD5').toLowerCase();
    const hash = HASHES.get(algorithm.replace(/-sess$/, ''));
    const qop = said.get('qop');
    const fits =
      password !== undefined &&
      hash !== undefined &&
      algorithms.some((each) => each.toLowerCase() === algorithm) &&
      of('realm') === realm &&
      of('uri') === request.target &&
      this.#offers(qop);
    if (!fits) return NO;
    const H = (text: string | Uint8Array): string => createHash(hash).update(text).digest('hex');
    const known = H(`${user}:${realm}:${password}`);
    const secret = algorithm.endsWith('-sess') ? H(`${known}:${of('nonce')}:${of('cnonce')}`) : known;
    const middle = qop === undefined ? '' : `:${of('nc')}:${of('cnonce')}:${qop}`;
    const proof = (what: string): string => H(`${secret}:${of('nonce')}${middle}:${H(what)}`);
    const covered = qop === 'auth-int' ? `:${H(await request.bytes())}` : '';
    if (proof(`${request.method}:${of('uri')}${covered}`) !== of('response').toLowerCase()) return NO;
    if (!this.#isFresh(of('nonce'), of('nc'), qop)) return { user: undefined, stale: true };
    if (qop !== 'auth') return { user, stale: false };
    const info = `rspauth="${proof(`:${of('uri')}`)}", qop=${qop}, cnonce=${quoteString(of('cnonce'))}, nc=${of('nc')}`;
    return { user, stale: false, info };
  }

  #offers(qop: string | undefined): boolean {
    const { qop: offered = 'auth' } = this.#options;
    return qop === undefined ? offered === 'none' : offered.split(',').includes(qop);
  }

  /** Whether a nonce is ours, and came with another count each time: else somebody may repeat what was overheard. */
  #isFresh(nonce: string, count: string, qop: string | undefined): boolean {
    const counts = this.#nonces.get(nonce);
    if (!counts || counts.size >= (this.#options.uses ?? USES)) return false;
    // without a count every use is one
    const written = qop === undefined ? `${counts.size}` : count.toLowerCase();
    if (qop !== undefined && (!/^[0-9a-f]{8}$/.test(written) || counts.has(written))) return false;
    counts.add(written);
    return true;
  }
}

const NO: DigestProof = { user: undefined, stale: false };
