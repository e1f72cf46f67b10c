/** Records as lines for people. */
import type { Entry, Kind } from '../core/resource.ts';
import type { Fields } from './records.ts';
import { formatSize } from './sizes.ts';
import { harmlessLine } from './terminal.ts';

const MARKS: Readonly<Record<Kind, string>> = {
  item: '-',
  container: '/',
  search: '?',
  link: '>',
  info: ' ',
  error: '!',
};
const NAME_WIDTH = 40;
const AUTHOR_WIDTH = 24;
/** How much of an author is looked at, in characters. */
const LONGEST_AUTHOR = 1000;

/** What the marks mean, for the help. */
export const LEGEND = '- item   / container   ? search   > link elsewhere   ! error';

/** One entry: its mark, its size where it is known, what it is called, and its path, or where a link leads. */
export function entryLine(entry: Entry): string {
  const { kind, size, path, url } = entry;
  const shown = harmlessLine(titleOf(entry));
  const start = `${MARKS[kind]} ${(size === undefined ? '' : formatSize(size)).padStart(5)}  `;
  if (kind === 'info' || kind === 'error') return `${(start + shown).trimEnd()}\n`;
  return `${start}${shown.padEnd(NAME_WIDTH)}  ${harmlessLine(kind === 'link' ? url : path)}\n`;
}

/** What an entry is called: its name, and what it is about; a message by its day, its author and its subject. */
function titleOf({ name, modified, meta }: Entry): string {
  const { subject, from, description } = meta;
  if (subject === undefined) return description === undefined ? name : `${name.padEnd(AUTHOR_WIDTH)}  ${description}`;
  const day = modified?.toISOString().slice(0, 10) ?? '';
  return `${day.padEnd(10)}  ${authorOf(from ?? '').padEnd(AUTHOR_WIDTH)}  ${subject}`;
}

/** The name before an address, or the address where there is none. */
function authorOf(from: string): string {
  // whoever writes a From may make it as long as they like
  const start = from.slice(0, LONGEST_AUTHOR);
  const name = start.slice(0, Math.max(start.indexOf('<'), 0)).trim();
  return (name.replace(/^"|"$/g, '').trim() || start).slice(0, AUTHOR_WIDTH);
}

/** Fields as `name: value` lines; the fields of `meta` among them, what is not known left out. */
export function facts(fields: Fields): string {
  return Object.entries(fields)
    .flatMap(([name, value]) => (name === 'meta' && isFields(value) ? Object.entries(value) : [[name, value] as const]))
    .filter(([, value]) => value !== undefined && value !== null)
    .map(([name, value]) => `${harmlessLine(name)}: ${harmlessLine(valueText(value))}\n`)
    .join('');
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

function valueText(value: unknown): string {
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map(valueText).join(', ');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
