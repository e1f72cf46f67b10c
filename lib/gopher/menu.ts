/** Reading a menu, a block of lines at a time. */
import { excerpt, limitError, ProtocolError, ReplyError } from '../core/errors.ts';
import type { Complete } from '../core/resource.ts';
import type { Connection } from '../net/connection.ts';
import { decodeGuessing, decoderFor } from '../wire/charset.ts';
import { type MenuItem, parseMenu } from './codec.ts';

export interface MenuLimits {
  readonly charset?: string | undefined;
  readonly maxItems?: number | undefined;
}

/** The lines of a menu, many at a time; at its end whether its final dot came. */
export type Menu = AsyncGenerator<MenuItem[], Complete, void>;

/** In octets. */
const MAX_LINE = 4096;
const MAX_ITEMS = 100_000;
/** Strings larger than this go to another part of the heap, where they cost twice as much. */
const BLOCK = 48 * 1024;

/**
 * The lines of a menu as they come. It ends with a dot, or with the connection, but not in the middle of a line.
 * Throws ReplyError (`missing`) when its first item is an error; ProtocolError when no line is an item, or past a limit.
 */
export async function* readMenu(connection: Connection, { charset, maxItems = MAX_ITEMS }: MenuLimits = {}): Menu {
  const decode = charset === undefined ? decodeGuessing : await decoderFor(charset);
  let lines = 0;
  let begun = false;
  let items = 0;
  let malformed: string | undefined;
  for (;;) {
    const block = await nextLines(connection, !begun);
    const menu = parseMenu(block, MAX_LINE);
    const over = menu.ended || block === '';
    begun ||= menu.items.length > 0;
    lines += menu.lines;
    if (lines > maxItems) throw limitError('the lines of a menu', maxItems, detail(connection));
    const ascii = !HIGH.test(block);
    for (const item of menu.items) {
      if (!ascii && HIGH.test(item.name)) item.name = await decode(Buffer.from(item.name, 'latin1'));
      if (connection.isHeard) connection.heard(item.malformed ?? `${item.type}${item.name}`);
      if (item.malformed !== undefined) malformed ??= item.malformed;
      else if (item.type === '3' && items === 0) throw missing(connection, item.name);
      else if (item.type !== 'i') items++;
    }
    if (over && items === 0 && malformed !== undefined) {
      throw new ProtocolError(`expected a menu, got ${excerpt(malformed)}`, detail(connection));
    }
    if (menu.items.length > 0) yield menu.items;
    if (over) return menu.ended || 'unknown';
  }
}

const HIGH = /[\x80-\xff]/;

/** Whole lines, one character per octet; nothing at the end of the connection. */
function nextLines(connection: Connection, first: boolean): Promise<string> {
  return connection.receive(
    (bytes, ended) => {
      const lines = bytes.takeLines(BLOCK);
      if (lines) return lines.toString('latin1');
      if (bytes.length > MAX_LINE) throw limitError('a menu line', MAX_LINE, detail(connection));
      return ended && bytes.length === 0 && !first ? '' : undefined;
    },
    first ? 'command' : 'body',
  );
}

/** The error that a server gives as a menu item of type 3. */
export function missing(where: { readonly host: string; readonly port: number }, text: string): ReplyError {
  return new ReplyError(`the server says ${excerpt(text)}; a Gopher path begins with a type: /0/about.txt, /1/folder`, {
    ...detail(where, 'command'),
    reason: 'missing',
    reply: { ok: false, code: '3', text },
  });
}

function detail({ host, port }: { readonly host: string; readonly port: number }, phase: 'body' | 'command' = 'body') {
  return { protocol: 'gopher', host, port, phase } as const;
}
