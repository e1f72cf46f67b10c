/** Gopher+: an answer begins with its length, an item has attributes and views. */
import { ProtocolError, ReplyError, type ReplyReason } from '../core/errors.ts';
import type { Entry } from '../core/resource.ts';
import type { Connection } from '../net/connection.ts';
import type { ReceiveBuffer } from '../wire/buffer.ts';
import { AtMost, DotBlock, type Framing, ToEnd } from '../wire/framing.ts';
import { type PlusLength, parseAttributes, parsePlusError, parsePlusHeader } from './codec.ts';

const MAX_ATTRIBUTES = 1024 * 1024;
const REASONS: ReadonlyMap<string, ReplyReason> = new Map<string, ReplyReason>([
  ['1', 'missing'],
  ['2', 'busy'],
  ['3', 'missing'],
]);

/** A body of a length that was announced, and nothing behind it. */
export class Counted implements Framing {
  readonly size: number;
  #left: number;
  complete = false;

  constructor(size: number) {
    this.size = size;
    this.#left = size;
  }

  take(bytes: ReceiveBuffer, ended: boolean, sink: (chunk: Buffer) => void): boolean {
    if (bytes.length > this.#left) {
      throw new ProtocolError(`the server announced ${this.size} octets and sent more`, {
        protocol: 'gopher',
        phase: 'body',
        reason: 'integrity',
      });
    }
    if (bytes.length > 0) {
      const chunk = bytes.takeAll();
      this.#left -= chunk.length;
      sink(chunk);
    }
    this.complete = ended && this.#left === 0;
    return this.complete;
  }
}

/** Reads the first line of an answer, and how the rest of it ends. Throws ReplyError when it is an error. */
export async function readAnswer(connection: Connection): Promise<Framing> {
  const line = await connection.readLine();
  const header = parsePlusHeader(line);
  if (!header) {
    throw new ProtocolError('this server does not speak Gopher+: ask without a view', {
      protocol: 'gopher',
      phase: 'command',
    });
  }
  const framing = framingOf(header.length);
  if (header.ok) return framing;
  throw await readError(connection, framing);
}

/** The answer to `!`; undefined from a server that does not speak Gopher+. */
export async function readAttributes(connection: Connection): Promise<Buffer | undefined> {
  const header = await connection.receive((bytes, ended) => {
    const first = bytes.peek().subarray(0, 32).toString('latin1');
    const line = /^([^\r\n]*)\r?\n/.exec(first)?.[1];
    if (line !== undefined) return parsePlusHeader(line) ? 'plus' : 'plain';
    return first.length === 32 || ended || !/^(?:[+-].*)?$/.test(first) ? 'plain' : undefined;
  });
  if (header === 'plain') return undefined;
  const framing = await readAnswer(connection);
  return gather(connection, framing);
}

/** The attributes of an item as an Entry: each block of one line or more is in `meta`, by its name. */
export function toEntry(text: string, path: string, url: string): Entry {
  const blocks = parseAttributes(text);
  const [line = ''] = blocks.get('INFO') ?? [];
  const name = line.slice(1).split('\t')[0] ?? '';
  const meta: Record<string, string> = Object.create(null);
  for (const [block, lines] of blocks) meta[block.toLowerCase()] = lines.join('\n');
  const size = sizeOf(blocks.get('VIEWS'));
  const modified = modifiedOf(blocks.get('ADMIN'));
  const kind = line.startsWith('1') ? 'container' : line.startsWith('7') ? 'search' : 'item';
  return { name, path, url, kind, ...(size !== undefined && { size }), ...(modified && { modified }), meta };
}

/** ` text/plain: <10k>`: the size of the only view, in octets, roughly. */
function sizeOf(views: readonly string[] = []): number | undefined {
  const match = views.length === 1 ? /<(\d{1,9}(?:\.\d{1,3})?)([kKmM]?)>/.exec(views[0] ?? '') : null;
  if (!match) return undefined;
  const [, number = '', unit = ''] = match;
  return Math.round(Number(number) * (unit === '' ? 1 : unit.toLowerCase() === 'k' ? 1024 : 1024 * 1024));
}

/** ` Mod-Date: Thu Jan 1 00:00:00 1970 <19700101000000>` */
function modifiedOf(admin: readonly string[] = []): Date | undefined {
  const line = admin.find((text) => /^Mod-Date:/i.test(text));
  const match = /<(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)>/.exec(line ?? '');
  if (!match) return undefined;
  const [year = 0, month = 1, ...rest] = match.slice(1).map(Number);
  const date = new Date(Date.UTC(year, month - 1, ...(rest as [number, number, number, number])));
  return Number.isNaN(date.getTime()) ? undefined : date;
}

function framingOf(length: PlusLength): Framing {
  if (length === 'dot') return new DotBlock();
  return length === 'end' ? new ToEnd() : new Counted(length);
}

async function readError(connection: Connection, framing: Framing): Promise<ReplyError> {
  const { code, text } = parsePlusError((await gather(connection, framing)).toString('utf8'));
  return new ReplyError(`the server says: ${text}`, {
    protocol: 'gopher',
    phase: 'command',
    reason: REASONS.get(code) ?? 'refused',
    reply: { ok: false, code, text },
  });
}

async function gather(connection: Connection, framing: Framing): Promise<Buffer> {
  const parts: Buffer[] = [];
  await connection.body(new AtMost(framing, MAX_ATTRIBUTES)).each((chunk) => parts.push(Buffer.from(chunk)));
  return Buffer.concat(parts);
}
