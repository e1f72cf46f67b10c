/** Reads forms as servers and scripts get them: `application/x-www-form-urlencoded` and `multipart/form-data`. */
import { isUtf8 } from 'node:buffer';
import { ConnectionError, excerpt, limitError, ProtocolError } from '../core/errors.ts';
import { type Decode, decoderFor } from '../wire/charset.ts';
import { boundaryOf, boundedType } from './boundary.ts';
import { Form } from './form.ts';
import { type FormLimits, type FormOptions, type FormTextOptions, limitsOf } from './form-options.ts';
import { FormParts, proposed } from './form-parts.ts';
import { eachChunk, type FormSource } from './form-source.ts';
import { Gathered } from './gathered.ts';
import { MultipartParser } from './multipart-parser.ts';
import { isUtf8Name } from './percent.ts';
import { parsePairs } from './query.ts';

/**
 * Reads the body of a request as the form that its Content-Type says it is. Close the form: large files are on the disk
 * until then. After an error nothing is left there, and the rest of a Node stream is there to be read.
 *
 * Throws ProtocolError for what is no form or no valid one (`grammar`, `decode`), and past a limit (`limit`); ConnectionError
 * (`truncated`) for one that breaks off; UsageError for wrong options; the reason of the signal.
 */
export async function parseForm(
  body: FormSource,
  contentType: string | undefined,
  options: FormOptions = {},
): Promise<Form> {
  options.signal?.throwIfAborted();
  const { type, parameters } = boundedType(contentType);
  if (type === 'application/x-www-form-urlencoded') return encodedForm(body, options);
  if (type === 'multipart/form-data') return multipartForm(body, boundaryOf(parameters), options);
  throw new ProtocolError(`a body of another type than forms have: ${excerpt(contentType ?? 'none')}`);
}

/** Reads the query of a URL, or a form that is text: `a=1&b=2`. Throws as `parseForm`. */
export async function queryForm(text: string, options: FormTextOptions = {}): Promise<Form> {
  const { body } = limitsOf(options.limits);
  if (text.length > body) throw limitError('a form', body);
  return formOf(text, options, await decodeOf(options));
}

async function multipartForm(body: FormSource, boundary: string, options: FormOptions): Promise<Form> {
  const limits = limitsOf(options.limits);
  const decode = await decodeOf(options);
  const parts = new FormParts(options, decode);
  const parser = new MultipartParser(boundary, parts, { ...limits, decode, strict: options.strict });
  try {
    const complete = await partially(options, async () => {
      await eachChunk(body, options, limits.body, (chunk) => {
        parser.push(chunk);
        return parts.settle();
      });
      parser.end();
    });
    return await parts.form(complete);
  } catch (error) {
    await parts.remove();
    throw error;
  }
}

async function encodedForm(body: FormSource, options: FormOptions): Promise<Form> {
  const limits = limitsOf(options.limits);
  const decode = await decodeOf(options);
  const gathered = new Gathered();
  const complete = await partially(options, () =>
    eachChunk(body, options, Math.min(limits.body, limits.text), (chunk) => {
      gathered.add(chunk);
      return undefined;
    }),
  );
  const { octets } = gathered;
  if (options.strict && !decode && !isUtf8(octets))
    throw new ProtocolError('a form that is no UTF-8', { reason: 'decode' });
  const text = decode ? decode(octets) : octets.toString('utf8');
  // the last field may be cut
  const whole = complete ? text : text.slice(0, Math.max(0, text.lastIndexOf(options.separator ?? '&')));
  return formOf(whole, options, decode, complete);
}

async function formOf(
  text: string,
  options: FormTextOptions,
  decode: Decode | undefined,
  complete = true,
): Promise<Form> {
  const limits = limitsOf(options.limits);
  const { keepBlank, separator, strict, declaredCharset } = options;
  const rules = { keepBlank, separator, strict, maxFields: limits.fields };
  const read = parsePairs(text, { ...rules, charset: decode ?? 'utf-8' });
  const named = declaredCharset ? read.find(([name]) => name === '_charset_')?.[1] : undefined;
  const charset = named === undefined ? undefined : proposed(named);
  const pairs = charset === undefined ? read : parsePairs(text, { ...rules, charset: await decoderFor(charset) });
  for (const pair of pairs) checkPair(pair, limits);
  return new Form(pairs, { complete });
}

/** What is short cannot be too long, however it is counted. */
function checkPair([name, value]: readonly [string, string], limits: FormLimits): void {
  if (name.length * 3 > limits.name && Buffer.byteLength(name) > limits.name)
    throw limitError('a name in a form', limits.name);
  if (value.length * 3 > limits.field && Buffer.byteLength(value) > limits.field)
    throw limitError('a field of a form', limits.field);
}

/** Undefined for UTF-8. Throws UsageError for a character set that nobody knows. */
async function decodeOf({ charset = 'utf-8' }: FormTextOptions): Promise<Decode | undefined> {
  if (isUtf8Name(charset)) return undefined;
  return typeof charset === 'string' ? decoderFor(charset) : charset;
}

/** Whether all came. What broke off is an error, unless partial forms are asked for. */
async function partially({ partial = false }: FormOptions, read: () => Promise<void>): Promise<boolean> {
  try {
    await read();
    return true;
  } catch (error) {
    if (partial && error instanceof ConnectionError && error.reason === 'truncated') return false;
    throw error;
  }
}
