/** XML-RPC behind HTTP, whoever speaks it: a server of Node, the mock server, a CGI script. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gunzip, inflate } from 'node:zlib';
import { limitError, ProtocolError } from '../../core/errors.ts';
import type { XmlRpcDispatcher } from './dispatcher.ts';
import { methodsPage } from './page.ts';

export interface XmlRpcHandlerOptions {
  /** The most octets of a call, also when they have been decompressed. Default 16 MiB. */
  readonly maxSize?: number;
  /** A page with all methods for who comes with a browser; its title. Default: none. */
  readonly page?: string;
}

/** A request, as far as it matters here. */
export interface XmlRpcRequest {
  readonly method: string;
  header(name: string): string | undefined;
  readonly body: AsyncIterable<Uint8Array>;
}

export interface XmlRpcAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

const SIZE = 16 * 1024 * 1024;
const UNPACK = new Map([
  ['gzip', promisify(gunzip)],
  ['x-gzip', promisify(gunzip)],
  ['deflate', promisify(inflate)],
]);

/** What a request is answered with. Throws only what reading its body throws. */
export async function answerXmlRpc(
  dispatcher: XmlRpcDispatcher,
  request: XmlRpcRequest,
  { maxSize = SIZE, page }: XmlRpcHandlerOptions = {},
): Promise<XmlRpcAnswer> {
  if (page !== undefined && /^(?:GET|HEAD)$/.test(request.method)) {
    return answer(200, Buffer.from(methodsPage(dispatcher, page)), { 'content-type': 'text/html; charset=utf-8' });
  }
  if (request.method !== 'POST') return text(405, 'XML-RPC is spoken by POST', { allow: 'POST' });
  try {
    const call = await unpacked(request, await gathered(request.body, maxSize), maxSize);
    if (!call) return text(415, 'a call is compressed by gzip or deflate, or not at all');
    return answer(200, await dispatcher.dispatch(call, charsetOf(request)), { 'content-type': 'text/xml' });
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return error.reason === 'limit' ? text(413, error.message, { connection: 'close' }) : text(400, error.message);
  }
}

/** A listener for `http.createServer`, or a route of whatever stands on it. */
export function xmlRpcHandler(
  dispatcher: XmlRpcDispatcher,
  options?: XmlRpcHandlerOptions,
): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    const { method = 'GET', headers } = request;
    const header = (name: string): string | undefined => [headers[name]].flat()[0];
    answerXmlRpc(dispatcher, { method, header, body: request }, options).then(
      ({ status, headers, body }) => {
        response.writeHead(status, headers);
        response.end(method === 'HEAD' ? undefined : body);
      },
      // the client has gone: nobody is there to be told
      () => response.destroy(),
    );
  };
}

async function gathered(body: AsyncIterable<Uint8Array>, max: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > max) throw limitError('a call', max, { protocol: 'xmlrpc' });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The call as it was before it was compressed; undefined where nobody knows how it was. */
async function unpacked(request: XmlRpcRequest, octets: Buffer, maxSize: number): Promise<Buffer | undefined> {
  const coding = request.header('content-encoding')?.trim().toLowerCase() ?? 'identity';
  if (coding === 'identity' || coding === '') return octets;
  const unpack = UNPACK.get(coding);
  if (!unpack) return undefined;
  try {
    return await unpack(octets, { maxOutputLength: maxSize });
  } catch (cause) {
    if (cause instanceof RangeError) throw limitError('a decompressed call', maxSize, { protocol: 'xmlrpc' });
    throw new ProtocolError('the call is not compressed as it says', { protocol: 'xmlrpc', reason: 'decode', cause });
  }
}

function charsetOf(request: XmlRpcRequest): string | undefined {
  return /;\s*charset="?([\w.-]{1,40})/i.exec(request.header('content-type') ?? '')?.[1];
}

function text(status: number, said: string, headers: Readonly<Record<string, string>> = {}): XmlRpcAnswer {
  return answer(status, Buffer.from(`${said}\n`), { 'content-type': 'text/plain; charset=utf-8', ...headers });
}

function answer(status: number, body: Buffer, headers: Readonly<Record<string, string>>): XmlRpcAnswer {
  return { status, headers: { ...headers, 'content-length': `${body.length}` }, body };
}
