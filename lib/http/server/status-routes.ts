import type { HttpReply, HttpRoutes, HttpSeen } from '../fixture.ts';
import { intParam } from './params.ts';

const REDIRECTS = 100;
const SEEN = new Date('2024-01-02T03:04:05Z');

export const statuses: HttpRoutes = {
  '/status/:code': ({ params }) => {
    const status = intParam(params.get('code'), 200, 599);
    if (status === undefined) return { status: 400, body: 'a status is 200 to 599\n' };
    const headers = status >= 300 && status < 400 && status !== 304 ? { Location: '/get' } : {};
    return { status, headers, ...(status !== 204 && status !== 304 && { body: `${status}\n` }) };
  },
  'GET /redirect/:count': (request) => redirect(request, '/redirect/'),
  'GET /relative-redirect/:count': (request) => redirect(request, ''),
  '/redirect-to': ({ query }) => {
    const [url, status] = [query.get('url') ?? '/get', intParam(query.get('status') ?? '302', 300, 399)];
    // as it stands there: what is no part of a URL is what clients are tested with
    return /^[\x21-\x7e]+$/.test(url) && status
      ? { status, headers: { Location: url } }
      : { status: 400, body: 'url is a URL, status 300 to 399\n' };
  },
  'GET /deny': { status: 403, body: 'robots may not read this\n' },
  'GET /etag/:etag': ({ params }) => {
    const etag = params.get('etag') ?? '';
    return /^[\x21\x23-\x7e]*$/.test(etag)
      ? { content: `this is version ${etag}\n`, etag: `"${etag}"` }
      : { status: 400, body: 'no entity tag\n' };
  },
  'GET /cache': {
    ...{ content: 'this is kept\n', etag: '"kept"', modified: SEEN },
    headers: { 'Cache-Control': 'public, max-age=60', Vary: 'Accept-Encoding' },
  },
};

function redirect({ params }: HttpSeen, folder: string): HttpReply {
  const count = intParam(params.get('count'), 0, REDIRECTS);
  if (count === undefined) return { status: 400, body: `0 to ${REDIRECTS} redirects\n` };
  return { status: 302, headers: { Location: count > 1 ? `${folder}${count - 1}` : '/get' }, body: 'go on\n' };
}
