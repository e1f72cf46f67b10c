/** What `netkit demo` and `netkit http serve` without a folder have: answers that tell what was asked, in the manner of httpbin. */
import type { HttpRoutes, HttpSeen } from './fixture.ts';
import { auth } from './server/auth-routes.ts';
import { bodies } from './server/body-routes.ts';
import { cookies } from './server/cookie-routes.ts';
import { inspected } from './server/inspect.ts';
import { statuses } from './server/status-routes.ts';
import { wireFaults } from './server/wire-faults.ts';
import { xmlrpc } from './server/xmlrpc-routes.ts';

const PAGE = `<!DOCTYPE html>
<html lang="en"><meta charset="utf-8"><title>netkit</title>
<h1>An HTTP server of netkit</h1>
<p>What was asked: <a href="/get">/get</a>, <a href="/headers">/headers</a>, <a href="/ip">/ip</a>, /anything, /post, /put, /patch, /delete.
<p>Statuses: <a href="/status/404">/status/404</a>, <a href="/redirect/3">/redirect/3</a>, /redirect-to?url=, <a href="/etag/abc">/etag/abc</a>, <a href="/cache">/cache</a>.
<p>Who asks: /basic-auth/user/password, /digest-auth/auth/user/password, /bearer; <a href="/cookies">/cookies</a>, /cookies/set?name=value.
<p>Bodies: <a href="/bytes/100">/bytes/100</a>, <a href="/range/100">/range/100</a>, <a href="/stream/3">/stream/3</a>, <a href="/gzip">/gzip</a>, /br, /deflate, <a href="/chunked">/chunked</a>, /trailers, <a href="/sse">/sse</a>, <a href="/delay/1">/delay/1</a>, <a href="/drip">/drip</a>.
<p>What is wrong on the wire: <a href="/faults">/faults</a>. XML-RPC: <a href="/xmlrpc">/xmlrpc</a>.
`;

const echo = async (request: HttpSeen) => ({ json: await inspected(request) });

export const fixture: HttpRoutes = {
  'GET /': { headers: { 'Content-Type': 'text/html; charset=utf-8' }, body: PAGE },
  'GET /robots.txt': 'User-agent: *\nDisallow: /deny\n',
  'GET /get': echo,
  'POST /post': echo,
  'PUT /put': echo,
  'PATCH /patch': echo,
  'DELETE /delete': echo,
  '/anything': echo,
  '/anything/*': echo,
  'GET /headers': ({ headers }) => ({ json: { headers: [...headers] } }),
  'GET /ip': ({ peer }) => ({ json: { origin: peer.address } }),
  'GET /user-agent': ({ headers }) => ({ json: { 'user-agent': headers.get('user-agent') ?? null } }),
  ...statuses,
  ...auth,
  ...cookies,
  ...bodies,
  ...xmlrpc,
  'GET /faults': { json: Object.keys(wireFaults) },
  ...Object.fromEntries(Object.entries(wireFaults).map(([name, fault]) => [`GET /faults/${name}`, fault])),
};
