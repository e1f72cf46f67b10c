/** Message-IDs: `<unique@host>` (RFC 5322 3.6.4, RFC 5536 3.1.3, RFC 3977 3.6). */
import { hostname } from 'node:os';
import { UsageError } from '../core/errors.ts';

/** RFC 5536 3.1.3, in octets. */
const LONGEST = 250;
const HOST = /^[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*$/;

/** A Message-ID that nobody has used. Throws UsageError for a host that is no name; without one, this machine's. */
export function makeMessageId(host?: string): string {
  // what a machine is called may be anything
  const own = HOST.test(hostname()) ? hostname() : 'localhost';
  const { randomBytes } = process.getBuiltinModule('node:crypto');
  const id = `<${randomBytes(15).toString('base64url')}@${host ?? own}>`;
  if (host !== undefined && !(HOST.test(host) && isMessageId(id)))
    throw new UsageError('the host in a Message-ID is a name such as news.example.org');
  return id;
}

/** Whether a text is one Message-ID: at most 250 octets, printable ASCII without a space, an `@` within `<` and `>`. */
export function isMessageId(text: string): boolean {
  return text.length <= LONGEST && /^<[\x21-\x3d\x3f-\x7e]+>$/.test(text) && /[^<]@[^>]/.test(text);
}
