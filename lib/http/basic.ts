/** A user and a password (RFC 7617), or a token (RFC 6750), as they are: whoever reads them has them. */
import { UsageError } from '../core/errors.ts';
import { Secret } from '../core/secret.ts';
import type { Credentials } from './credentials.ts';

/** UTF-8, also where the server does not say so. Throws UsageError for a user with a colon, and for control characters. */
export function basic({ user, password }: Credentials): Secret {
  if (user.includes(':')) throw new UsageError('a user of Basic has no colon: it would begin the password', ABOUT);
  if (/[\x00-\x1f\x7f]/.test(user + password.reveal())) {
    throw new UsageError('a user and a password of Basic have no control characters', ABOUT);
  }
  return new Secret(`Basic ${Buffer.from(`${user}:${password.reveal()}`).toString('base64')}`);
}

/** Throws UsageError for what is no token of this kind. */
export function bearer(token: Secret): Secret {
  if (!/^[A-Za-z0-9\-._~+/]+=*$/.test(token.reveal())) {
    throw new UsageError('a bearer token is letters, digits and -._~+/, with = at its end only', ABOUT);
  }
  return new Secret(`Bearer ${token.reveal()}`);
}

const ABOUT = { protocol: 'http', phase: 'auth' } as const;
