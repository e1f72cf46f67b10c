/** Header fields that stand in files: whoever can list processes shall not read them. */
import { readFile } from 'node:fs/promises';
import { UsageError } from '../core/errors.ts';
import { Secret } from '../core/secret.ts';
import type { Input, Io } from './io.ts';
import type { Reporter } from './reporter.ts';
import { HeaderFile, headerField } from './values.ts';

type Field = readonly [name: string, value: string | Secret];
type Given = Readonly<Record<string, unknown>>;

/** The most octets of a file of header fields. */
const LONGEST = 256 * 1024;
/** The fewest characters of a part of a value that is hidden by itself. */
const SHORT = 6;

/**
 * The same flags with what stands in those files, each value a Secret. Warns of secrets on the command line. Throws UsageError
 * for what is no header, and where two want standard input; the error of a file that cannot be read.
 */
export async function withHeaderFiles(given: Given, io: Io, reporter: Reporter): Promise<Given> {
  const changed: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(given)) {
    if (!isHeader(value)) continue;
    const fields: Field[] = [];
    for (const each of value) {
      if (each instanceof HeaderFile) fields.push(...(await read(each, given, io)));
      else {
        if (each[1] instanceof Secret) warn(each[0], reporter);
        fields.push(each);
      }
    }
    for (const [name, held] of fields) {
      if (held instanceof Secret) for (const secret of secretsOf(name, held.reveal())) reporter.hide(secret);
    }
    changed[key] = fields;
  }
  return { ...given, ...changed };
}

/** A value, and what of it is secret by itself: the credentials behind their scheme, the values of cookies. */
function secretsOf(name: string, value: string): Secret[] {
  const parts = /^(?:proxy-)?authorization$/i.test(name)
    ? [value.slice(value.indexOf(' ') + 1).trim()]
    : /^cookie$/i.test(name)
      ? value.split(';').map((pair) => pair.slice(pair.indexOf('=') + 1).trim())
      : [];
  // what is short stands in other words, too
  return [value, ...parts.filter((part) => part.length >= SHORT)].map((text) => new Secret(text));
}

function isHeader(value: unknown): value is readonly (Field | HeaderFile)[] {
  return Array.isArray(value) && value.some((each) => each instanceof HeaderFile || hasSecret(each));
}

function hasSecret(each: unknown): boolean {
  return Array.isArray(each) && each[1] instanceof Secret;
}

function warn(name: string, reporter: Reporter): void {
  reporter.warn(`others can see ${name} in the list of processes: -H @FILE and -H @- hide it, and so does a login`);
}

async function read({ path }: HeaderFile, given: Given, { stdin }: Io): Promise<Field[]> {
  const text = path === '-' ? await textOf(stdin, given) : await readFile(path, 'utf8');
  if (text.length > LONGEST) throw new UsageError(`${path} is too large for a file of header fields`);
  const lines = text.replace(/^\ufeff/, '').split(/\r?\n/);
  return lines.filter((line) => line.trim() !== '').map((line): Field => secretField(line));
}

function secretField(line: string): Field {
  const [name, value] = headerField(line);
  return [name, new Secret(value)];
}

async function textOf(stdin: Input, { passwordStdin, file }: Given): Promise<string> {
  if (passwordStdin === true || file === '-' || stdin.destroyed) {
    throw new UsageError('standard input is read for one thing: name a file for another');
  }
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stdin) {
    chunks.push(Buffer.from(chunk));
    length += chunk.length;
    if (length > LONGEST) break;
  }
  return Buffer.concat(chunks).toString('utf8');
}
