/** The two who may want to know who asks: the server (401), and a proxy on the way (407). */
import type { Endpoint } from '../core/endpoint.ts';
import { UsageError } from '../core/errors.ts';
import { loginOf } from '../core/login.ts';
import type { ConnectOptions } from '../core/options.ts';
import { Secret } from '../core/secret.ts';
import { hostInUrl } from '../core/url.ts';
import { chooseProxy, type ProxyServer } from '../net/proxy.ts';
import { isLocal } from '../net/upgrade.ts';
import { basic, bearer } from './basic.ts';
import { type Credentials, type Entrance, Passwords } from './credentials.ts';
import { type HttpRequest, type Origin, sameOrigin } from './exchange.ts';

export interface LoginOptions extends ConnectOptions {
  /** For other origins, folders and realms than the user of the client is for. */
  readonly passwords?: Passwords | Iterable<Entrance> | undefined;
}

export interface Door {
  readonly status: number;
  /** The names of the fields: of challenges, of answers to them, and of what is said after that. */
  readonly challenge: string;
  readonly field: string;
  readonly info: string;
  /** The one scheme to take, in lower case. */
  readonly wanted: string | undefined;
  /** Who asks, where that is known. */
  who(realm: string | undefined, request: HttpRequest): Credentials | undefined;
  /** What is sent before anybody asks. Throws UsageError (`policy`) where somebody could listen. */
  atOnce(request: HttpRequest): Secret | undefined;
  /** Throws UsageError (`policy`) where somebody could listen. */
  refuseListeners(request: HttpRequest): void;
  /** The request as whoever is there sees it. */
  seen(request: HttpRequest): HttpRequest;
}

const SCHEMES = new Set(['basic', 'digest', 'bearer']);

/**
 * The server's. The user, the password and the token of a client are for its own origin alone; where the scheme is said to be
 * Basic, and for a token, nobody waits to be asked. Throws UsageError for what can never log in.
 */
export function serverDoor(endpoint: Endpoint, options: LoginOptions): Door | undefined {
  const login = loginOf(endpoint, { ...options, token: undefined });
  const token = options.token === undefined ? undefined : bearer(Secret.of(options.token));
  const passwords = passwordsOf(options.passwords);
  if (!login && !token && !passwords) return undefined;
  const { user, password, mechanism } = login ?? { user: '', mechanism: options.auth };
  const wanted = mechanism === undefined || mechanism === '*' ? undefined : mechanism.toLowerCase();
  if (wanted !== undefined && !SCHEMES.has(wanted)) throw unsupported(wanted);
  if (login && !password && !token) throw new UsageError(`a password is needed to log in as ${user}`, ABOUT);
  const own: Origin = {
    scheme: endpoint.scheme === 'https' ? 'https' : 'http',
    host: endpoint.host,
    port: endpoint.port,
  };
  const mine = password && { user, password };
  const refuseListeners = (request: HttpRequest): void => refuse(request, options);
  const known = ({ origin, target }: HttpRequest): Secret | undefined => {
    if (sameOrigin(origin, own)) {
      if (token) return token;
      if (mine && wanted === 'basic') return basic(mine);
    }
    const credentials = passwords?.atOnce(origin, target);
    return credentials && basic(credentials);
  };
  return {
    ...{ status: 401, challenge: 'www-authenticate', field: 'Authorization', info: 'authentication-info', wanted },
    who: (realm, { origin, target }) =>
      passwords?.find(realm, origin, target) ?? (sameOrigin(origin, own) ? mine : undefined),
    atOnce: (request) => {
      const value = known(request);
      if (value) refuseListeners(request);
      return value;
    },
    refuseListeners,
    seen: (request) => request,
  };
}

/** That of a proxy which is told whole URLs; one that is dialled through is logged in to when it is dialled. */
export function proxyDoor(options: LoginOptions): Door | undefined {
  if (!options.proxy) return undefined;
  const proxyOf = ({ origin: { scheme, host, port } }: HttpRequest): ProxyServer | undefined =>
    scheme === 'http' ? chooseProxy(options, host, port, process.env, scheme) : undefined;
  return {
    ...{ status: 407, challenge: 'proxy-authenticate', field: 'Proxy-Authorization' },
    // Basic has been sent with the request, as by everybody
    ...{ info: 'proxy-authentication-info', wanted: 'digest' },
    who: (_realm, request) => {
      const { user, password = new Secret('') } = proxyOf(request) ?? {};
      return user === undefined ? undefined : { user, password };
    },
    atOnce: () => undefined,
    refuseListeners: () => {},
    seen: (request) => {
      const { host, port } = request.origin;
      return { ...request, target: `http://${hostInUrl(host)}:${port}${request.target}` };
    },
  };
}

function passwordsOf(given: LoginOptions['passwords']): Passwords | undefined {
  return given === undefined || given instanceof Passwords ? given : new Passwords(given);
}

function refuse({ origin }: HttpRequest, options: LoginOptions): void {
  if (origin.scheme === 'https' || options.insecureLogin || isLocal(origin, options)) return;
  const message = 'this login would show its password to everybody on the way: use https, or say insecureLogin';
  throw new UsageError(message, { ...ABOUT, reason: 'policy' });
}

function unsupported(scheme: string): UsageError {
  return new UsageError(`${scheme} is no way to log in here: basic, digest and bearer are`, {
    ...ABOUT,
    reason: 'unsupported',
  });
}

const ABOUT = { protocol: 'http', phase: 'auth' } as const;
