/** The records of `--json`: those of the library, as plain objects. */
import { NetkitError, ReplyError } from '../core/errors.ts';
import type { Entry, Receipt, Resource } from '../core/resource.ts';
import { exitCode, Interrupted, isFileError } from './exit.ts';

export type Fields = Readonly<Record<string, unknown>>;

/** One line of JSON. What a terminal might obey is escaped, which JSON allows everywhere. */
export function jsonLine(record: Fields): string {
  const text = JSON.stringify(record).replace(
    /[\x7f-\x9f\u202a-\u202e\u2066-\u2069]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return `${text}\n`;
}

export function entryRecord({ name, path, url, kind, size, modified, meta }: Entry): Fields {
  return { name, path, url, kind, size, modified, meta };
}

/** `rest`: the body, or where it has gone. */
export function resourceRecord(resource: Resource, rest: Fields): Fields {
  const { path, url, type, size, complete, meta, details } = resource;
  return { path, url, type, size, complete, meta, ...details, ...rest };
}

export function receiptRecord(url: string, { text, path }: Receipt): Fields {
  return { url, text, path };
}

/** `url`: which target it was, where it was one. `redact` takes the secrets out of what a server may have repeated. */
export function errorRecord(error: unknown, redact: (text: string) => string, url?: string, response?: Fields): Fields {
  const exit = exitCode(error);
  const message = redact(error instanceof Error ? error.message : String(error));
  if (!(error instanceof NetkitError)) {
    const [code, reason] = isFileError(error)
      ? ['NETKIT_FILE', 'file']
      : error instanceof Interrupted
        ? ['NETKIT_INTERRUPTED', 'interrupted']
        : ['NETKIT_FAILED', 'failed'];
    return { error: { code, reason, exit, message, temporary: false, url } };
  }
  const { code, reason, protocol, phase, command, temporary, outcome } = error;
  const reply = error instanceof ReplyError ? { code: error.reply.code, text: redact(error.reply.text) } : undefined;
  return { error: { code, reason, exit, protocol, phase, command, message, reply, temporary, outcome, url, response } };
}
