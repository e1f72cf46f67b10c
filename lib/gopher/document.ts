/** Reading a document: where it ends depends on what it is. */
import { TimeoutError } from '../core/errors.ts';
import type { Flow } from '../core/resource.ts';
import type { Connection } from '../net/connection.ts';
import { decodeGuessing } from '../wire/charset.ts';
import { AtMost, type Framing, ToEnd } from '../wire/framing.ts';
import { missing } from './menu.ts';
import { TextBody } from './text.ts';

const THREE = 0x33;
/** An answer that is only an error is shorter than this, in octets. */
const MAX_ERROR = 4096;
/** The whole of an answer that is one error line, perhaps with lines for people, perhaps with a dot. */
const ERROR_ITEM =
  /^3([^\t\r\n]*)\t[^\t\r\n]*\t[^\t\r\n]*\t\d{1,5}(?:\t[^\r\n]*)?\r?\n(?:i[^\r\n]*\r?\n)*(?:\.\r?\n)?$/;
/** What may become one. */
const ERROR_BEGUN = /^3[^\t\r\n]*(?:\t[^\t\r\n]*){0,4}(?:\r?\n[i.].*|\r?\n?)$/s;

/**
 * A server that has no such document says so in a menu of one error item, whatever was asked for: so the beginning of
 * an answer is looked at before it is given out. Throws ReplyError (`missing`).
 */
export async function refuseErrorItem(connection: Connection): Promise<void> {
  const error = await connection.receive((bytes, ended) => {
    const start = bytes.peek();
    if (start.length === 0) return ended ? '' : undefined;
    if (start[0] !== THREE || start.length > MAX_ERROR) return '';
    const text = start.toString('latin1');
    if (ended || /\n\.\r?\n$/.test(text)) return ERROR_ITEM.exec(text)?.[1] ?? '';
    return ERROR_BEGUN.test(text) ? undefined : '';
  });
  if (error === '') return;
  const text = await decodeGuessing(Buffer.from(error, 'latin1'));
  connection.heard(`3${text}`);
  throw missing(connection, text);
}

/** A body that ends as `framing` says, of at most `maxSize` octets. */
export function readBody(connection: Connection, framing: Framing, maxSize: number | undefined): Flow {
  const body = connection.body(maxSize === undefined ? framing : new AtMost(framing, maxSize));
  return framing instanceof TextBody ? untilQuiet(body, framing) : body;
}

/** Text ends with a dot; everything else with the connection. */
export function framingOf(type: string, raw: boolean | undefined): Framing {
  return type === '0' && !raw ? new TextBody() : new ToEnd();
}

/** A text whose final dot has come is over, even where the server forgets to close. */
function untilQuiet(body: Flow, text: TextBody): Flow {
  const over = (error: unknown): undefined => {
    if (!(error instanceof TimeoutError && text.dotted)) throw error;
    text.complete = true;
  };
  return {
    get complete(): boolean | 'unknown' {
      return text.complete;
    },
    pull: () => body.pull().catch(over),
    each: (sink) => body.each(sink).catch(over),
  };
}
