import type { HttpHandler, HttpRoutes } from '../../lib/http/fixture.ts';
import { HttpMockServer } from '../../lib/http/mock-server.ts';
import type { Table } from './table.ts';

const OCTETS = Buffer.from(Array.from({ length: 256 }, (_, octet) => octet));
/** So that two answers are the same. */
const headers = { Date: 'Sun, 06 Nov 1994 08:49:37 GMT' };

async function* large(): AsyncGenerator<Uint8Array> {
  const chunk = Buffer.alloc(64 * 1024, 'x');
  for (let i = 0; i < 512; i++) yield chunk;
}

/** What is there until it is deleted. */
function deletable(): HttpRoutes {
  let there = true;
  const get: HttpHandler = () => (there ? { headers, body: 'still here' } : undefined);
  const remove: HttpHandler = () => {
    there = false;
    return { status: 204, headers };
  };
  return { 'GET /some/thing': get, 'DELETE /some/thing': remove };
}

export const table: Table = {
  start: () =>
    HttpMockServer.start({
      '/': { headers, body: 'Welcome\n' },
      'GET /octets': { headers, body: OCTETS },
      'GET /large': () => large(),
      'POST /form': async (request) => ({
        status: 201,
        headers: { ...headers, Location: '/octets' },
        body: `${(await request.bytes()).length} octets\n`,
      }),
      ...deletable(),
    }),
  paths: { fetch: '/octets', info: '/octets', send: '/form', remove: '/some/thing' },
  bytes: OCTETS,
  large: '/large',
  missing: '/no-such',
  body: 'name=value',
  refused: ['/a b', '/a\tb', '/\x7f'],
};
