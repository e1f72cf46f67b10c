/** Cookies on the disk: as JSON, and as Netscape's `cookies.txt`, which curl, wget and Python's MozillaCookieJar have. */
import { randomBytes } from 'node:crypto';
import { open, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { UsageError } from '../core/errors.ts';
import { syncFolder } from '../message/storage.ts';
import { type Cookie, isPlain } from './cookie.ts';

export type CookieFormat = 'json' | 'netscape';

const MAGIC = '# Netscape HTTP Cookie File';
const HTTP_ONLY = '#HttpOnly_';

/** Throws UsageError for what is no file of cookies, and the error of the file system. */
export async function readCookieFile(file: string): Promise<Cookie[]> {
  const text = await readFile(file, 'utf8');
  return /^\s*\{/.test(text) ? parseJson(text) : parseNetscape(text);
}

export async function writeCookieFile(file: string, cookies: readonly Cookie[], format: CookieFormat): Promise<void> {
  const text = format === 'json' ? formatJson(cookies) : formatNetscape(cookies);
  const part = join(dirname(file), `.${basename(file).slice(0, 50)}.${randomBytes(8).toString('hex')}.part`);
  const handle = await open(part, 'wx', 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
    await handle.close();
    await rename(part, file);
  } catch (error) {
    await handle.close();
    await rm(part, { force: true });
    throw error;
  }
  await syncFolder(dirname(file));
}

/** A line each: domain, whether what is below it too, path, whether TLS only, end in seconds (0: with the session), name, value. */
export function formatNetscape(cookies: readonly Cookie[]): string {
  const flag = (value: boolean): string => (value ? 'TRUE' : 'FALSE');
  const lines = cookies.map(({ name, value, domain, hostOnly, path, secure, httpOnly, expires }) => {
    const where = `${httpOnly ? HTTP_ONLY : ''}${hostOnly ? '' : '.'}${domain}`;
    const end = expires ? Math.ceil(expires.getTime() / 1000) : 0;
    return [where, flag(!hostOnly), path, flag(secure), end, name, value].join('\t');
  });
  return `${[MAGIC, '', ...lines].join('\n')}\n`;
}

/** Throws UsageError for a line that is no cookie. */
export function parseNetscape(text: string): Cookie[] {
  const cookies: Cookie[] = [];
  for (const [index, line] of text
    .replace(/^\ufeff/, '')
    .split(/\r?\n/)
    .entries()) {
    const httpOnly = line.startsWith(HTTP_ONLY);
    if (line.trim() === '' || (line.startsWith('#') && !httpOnly)) continue;
    const [domain = '', below = '', path = '', secure = '', end = '', name = '', value = '', ...more] = (
      httpOnly ? line.slice(HTTP_ONLY.length) : line
    ).split('\t');
    const isCookie =
      domain !== '' && path.startsWith('/') && /^\d{0,15}$/.test(end) && name !== '' && more.length === 0;
    if (!isCookie || !isPlain(name + value + domain + path))
      throw new UsageError(`this is no file of cookies: line ${index + 1} is none`, { protocol: 'http' });
    // an empty time is that of a session too (Python)
    const seconds = Number(end);
    cookies.push({
      ...{ name, value, path, httpOnly },
      domain: domain.replace(/^\./, '').toLowerCase(),
      hostOnly: below.toUpperCase() !== 'TRUE',
      secure: secure.toUpperCase() === 'TRUE',
      ...(seconds > 0 && { expires: new Date(Math.min(seconds * 1000, LAST)) }),
      created: new Date(),
    });
  }
  return cookies;
}

/** The last time that a Date can have. */
const LAST = 8.64e15;

function formatJson(cookies: readonly Cookie[]): string {
  return `${JSON.stringify({ version: 1, cookies }, undefined, 2)}\n`;
}

function parseJson(text: string): Cookie[] {
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch (cause) {
    throw new UsageError('this is no file of cookies: it is not JSON', { protocol: 'http', cause });
  }
  const { version, cookies } = fieldsOf(read);
  if (version !== 1 || !Array.isArray(cookies))
    throw new UsageError('this is no file of cookies that netkit wrote', { protocol: 'http' });
  return cookies.map(cookieOf);
}

function cookieOf(given: unknown, index: number): Cookie {
  const fields = fieldsOf(given);
  const text = (name: string): string => {
    const value = fields[name];
    if (typeof value === 'string' && isPlain(value)) return value;
    throw new UsageError(`this is no file of cookies: ${name} of number ${index + 1} is no text`, { protocol: 'http' });
  };
  const time = (name: string): Date => {
    const date = new Date(text(name));
    if (!Number.isNaN(date.getTime())) return date;
    throw new UsageError(`this is no file of cookies: ${name} of number ${index + 1} is no time`, { protocol: 'http' });
  };
  const { sameSite } = fields;
  return {
    ...{ name: text('name'), value: text('value'), domain: text('domain'), path: text('path') },
    hostOnly: fields['hostOnly'] === true,
    secure: fields['secure'] === true,
    httpOnly: fields['httpOnly'] === true,
    ...((sameSite === 'strict' || sameSite === 'lax' || sameSite === 'none') && { sameSite }),
    ...(fields['expires'] !== undefined && { expires: time('expires') }),
    created: time('created'),
  };
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {};
}
