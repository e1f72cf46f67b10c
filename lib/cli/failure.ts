/** What a server sent with its no. */
import { ReplyError } from '../core/errors.ts';
import { Resource } from '../core/resource.ts';
import type { Fields } from './records.ts';
import { formatSize } from './sizes.ts';

/** How much of it a person is shown, in characters and in lines. */
const LONG = 1000;
const LINES = 8;

/** Failures whose answer has been given where it belongs: nothing more is to be told of it. */
export const delivered = new WeakSet<object>();

/** The answer behind a failure, if there is one that nobody has read. */
export function responseOf(error: unknown): Resource | undefined {
  if (!(error instanceof ReplyError) || !('response' in error) || delivered.has(error)) return undefined;
  return error.response instanceof Resource ? error.response : undefined;
}

/** Whether a body is text by its type, so that it can stand in JSON as it is. */
export function isText({ type }: Pick<Resource, 'type'>): boolean {
  return /^(?:text|message)\/|[/+](?:json|xml)$/.test(type.split(';', 1)[0] ?? '');
}

/** The answer as a record, with its body. What cannot be read of it is left out: the failure itself is told. */
export async function responseRecord(response: Resource, redact: (text: string) => string): Promise<Fields> {
  const { type, details } = response;
  const text = isText(response);
  const body = await (text ? response.text() : response.bytes().then((octets) => octets.toString('base64'))).catch(
    () => undefined,
  );
  const told = Object.fromEntries(Object.entries(details).map(([name, value]) => [name, without(value, redact)]));
  return { type, ...told, encoding: text ? 'text' : 'base64', body: text && body ? redact(body) : body };
}

/** A value of JSON with each of its texts redacted. */
function without(value: unknown, redact: (text: string) => string): unknown {
  if (typeof value === 'string') return redact(value);
  return Array.isArray(value) ? value.map((each) => without(each, redact)) : value;
}

/** The first lines of a text, or what there is instead. Nothing for an empty body. */
export async function excerptOf(response: Resource): Promise<readonly string[]> {
  const octets = await response.bytes().catch(() => undefined);
  if (!octets) return ['the body of this answer could not be read'];
  if (octets.length === 0) return [];
  const whole = '--fail-with-body gives all of it';
  const { type } = response;
  // a page for people says little by its first lines
  if (!isText(response) || /html/.test(type))
    return [`the answer is ${type}, ${formatSize(octets.length)} octets: ${whole}`];
  const text = octets.toString('utf8', 0, LONG * 4).trimEnd();
  const lines = text.slice(0, LONG).split(/\r?\n/);
  const shown = lines.slice(0, LINES);
  return text.length > LONG || octets.length > LONG * 4 || lines.length > LINES ? [...shown, `... ${whole}`] : shown;
}
