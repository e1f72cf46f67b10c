import type { HttpHandler, HttpRoutes, HttpSeen } from '../fixture.ts';
import type { DigestAlgorithm } from './digest-guard.ts';
import { type GuardOptions, guard } from './guard.ts';

const ALGORITHMS: readonly DigestAlgorithm[] = [
  'MD5',
  'MD5-sess',
  'SHA-256',
  'SHA-256-sess',
  'SHA-512-256',
  'SHA-512-256-sess',
];
/** So many pairs of users and passwords are kept apart; what each remembers is much. */
const GUARDS = 100;

/** Guards remember the nonces that they gave, so that each path has one. */
const guards = new Map<string, HttpHandler>();

/** The guard of a path; `options` are made of its params. */
function guarded(options: (request: HttpSeen) => GuardOptions | undefined): HttpHandler {
  return (request) => {
    const { path } = request;
    let found = guards.get(path);
    if (!found) {
      const wanted = options(request);
      if (!wanted) return { status: 400, body: 'this login is not known here\n' };
      found = guard(wanted, (_request, user) => ({ json: { authenticated: true, user } }));
      if (guards.size >= GUARDS) guards.clear();
      guards.set(path, found);
    }
    return found(request);
  };
}

function usersOf({ params }: HttpSeen): Readonly<Record<string, string>> {
  return { [params.get('user') ?? '']: params.get('password') ?? '' };
}

function digestOptions(request: HttpSeen): GuardOptions | undefined {
  const { params } = request;
  const qop = params.get('qop');
  if (qop !== 'auth' && qop !== 'auth-int' && qop !== 'none') return undefined;
  const wanted = params.get('algorithm')?.toLowerCase();
  const algorithms = ALGORITHMS.filter((each) => each.toLowerCase() === wanted);
  if (wanted !== undefined && algorithms.length === 0) return undefined;
  return { schemes: ['digest'], users: usersOf(request), qop, ...(wanted !== undefined && { algorithms }) };
}

const digest = guarded(digestOptions);

const bearer: HttpHandler = ({ headers }) => {
  const [, token] = /^bearer +(\S+)$/i.exec(headers.get('authorization') ?? '') ?? [];
  return token === undefined
    ? { status: 401, headers: { 'WWW-Authenticate': 'Bearer' }, body: 'any token will do\n' }
    : { json: { authenticated: true, token } };
};

export const auth: HttpRoutes = {
  '/basic-auth/:user/:password': guarded((request) => ({ users: usersOf(request) })),
  '/digest-auth/:qop/:user/:password': digest,
  '/digest-auth/:qop/:user/:password/:algorithm': digest,
  '/any-auth/:user/:password': guarded((request) => ({ schemes: ['digest', 'basic'], users: usersOf(request) })),
  '/bearer': bearer,
};
