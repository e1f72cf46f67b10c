/** Cutting a row of an overview into its fields, and what can be wrong with it. */

/** Where each of the first seven is, behind the number. */
export const PLACE = { subject: 1, from: 2, date: 3, 'message-id': 4, references: 5, bytes: 6, lines: 7 } as const;
/** The number, and these. */
export const FIELDS = 8;

/** The message-ids in a text, whatever is between them. */
export function idsIn(text: string): string[] {
  if (text === '') return [];
  const isOne = text.startsWith('<') && text.indexOf('>') === text.length - 1 && text.indexOf('<', 1) < 0;
  return isOne && !text.includes(' ') ? [text] : (text.match(/<[^<>\s]+>/g) ?? []);
}

/** Where each field of the row in hand ends. */
const stops = new Int32Array(FIELDS + 1);

/** Finds the ends of the first nine fields; how many there are. */
export function cut(text: string, start: number, end: number): number {
  let from = start;
  for (let place = 0; place <= FIELDS; place++) {
    const tab = text.indexOf('\t', from);
    if (tab < 0 || tab >= end) {
      stops[place] = end;
      return place + 1;
    }
    stops[place] = tab;
    from = tab + 1;
  }
  return FIELDS + 1;
}

/** Where a field of the row that was cut last ends. */
export function stopOf(place: number): number {
  return stops[place] ?? 0;
}

export function numberIn(text: string, count: number, place: number): number | undefined {
  return place < count ? numberAt(text, stopOf(place - 1) + 1, stopOf(place)) : undefined;
}

export function cutOut(text: string, count: number, place: number): string {
  return place < count ? text.slice(stopOf(place - 1) + 1, stopOf(place)) : '';
}

/** `count` is of the row that was cut last. */
export function whatIsWrong(text: string, start: number, count: number): string | undefined {
  if (numberAt(text, start, stopOf(0)) === undefined) return 'the number of the article is none';
  if (count < FIELDS) return `${count - 1} fields of ${FIELDS - 1}`;
  return isCount(text, PLACE.bytes) && isCount(text, PLACE.lines) ? undefined : 'bytes or lines are no number';
}

/** A number, or nothing at all. */
function isCount(text: string, place: number): boolean {
  const from = stopOf(place - 1) + 1;
  return from === stopOf(place) || numberAt(text, from, stopOf(place)) !== undefined;
}

/** 1 to 15 digits; undefined for anything else. */
export function numberAt(text: string, from: number, end: number): number | undefined {
  if (end === from || end - from > 15) return undefined;
  let number = 0;
  for (let i = from; i < end; i++) {
    const digit = text.charCodeAt(i) - 48;
    if (digit < 0 || digit > 9) return undefined;
    number = number * 10 + digit;
  }
  return number;
}
