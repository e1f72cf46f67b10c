/**
 * Wildmats, RFC 3977 4: `comp.lang.*,!*.binaries`. `*` is any text, `?` any one character, and of the patterns between
 * the commas the last that matches decides; one behind `!` excludes. Letters are told apart by case.
 */
import { excerpt, UsageError } from '../core/errors.ts';
import { MAX_ARGUMENT } from './codec.ts';

/** Whether a name matches. Takes at most the product of the two lengths, whatever the pattern. */
export type Match = (name: string) => boolean;

/** Throws UsageError for what is no wildmat: see `checkWildmat`. */
export function compileWildmat(wildmat: string): Match {
  const patterns = checkWildmat(wildmat)
    .split(',')
    .map((text) => ({ include: !text.startsWith('!'), match: compilePattern(text.replace(/^!/, '')) }))
    .reverse();
  return (name) => patterns.find(({ match }) => match(name))?.include ?? false;
}

/** Throws UsageError for an empty pattern, spaces, controls, more than 497 octets, and `\ [ ]`, which RFC 3977 reserves. */
export function checkWildmat(wildmat: string): string {
  const wrong =
    /[\x00-\x20\x7f\\[\]]|\p{Surrogate}/u.test(wildmat) ||
    Buffer.byteLength(wildmat) > MAX_ARGUMENT ||
    !wildmat.split(',').every((pattern) => /^!?[^!]+$/.test(pattern));
  if (!wrong) return wildmat;
  throw new UsageError(`a wildmat is names with * and ?, and commas between, not ${excerpt(wildmat)}`, {
    protocol: 'nntp',
  });
}

/** Whether the text has wildcards, and names no single group. */
export function isWildmat(text: string): boolean {
  return /[*?,!]/.test(text);
}

/** One pattern of any text, in which only `*` and `?` are more than themselves. */
export function compilePattern(pattern: string): Match {
  if (!/[*?]/.test(pattern)) return (name) => name === pattern;
  const [prefix = '', ...rest] = pattern.split('*');
  if (!pattern.includes('?') && rest.join('') === '') return (name) => name.startsWith(prefix);
  const wanted = Array.from(pattern);
  return (name) => matches(wanted, Array.from(name));
}

/** Where it goes wrong, only the last star takes more: what an earlier one could take instead, this one can too. */
function matches(pattern: readonly string[], name: readonly string[]): boolean {
  let [at, to] = [0, 0];
  let [star, taken] = [-1, 0];
  while (to < name.length) {
    if (pattern[at] === '*') {
      star = at++;
      taken = to;
    } else if (pattern[at] === '?' || pattern[at] === name[to]) {
      at++;
      to++;
    } else if (star >= 0) {
      at = star + 1;
      to = ++taken;
    } else return false;
  }
  while (pattern[at] === '*') at++;
  return at === pattern.length;
}
