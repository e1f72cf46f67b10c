/** Who logs in, and where: of one user for one origin, or of many. */
import { parseTarget } from '../core/endpoint.ts';
import { UsageError } from '../core/errors.ts';
import { Secret } from '../core/secret.ts';
import { type Origin, sameOrigin } from './exchange.ts';
import { SCHEMES } from './schemes.ts';

export interface Credentials {
  readonly user: string;
  readonly password: Secret;
}

export interface Entrance {
  /** Everything at this URL and below it: `https://host/private/`. */
  readonly url: string;
  /** What the server calls the protected space. Default: any. */
  readonly realm?: string | undefined;
  readonly user: string;
  readonly password: string | Secret;
  /** Whether Basic is sent before the server asks for it. Default false. */
  readonly atOnce?: boolean | undefined;
}

interface Known extends Credentials {
  readonly origin: Origin;
  readonly path: string;
  readonly realm: string | undefined;
  readonly atOnce: boolean;
}

/**
 * Passwords for several servers, folders and realms: the counterpart of Python's HTTPPasswordMgr (without a realm:
 * …WithDefaultRealm; with `atOnce`: …WithPriorAuth).
 */
export class Passwords {
  readonly #known: Known[] = [];

  constructor(entrances: Iterable<Entrance> = []) {
    for (const entrance of entrances) this.add(entrance);
  }

  /** One more; a later one for the same place replaces it. Throws UsageError for what is no URL of HTTP, or has a user. */
  add({ url, realm, user, password, atOnce = false }: Entrance): this {
    const { endpoint, path } = parseTarget(url, SCHEMES, 'https');
    if (endpoint.user !== undefined) throw new UsageError('say who logs in beside the URL, not in it');
    const { host, port } = endpoint;
    const origin: Origin = { scheme: endpoint.scheme === 'http' ? 'http' : 'https', host, port };
    const [place = '/'] = path.split(/[?#]/, 1);
    const same = this.#known.findIndex(
      (each) => sameOrigin(each.origin, origin) && each.path === place && each.realm === realm,
    );
    if (same >= 0) this.#known.splice(same, 1);
    this.#known.push({ origin, path: place, realm, user, password: Secret.of(password), atOnce });
    return this;
  }

  /** Who logs in for a realm: of those that fit, the one with the realm, else with the longest path. */
  find(realm: string | undefined, origin: Origin, target: string): Credentials | undefined {
    const [best] = this.#at(origin, target)
      .filter((each) => each.realm === undefined || each.realm === realm)
      .sort((a, b) => Number(a.realm === undefined) - Number(b.realm === undefined) || b.path.length - a.path.length);
    return best;
  }

  /** Who logs in there before anybody asks. */
  atOnce(origin: Origin, target: string): Credentials | undefined {
    const [best] = this.#at(origin, target)
      .filter((each) => each.atOnce)
      .sort((a, b) => b.path.length - a.path.length);
    return best;
  }

  #at(origin: Origin, target: string): Known[] {
    return this.#known.filter((each) => sameOrigin(each.origin, origin) && isBelow(target, each.path));
  }
}

/** Whether a target is a place or below it: `/a` holds `/a`, `/a/b` and `/a?q`, but not `/ab`. */
export function isBelow(target: string, place: string): boolean {
  const [path = '/'] = target.split(/[?#]/, 1);
  // what is written with dots may be somewhere else
  if (/(?:^|\/|%2f)(?:\.|%2e){1,2}(?:\/|%2f|$)/i.test(path)) return place === '/';
  return path === place || path.startsWith(place.endsWith('/') ? place : `${place}/`);
}
