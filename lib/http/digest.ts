/** Digest (RFC 7616): that somebody knows a password is proved without sending it. */
import { createHash, randomBytes } from 'node:crypto';
import { ProtocolError, UsageError } from '../core/errors.ts';
import { Secret } from '../core/secret.ts';
import { type Challenge, parseInfo } from './challenge.ts';
import type { Credentials } from './credentials.ts';
import type { HttpRequest, RequestBody } from './exchange.ts';

/** What they are called in a challenge, and in OpenSSL; the strongest first. */
const HASHES: readonly (readonly [name: string, hash: string])[] = [
  ['sha-512-256', 'sha512-256'],
  ['sha-256', 'sha256'],
  ['md5', 'md5'],
];
const ABOUT = { protocol: 'http', phase: 'auth' } as const;

/** What one answer to a challenge was made of: with it the server can be asked to prove itself. */
export interface Proof {
  readonly value: Secret;
  /** Throws ProtocolError (`integrity`) for an Authentication-Info of somebody who does not know the password. */
  check(info: string | undefined): void;
}

/** How strong a challenge is, from 1; 0 for one that nobody here can answer. */
export function strengthOf({ scheme, parameters }: Challenge): number {
  if (scheme !== 'digest' || !parameters.has('nonce') || !parameters.has('realm')) return 0;
  const { hash } = algorithmOf(parameters.get('algorithm'));
  if (hash === undefined || qopOf(parameters.get('qop')) === 'unknown') return 0;
  return HASHES.length - HASHES.findIndex(([, each]) => each === hash);
}

/** Answers to one challenge, for any number of requests: each has its own count. */
export class Digest {
  readonly #parameters: ReadonlyMap<string, string>;
  readonly #credentials: Credentials;
  #nonce: string;
  #cnonce: string;
  readonly #random: () => string;
  #count = 0;

  /** `random` makes what the server cannot know before. */
  constructor({ parameters }: Challenge, credentials: Credentials, random = () => randomBytes(16).toString('hex')) {
    this.#parameters = parameters;
    this.#credentials = credentials;
    this.#nonce = parameters.get('nonce') ?? '';
    this.#random = random;
    this.#cnonce = random();
  }

