/** The servers that the guides to the web are about. */

import { fixture } from '../../lib/http/demo.ts';
import type { HttpHandler, HttpRepresentation } from '../../lib/http/fixture.ts';
import { http } from '../../lib/http/index.ts';
import type { HttpMockServer } from '../../lib/http/mock-server.ts';
import { XmlRpcDispatcher, XmlRpcFault } from '../../lib/http/xmlrpc/index.ts';
import { httpGuard, httpWireFaults, xmlRpcRoute } from '../../lib/testing.ts';

const PICTURE: HttpRepresentation = { content: 'the picture', type: 'image/png', etag: '"v2"' };

/** Has trouble once. */
function busyOnce(): HttpHandler {
  let count = 0;
  return () => (count++ === 0 ? { status: 503, body: 'later\n' } : 'now\n');
}

/** What is looked at of what was sent: that it came. */
const created: HttpHandler = async (request) => ({
  status: 201,
  headers: { Location: '/users/3' },
  body: `${(await request.bytes()).length} octets\n`,
});

export const web = (): Promise<HttpMockServer> =>
  http.mock({
    'GET /': { headers: { Server: 'netkit' }, body: '<h1>Hello</h1>\n' },
    'GET /robots.txt': 'User-agent: *\nDisallow: /private/\nCrawl-delay: 2\n',
    'GET /users': ({ query, headers }) => ({
      information: [{ status: 103, headers: { Link: '</style.css>; rel=preload' } }],
      headers: { Link: '</users?page=2>; rel="next"' },
      json: [...query, headers.get('accept')],
    }),
    'POST /users': created,
    'GET /users/:id': ({ params }) => (params.get('id') === '0' ? undefined : { json: { id: params.get('id') } }),
    'DELETE /users/:id': { status: 204 },
    'POST /login': { headers: { 'Set-Cookie': 'session=1; Path=/; Max-Age=600' }, body: 'welcome\n' },
    'POST /upload': created,
    'PUT /files/notes': { status: 412, body: 'somebody was faster\n' },
    'PUT /files/:name': created,
    'GET /old': { status: 301, headers: { Location: '/users/1' } },
    '/private/': httpGuard({ schemes: ['digest', 'basic'], users: { ann: 'secret' } }, 'for Ann\n'),
    '/me': httpGuard({ schemes: ['bearer'], tokens: ['token'] }, { json: { user: 'ann' } }),
    'GET /gzip': fixture['GET /gzip'] ?? '',
    'GET /picture.png': PICTURE,
    'GET /report': { headers: { 'Content-Disposition': 'attachment; filename="report.txt"' }, body: 'a report\n' },
    'GET /ticks': {
      headers: { 'Content-Type': 'text/event-stream' },
      body: [1, 2, 3].map((id) => `id: ${id}\ndata: tick\n\n`),
    },
    'GET /busy': busyOnce(),
    'GET /slow': httpWireFaults['stall-in-header'],
    'GET /pages/:n': ({ params }) => `page ${params.get('n')}\n`,
    'GET /truncated': httpWireFaults['length-too-large'],
  });

export const rpc = (): Promise<HttpMockServer> =>
  http.mock({
    '/RPC2': xmlRpcRoute(
      new XmlRpcDispatcher()
        .register('math.add', (a, b) => Number(a) + Number(b), {
          help: 'The sum.',
          signatures: [['int', 'int', 'int']],
        })
        .register('echo', (...params) => params)
        .register('now', () => new Date())
        .register('fail', () => {
          throw new XmlRpcFault(4, 'it fails');
        }),
    ),
  });
