/** Answers for those who log in (RFC 7617, 6750, 7616): to others a 401, and how to do it. */
import { timingSafeEqual } from 'node:crypto';
import type { HttpHandler, HttpReply, HttpSeen, HttpServed } from '../fixture.ts';
import { quoteString } from '../quoted.ts';
import { DigestGuard, type DigestOptions } from './digest-guard.ts';

export interface GuardOptions extends DigestOptions {
  /** Which of them are let in, and told of, in this order. Default: `basic`. */
  readonly schemes?: readonly ('basic' | 'digest' | 'bearer')[] | undefined;
  /** Passwords by user. */
  readonly users?: Readonly<Record<string, string>> | undefined;
  /** Tokens of bearers. */
  readonly tokens?: readonly string[] | undefined;
}

type Guarded =
  | HttpServed
  | ((request: HttpSeen, user: string) => HttpServed | undefined | Promise<HttpServed | undefined>);

/** What is served to who logs in. A function is told as whom; a bearer is called by the token. */
export function guard(options: GuardOptions, served: Guarded): HttpHandler {
  const { schemes = ['basic'], realm = 'netkit', users = {}, tokens = [] } = options;
  const passwords = new Map(Object.entries(users));
  const digest = schemes.includes('digest') ? new DigestGuard(passwords, options) : undefined;
  return async (request) => {
    const [scheme, credentials] = splitAuthorization(request.headers.get('authorization'));
    const proof = scheme === 'digest' ? await digest?.check(credentials, request) : undefined;
    const user =
      (schemes.includes('basic') && scheme === 'basic' ? basicUser(credentials, passwords) : undefined) ??
      (schemes.includes('bearer') && scheme === 'bearer'
        ? tokens.find((token) => same(token, credentials))
        : undefined) ??
      proof?.user;
    if (user === undefined) {
      const told = schemes.flatMap((each): string[] => {
        if (each === 'digest') return digest?.challenges(proof?.stale ?? false) ?? [];
        return [
          `${each === 'basic' ? 'Basic' : 'Bearer'} realm=${quoteString(realm)}${each === 'basic' ? ', charset="UTF-8"' : ''}`,
        ];
      });
      return refused(told);
    }
    const answer = typeof served === 'function' ? await served(request, user) : served;
    return proof?.info === undefined || answer === undefined ? answer : withInfo(answer, proof.info);
  };
}

function refused(challenges: readonly string[]): HttpReply {
  const headers = challenges.map((challenge) => ['WWW-Authenticate', challenge] as const);
  return { status: 401, headers, body: 'who are you?\n' };
}

function splitAuthorization(field: string | undefined): readonly [scheme: string, credentials: string] {
  const text = field?.trim() ?? '';
  const at = text.indexOf(' ');
  return at < 0 ? [text.toLowerCase(), ''] : [text.slice(0, at).toLowerCase(), text.slice(at + 1).trim()];
}

function basicUser(credentials: string, passwords: ReadonlyMap<string, string>): string | undefined {
  const text = Buffer.from(credentials, 'base64').toString('utf8');
  const at = text.indexOf(':');
  const user = text.slice(0, Math.max(0, at));
  const password = passwords.get(user);
  return at >= 0 && password !== undefined && same(password, text.slice(at + 1)) ? user : undefined;
}

/** In a time that does not tell how much of it is right. */
function same(a: string, b: string): boolean {
  const [x, y] = [Buffer.from(a), Buffer.from(b)];
  return x.length === y.length && timingSafeEqual(x, y);
}

/** The server proves itself too, where the answer has fields of its own. */
function withInfo(answer: HttpServed, info: string): HttpServed {
  if (typeof answer === 'string' || answer instanceof Uint8Array)
    return { body: answer, headers: { 'Authentication-Info': info } };
  if (answer instanceof Response || 'raw' in answer || Symbol.iterator in answer || Symbol.asyncIterator in answer)
    return answer;
  const given = answer.headers ?? {};
  if (Symbol.iterator in given) return answer;
  return { ...answer, headers: { ...given, 'Authentication-Info': info } };
}
