/** A site for the clients of others: everything that they ask for in their own ways. */
import { createHash, randomBytes } from 'node:crypto';
import { answerXmlRpc, type XmlRpcDispatcher } from '../../../lib/http/xmlrpc/index.ts';
import type { HttpReply, HttpRoutes, HttpSeen } from '../../../lib/testing.ts';
import { ALICE, sha256 } from './client.ts';

export const TEXT = 'plain text\nsecond line, ü\n';
export const LARGE = Buffer.from(Uint32Array.from({ length: 800_000 }, (_, i) => (i * 2654435761) >>> 0).buffer);
const ETAG = '"v1"';
const MODIFIED = new Date('2024-01-01T10:00:00Z');

export function site(): HttpRoutes {
  const files = new Map<string, Buffer>();
  return {
    'GET /text.txt': TEXT,
    'GET /large.bin': { content: LARGE, etag: ETAG, modified: MODIFIED },
    'GET /chunked': () => parts('one\n', 'two\n', 'three\n'),
    'GET /told': () => ({
      information: [{ status: 103, headers: { Link: '</style.css>; rel=preload' } }],
      body: parts('a body\n'),
      trailers: { 'X-Sum': '42' },
    }),
    '/echo': echo,
    'GET /basic/*': (request) => basic(request),
    'GET /digest/:algorithm': (request) => digest(request),
    '/to/:status/*': ({ params, query }) => ({
      status: Number(params.get('status')),
      headers: { Location: `/${params.get('*')}${query.size > 0 ? `?${query}` : ''}` },
    }),
    '/cookies': ({ headers }) => ({
      headers: { 'Set-Cookie': ['id=abc; Path=/; HttpOnly', 'theme=dark; Max-Age=60', 'over=x; Max-Age=0'] },
      body: `${headers.get('cookie') ?? ''}\n`,
    }),
    '/status/:status': ({ params }) => ({
      status: Number(params.get('status')),
      body: `status ${params.get('status')}\n`,
    }),
    'PUT /files/:name': async (request) => {
      files.set(request.path, await request.bytes());
      return { status: 201, body: '' };
    },
    'GET /files/:name': ({ path }) => files.get(path),
    'DELETE /files/:name': ({ path }) => ({ status: files.delete(path) ? 204 : 404 }),
  };
}

async function* parts(...texts: readonly string[]): AsyncGenerator<string> {
  yield* texts;
}

async function echo(request: HttpSeen): Promise<HttpReply> {
  const octets = await request.bytes();
  const headers = Object.fromEntries([...request.headers].map(([name, value]) => [name.toLowerCase(), value]));
  const { method, target, version } = request;
  const text = octets.toString('utf8', 0, 4096);
  return { json: { method, target, version, headers, size: octets.length, sha256: sha256(octets), text } };
}

function basic({ headers }: HttpSeen): HttpReply {
  const expected = `Basic ${Buffer.from(`${ALICE.user}:${ALICE.password}`).toString('base64')}`;
  if (headers.get('authorization') === expected) return { body: 'let in by Basic\n' };
  return {
    status: 401,
    headers: { 'WWW-Authenticate': 'Basic realm="site", charset="UTF-8"' },
    body: 'who is there?\n',
  };
}

/** RFC 7616 with qop=auth, and a proof of ours for who has come in. */
function digest({ headers, method, params, target }: HttpSeen): HttpReply {
  const algorithm = params.get('algorithm') ?? 'MD5';
  const hash = algorithm.toLowerCase().replace('-', '');
  const H = (text: string): string => createHash(hash).update(text).digest('hex');
  const given = new Map(
    [...(headers.get('authorization') ?? '').matchAll(/(\w+)=(?:"([^"]*)"|([^\s,]+))/g)].map(([, name = '', a, b]) => [
      name,
      a ?? b ?? '',
    ]),
  );
  const secret = H(`${ALICE.user}:site:${ALICE.password}`);
  const proof = (what: string): string =>
    H(`${secret}:${given.get('nonce')}:${given.get('nc')}:${given.get('cnonce')}:auth:${H(what)}`);
  if (given.get('response') === proof(`${method}:${target}`) && given.get('uri') === target)
    return {
      headers: { 'Authentication-Info': `qop=auth, rspauth="${proof(`:${target}`)}", nc=${given.get('nc')}` },
      body: `let in by ${algorithm}\n`,
    };
  const nonce = randomBytes(12).toString('hex');
  const challenge = `Digest realm="site", qop="auth", algorithm=${algorithm}, nonce="${nonce}", opaque="o"`;
  return { status: 401, headers: { 'WWW-Authenticate': challenge }, body: 'who is there?\n' };
}

/** A dispatcher as a page of a site. */
export function xmlRpcPage(dispatcher: XmlRpcDispatcher): HttpRoutes {
  return {
    '/RPC2': (request) => {
      const header = (name: string): string | undefined => request.headers.get(name);
      return answerXmlRpc(dispatcher, { method: request.method, header, body: request }, { page: 'Our methods' });
    },
  };
}
