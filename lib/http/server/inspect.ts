import { createHash } from 'node:crypto';
import { NetkitError } from '../../core/errors.ts';
import type { HttpSeen } from '../fixture.ts';
import { parseMediaType } from '../media-type.ts';
import { parseForm } from '../parse-form.ts';
import { parsePairs } from '../query.ts';

/** The most octets of a body that are told again: each of them is in memory several times. */
const TOLD = 8 * 1024 * 1024;

/** What is told of a request: as a value of JSON. Throws ProtocolError (`limit`) for a body of more than 8 MiB. */
export async function inspected(request: HttpSeen): Promise<Readonly<Record<string, unknown>>> {
  const { method, target, version, headers, query, peer, secure } = request;
  const body = await request.bytes(TOLD);
  const { type } = parseMediaType(headers.get('content-type'));
  const text = body.toString('utf8');
  const isText = Buffer.from(text).equals(body);
  return {
    method,
    url: `${secure ? 'https' : 'http'}://${headers.get('host') ?? ''}${target.startsWith('/') ? target : ''}`,
    version,
    origin: peer.address,
    // pairs: names may come more than once, and in any case
    headers: [...headers],
    query: [...query],
    size: body.length,
    ...(body.length === 0 ? {} : isText ? { data: text } : { base64: body.toString('base64') }),
    ...(type === 'application/x-www-form-urlencoded' && { form: parsePairs(text) }),
    ...(type === 'multipart/form-data' && (await formOf(body, headers.get('content-type')))),
    ...(/[/+]json$/.test(type) && { json: parsed(text) }),
    ...(request.trailers.size > 0 && { trailers: [...request.trailers] }),
  };
}

/** Fields, and what files there are; null where it is no form. All of it is in memory already, and stays there. */
async function formOf(body: Buffer, type: string | undefined): Promise<Readonly<Record<string, unknown>>> {
  try {
    const form = await parseForm([body], type, { memory: TOLD });
    const files: unknown[] = [];
    for (const upload of form.files()) {
      const { name, filename, type, size } = upload;
      const sha256 = createHash('sha256')
        .update(await upload.bytes())
        .digest('hex');
      files.push({ name, filename, type, size, sha256 });
    }
    return { form: [...form.fields()], files };
  } catch (error) {
    if (error instanceof NetkitError) return { form: null };
    throw error;
  }
}

/** Null where it is no JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
