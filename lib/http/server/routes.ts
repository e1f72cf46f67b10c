import { UsageError } from '../../core/errors.ts';
import type { HttpFixture, HttpHandler, HttpRoutes, HttpServed } from '../fixture.ts';
import type { Seen } from './seen.ts';

type Entry = HttpServed | HttpHandler;

interface Route {
  /** Undefined: any. */
  readonly method: string | undefined;
  readonly parts: readonly string[];
  readonly served: Entry;
}

export type Router = (request: Seen) => HttpServed | undefined | Promise<HttpServed | undefined>;

/** Finds what a fixture answers. Throws UsageError for a route that is none. */
export function routerOf(fixture: HttpFixture): Router {
  return typeof fixture === 'function' ? fixture : new Table(fixture).answer;
}

class Table {
  /** Paths without patterns, by path. */
  readonly #plain = new Map<string, Route[]>();
  readonly #patterns: Route[] = [];

  constructor(routes: HttpRoutes) {
    for (const [key, served] of Object.entries(routes)) {
      const [, method, path] = /^(?:([A-Za-z]+) )?(\/.*|\*)$/s.exec(key) ?? [];
      if (path === undefined)
        throw new UsageError(`a route is like "GET /path" or "/path", not ${JSON.stringify(key)}`);
      const route = { method: method?.toUpperCase(), parts: path.split('/').slice(1), served };
      if (/\/(?::|\*$)/.test(path)) this.#patterns.push(route);
      else this.#plain.set(path, [...(this.#plain.get(path) ?? []), route]);
    }
  }

  readonly answer: Router = (request) => {
    const plain = this.#plain.get(request.path);
    const exact = plain && choose(plain, request.method);
    if (exact) return serve(exact, request);
    const found: Route[] = plain ? [...plain] : [];
    if (this.#patterns.length > 0) {
      const parts = request.path.split('/').slice(1);
      const fitting = this.#patterns.filter((route) => fits(route.parts, parts));
      const chosen = choose(fitting, request.method);
      if (chosen) {
        request.params = paramsOf(chosen.parts, parts);
        return serve(chosen, request);
      }
      found.push(...fitting);
    }
    return found.length > 0 ? refused(found, request) : undefined;
  };
}

function serve({ served }: Route, request: Seen): HttpServed | undefined | Promise<HttpServed | undefined> {
  return typeof served === 'function' ? served(request) : served;
}

function choose(routes: readonly Route[], method: string): Route | undefined {
  const of = (wanted: string): Route | undefined => routes.find((route) => (route.method ?? wanted) === wanted);
  return of(method) ?? (method === 'HEAD' ? of('GET') : undefined);
}

function fits(pattern: readonly string[], parts: readonly string[]): boolean {
  const open = pattern.at(-1) === '*';
  if (open ? parts.length < pattern.length : parts.length !== pattern.length) return false;
  return pattern.every((part, i) => (open && i === pattern.length - 1) || isParam(part) || part === parts[i]);
}

function isParam(part: string): boolean {
  return part.length > 1 && part.startsWith(':');
}

function paramsOf(pattern: readonly string[], parts: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    pattern.flatMap((part, i): [string, string][] => {
      if (part === '*' && i === pattern.length - 1) return [['*', parts.slice(i).join('/')]];
      return isParam(part) ? [[part.slice(1), parts[i] ?? '']] : [];
    }),
  );
}

function refused(routes: readonly Route[], { method }: Seen): HttpServed {
  const methods = new Set(routes.map((route) => route.method ?? 'GET'));
  if (methods.has('GET')) methods.add('HEAD');
  methods.add('OPTIONS');
  const headers = { Allow: [...methods].sort().join(', ') };
  return method === 'OPTIONS' ? { status: 204, headers } : { status: 405, headers, body: 'not that method\n' };
}
