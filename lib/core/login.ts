import type { Endpoint } from './endpoint.ts';
import { UsageError } from './errors.ts';
import type { ConnectOptions } from './options.ts';
import { Secret } from './secret.ts';

/** Who logs in, and how it is proved. */
export interface Login {
  readonly user: string;
  readonly password?: Secret;
  /** An OAuth 2.0 bearer token. */
  readonly token?: Secret;
  /** On behalf of whom, where that is somebody else. */
  readonly authzid?: string;
  /** The one mechanism to take; `*` is any. */
  readonly mechanism?: string;
}

/**
 * Who is to log in at an endpoint: the URL says it, else the options do; undefined where neither does. Throws UsageError
 * for a password without a user.
 */
export function loginOf(endpoint: Endpoint, options: ConnectOptions): Login | undefined {
  const user = endpoint.user ?? options.user;
  const password = endpoint.password ?? secretOf(options.password);
  const token = secretOf(options.token);
  const mechanism = endpoint.auth === undefined ? options.auth : mechanismOf(endpoint.auth);
  if (user === undefined) {
    if (mechanism?.toUpperCase() === 'ANONYMOUS' || mechanism?.toUpperCase() === 'EXTERNAL')
      return { user: '', mechanism };
    if (password === undefined && token === undefined) return undefined;
    throw new UsageError('a password without a user: say who logs in', { phase: 'auth' });
  }
  const { authzid } = options;
  return {
    user,
    ...(password && { password }),
    ...(token && { token }),
    ...(authzid !== undefined && { authzid }),
    ...(mechanism !== undefined && { mechanism }),
  };
}

function secretOf(value: string | Secret | undefined): Secret | undefined {
  return typeof value === 'string' ? new Secret(value) : value;
}

/** `AUTH=PLAIN`, as a mail URL has it behind the user (RFC 2384 3). */
function mechanismOf(parameter: string): string {
  const [, mechanism] = /^AUTH=(.+)$/i.exec(parameter) ?? [];
  if (mechanism === undefined) throw new UsageError('what follows the ; behind a user is AUTH= and a mechanism');
  return mechanism;
}
