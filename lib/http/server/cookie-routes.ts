import type { HttpReply, HttpRoutes, HttpSeen } from '../fixture.ts';

/** The cookies of a request, in their order. */
function cookiesOf({ headers }: HttpSeen): [name: string, value: string][] {
  return headers.getAll('cookie').flatMap((field) =>
    field.split(';', 1_000).flatMap((pair): [string, string][] => {
      const at = pair.indexOf('=');
      return at < 0 ? [] : [[pair.slice(0, at).trim(), pair.slice(at + 1).trim()]];
    }),
  );
}

function set(pairs: readonly (readonly [name: string, value: string])[], more: string): HttpReply {
  const lines = pairs.map(([name, value]) => ['Set-Cookie', `${name}=${value}${more}`] as const);
  if (lines.some(([, line]) => !/^[\x21-\x7e][\x20-\x7e]*$/.test(line))) return { status: 400, body: 'no cookie\n' };
  return { status: 302, headers: [['Location', '/cookies'], ...lines], body: 'go on\n' };
}

export const cookies: HttpRoutes = {
  'GET /cookies': (request) => ({ json: { cookies: cookiesOf(request) } }),
  'GET /cookies/set': ({ query }) => set([...query], '; Path=/'),
  'GET /cookies/set/:name/:value': ({ params }) =>
    set([[params.get('name') ?? '', params.get('value') ?? '']], '; Path=/; HttpOnly'),
  'GET /cookies/delete': ({ query }) =>
    set(
      [...query.keys()].map((name) => [name, '']),
      '; Path=/; Max-Age=0',
    ),
};
