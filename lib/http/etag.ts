/** Entity tags (RFC 9110 8.8.3): what a server calls this version of a thing. */
import { UsageError } from '../core/errors.ts';

export interface ETag {
  /** Whether it promises the same meaning only, and not the same octets. */
  readonly weak: boolean;
  /** What stands between the quotes; there are no escapes. */
  readonly opaque: string;
}

/** Undefined where there is none, or it is not one: some servers leave out the quotes. */
export function parseETag(value: string | undefined): ETag | undefined {
  const [, weak, opaque] = /^(W\/)?"([\x21\x23-\x7e\x80-\xff]*)"$/.exec(value?.trim() ?? '') ?? [];
  return opaque === undefined ? undefined : { weak: weak !== undefined, opaque };
}

/** The list of an If-Match or If-None-Match; undefined for what is none. */
export function parseETags(value: string): '*' | readonly ETag[] | undefined {
  const text = value.trim();
  if (text === '*') return text;
  const tags: ETag[] = [];
  const next = /[\t ,]*(?:(W\/)?"([\x21\x23-\x7e\x80-\xff]*)"|$)/y;
  while (next.lastIndex < text.length) {
    const found = next.exec(text);
    if (!found) return undefined;
    const [, weak, opaque] = found;
    if (opaque !== undefined) tags.push({ weak: weak !== undefined, opaque });
  }
  return tags.length === 0 ? undefined : tags;
}

/** Throws UsageError for characters that no entity tag has. */
export function formatETag({ weak, opaque }: ETag): string {
  if (!/^[\x21\x23-\x7e\x80-\xff]*$/.test(opaque))
    throw new UsageError('an entity tag has no quotes, spaces or controls');
  return `${weak ? 'W/' : ''}"${opaque}"`;
}

/** Whether both are the same octets: what a range or an overwrite needs (RFC 9110 8.8.3.2). A weak one never is. */
export function isSameStrongly(a: ETag, b: ETag): boolean {
  return !a.weak && !b.weak && a.opaque === b.opaque;
}

/** Whether both mean the same: what a cache needs. */
export function isSameWeakly(a: ETag, b: ETag): boolean {
  return a.opaque === b.opaque;
}