  /** The field for a request. Throws UsageError where the server wants the body to be covered that can be read only once. */
  async answer(request: HttpRequest): Promise<Proof> {
    const qop = qopOf(this.#parameters.get('qop'));
    const body = qop === 'auth-int' ? await this.#digestOf(request.body) : undefined;
    const { hash = 'md5', session } = algorithmOf(this.#parameters.get('algorithm'));
    const H = (text: string): string => hashOf(hash, text);
    // none of these may change while others ask
    const [nonce, cnonce] = [this.#nonce, this.#cnonce];
    const nc = (++this.#count).toString(16).padStart(8, '0');
    const { user, password } = this.#credentials;
    const realm = this.#parameters.get('realm') ?? '';
    const known = H(`${user}:${realm}:${password.reveal()}`);
    const secret = session ? H(`${known}:${nonce}:${cnonce}`) : known;
    const proof = (what: string): string =>
      qop === undefined
        ? H(`${secret}:${nonce}:${H(what)}`)
        : H(`${secret}:${nonce}:${nc}:${cnonce}:${qop}:${H(what)}`);
    const covered = body === undefined ? '' : `:${body}`;
    const fields: Field[] = [
      ...this.#who(H, user, realm),
      ['realm', quoted(realm)],
      ['nonce', quoted(nonce)],
      ['uri', quoted(request.target)],
      ['response', quoted(proof(`${request.method}:${request.target}${covered}`))],
      ...this.#echoed(),
    ];
    if (qop !== undefined || session) fields.push(['cnonce', quoted(cnonce)]);
    if (qop !== undefined) fields.push(['qop', qop], ['nc', nc]);
    const value = new Secret(`Digest ${fields.map(([name, text]) => `${name}=${text}`).join(', ')}`);
    const expected = proof(`:${request.target}`);
    return { value, check: (info) => this.#check(info, qop, expected) };
  }

  /** The next nonce is taken over; what covers a body is not looked at, since the body has not come yet. */
  #check(info: string | undefined, qop: string | undefined, expected: string): void {
    if (info === undefined) return;
    const said = parseInfo(info);
    const proved = said.get('rspauth');
    if (
      proved !== undefined &&
      qop === 'auth' &&
      (said.get('qop') ?? qop) === qop &&
      proved.toLowerCase() !== expected
    ) {
      const message = 'who answered does not know the password: it is not the server that it says it is';
      throw new ProtocolError(message, { ...ABOUT, reason: 'integrity' });
    }
    const next = said.get('nextnonce');
    if (next === undefined || next === this.#nonce) return;
    this.#nonce = next;
    this.#cnonce = this.#random();
    this.#count = 0;
  }

  /**
   * RFC 7616 3.4.4: a server may want to be told a hash of the user; a user that is not in ASCII is told in another form,
   * where the server says by its `charset` that it has heard of that. Others are told octets of UTF-8, as by everybody.
   */
  #who(H: (text: string) => string, user: string, realm: string): Field[] {
    if (this.#parameters.get('userhash')?.toLowerCase() === 'true')
      return [
        ['username', quoted(H(`${user}:${realm}`))],
        ['userhash', 'true'],
      ];
    if (/[\x00-\x1f\x7f]/.test(user)) throw new UsageError('a user of Digest has no control characters', ABOUT);
    if (/^[\x20-\x7e]*$/.test(user) || this.#parameters.get('charset')?.toLowerCase() !== 'utf-8')
      return [['username', quoted(user)]];
    return [['username*', `UTF-8''${encodeURIComponent(user).replace(/['()*]/g, percent)}`]];
  }

  #echoed(): Field[] {
    const fields: Field[] = [];
    const [algorithm, opaque] = [this.#parameters.get('algorithm'), this.#parameters.get('opaque')];
    if (algorithm !== undefined) fields.push(['algorithm', algorithm]);
    if (opaque !== undefined) fields.push(['opaque', quoted(opaque)]);
    return fields;
  }

  async #digestOf(body: RequestBody | undefined): Promise<string> {
    if (body && !body.repeatable) {
      const message = 'the server wants the body to be part of the login, and a stream can be read only once';
      throw new UsageError(message, { ...ABOUT, reason: 'unsupported' });
    }
    const { hash = 'md5' } = algorithmOf(this.#parameters.get('algorithm'));
    const digest = createHash(hash);
    const octets = body?.open() ?? Buffer.alloc(0);
    if (octets instanceof Uint8Array) digest.update(octets);
    else for await (const chunk of octets) digest.update(chunk);
    return digest.digest('hex');
  }
}

type Field = readonly [name: string, text: string];

function algorithmOf(written = 'MD5'): { readonly hash: string | undefined; readonly session: boolean } {
  const name = written.toLowerCase();
  const session = name.endsWith('-sess');
  const [, hash] = HASHES.find(([each]) => each === (session ? name.slice(0, -5) : name)) ?? [];
  return { hash, session };
}

/** `auth` where it is offered: `auth-int` needs the whole body first. Undefined where nothing is said (RFC 2069). */
function qopOf(written: string | undefined): 'auth' | 'auth-int' | 'unknown' | undefined {
  if (written === undefined) return undefined;
  const offered = written.split(',').map((each) => each.trim().toLowerCase());
  if (offered.includes('auth')) return 'auth';
  return offered.includes('auth-int') ? 'auth-int' : 'unknown';
}

function hashOf(hash: string, text: string): string {
  try {
    return createHash(hash).update(text).digest('hex');
  } catch (cause) {
    throw new UsageError(`this system has no ${hash}: log in in another way`, {
      ...ABOUT,
      reason: 'unsupported',
      cause,
    });
  }
}

/** What came from the server goes back as octets of Latin-1, at most. */
function quoted(text: string): string {
  if (/[^\t\x20-\x7e]/.test(text)) {
    const octets = Buffer.from(text).toString('latin1');
    if (/[\x00-\x08\x0a-\x1f\x7f]/.test(octets)) throw new UsageError('a login with control characters', ABOUT);
    return quoted7(octets);
  }
  return quoted7(text);
}

function quoted7(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}

function percent(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}
