import { parseMediaType } from '../media-type.ts';
import type { RequestOptions } from '../options.ts';
import type { HttpResource } from '../resource.ts';
import { XmlRpcClient } from './client.ts';
import { xmlText } from './encoding.ts';

/** What each call is sent with. */
export interface XmlRpcOptions extends Pick<RequestOptions, 'headers' | 'query' | 'timeouts' | 'idempotent'> {
  /** The most octets of an answer, once it is decoded. Default 64 MiB. */
  readonly maxSize?: number | undefined;
}

interface Posts {
  post(path: string, options: RequestOptions): Promise<HttpResource>;
}

const SIZE = 64 * 1024 * 1024;

/** The methods that are called by POST at a path of a client's server. */
export function xmlRpcAt(
  client: Posts,
  path: string,
  { maxSize = SIZE, ...options }: XmlRpcOptions = {},
): XmlRpcClient {
  return new XmlRpcClient(async (body, { signal }) => {
    const answer = await client.post(path, { ...options, signal, body, type: 'text/xml' });
    const { parameters } = parseMediaType(answer.headers.get('content-type'));
    return xmlText(await answer.bytes(maxSize), parameters.get('charset'));
  });
}
