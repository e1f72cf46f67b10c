/**
 * SASLprep, RFC 4013: the one form of a user name or password that both ends compute their keys from. Normalisation
 * is that of the running Node, and code points that Unicode 3.2 did not know are let through, as for queries (RFC 3454 7).
 */

/** RFC 3454 C.1.2: spaces beyond ASCII. */
const SPACES = /[\u00a0\u1680\u2000-\u200b\u202f\u205f\u3000]/gu;

/** RFC 3454 B.1: what is commonly mapped to nothing. Alternatives, since some of them are joiners. */
const NOTHING = /\u00ad|\u034f|\u1806|[\u180b-\u180d]|\u200c|\u200d|\u2060|[\ufe00-\ufe0f]|\ufeff/gu;

/** RFC 3454 C.1.2, C.2, C.3 to C.9, but surrogates. */
const PROHIBITED = new RegExp(
  [
    '\\u00a0|\\u1680|[\\u2000-\\u200b]|\\u202f|\\u205f|\\u3000', // C.1.2
    '[\\0-\\u001f\\u007f-\\u009f]|\\u06dd|\\u070f|\\u180e|[\\u200c\\u200d]|\\u2028|\\u2029', // C.2
    '[\\u2060-\\u2063\\u206a-\\u206f]|\\ufeff|[\\u{1d173}-\\u{1d17a}]', // C.2.2
    '\\p{Co}|\\p{Noncharacter_Code_Point}', // C.3, C.4
    '[\\ufff9-\\ufffd]|[\\u2ff0-\\u2ffb]', // C.6, C.7
    '\\u0340|\\u0341|\\u200e|\\u200f|[\\u202a-\\u202e]', // C.8
    '\\u{e0001}|[\\u{e0020}-\\u{e007f}]', // C.9
  ].join('|'),
  'u',
);

/** RFC 3454 D.1: what is written from right to left. */
const RIGHT_TO_LEFT = [
  '[\\u05be\\u05c0\\u05c3\\u05d0-\\u05ea\\u05f0-\\u05f4\\u061b\\u061f\\u0621-\\u063a\\u0640-\\u064a\\u066d-\\u066f',
  '\\u0671-\\u06d5\\u06dd\\u06e5\\u06e6\\u06fa-\\u06fe\\u0700-\\u070d\\u0710\\u0712-\\u072c\\u0780-\\u07a5\\u07b1\\u200f',
  '\\ufb1d\\ufb1f-\\ufb28\\ufb2a-\\ufb36\\ufb38-\\ufb3c\\ufb3e\\ufb40\\ufb41\\ufb43\\ufb44\\ufb46-\\ufbb1\\ufbd3-\\ufd3d',
  '\\ufd50-\\ufd8f\\ufd92-\\ufdc7\\ufdf0-\\ufdfc\\ufe70-\\ufe74\\ufe76-\\ufefc]',
].join('');
const ANY_RIGHT_TO_LEFT = new RegExp(RIGHT_TO_LEFT, 'u');
const ENDS_RIGHT_TO_LEFT = new RegExp(`^${RIGHT_TO_LEFT}(?:.*${RIGHT_TO_LEFT})?$`, 'su');
/** Close to RFC 3454 D.2: what is written from left to right. */
const LEFT_TO_RIGHT = new RegExp(`(?!${RIGHT_TO_LEFT})[\\p{L}\\p{Nl}\\p{Mc}]`, 'u');

/** The prepared text, or undefined for a text that holds what RFC 4013 prohibits (a lone surrogate is one of these). */
export function saslprep(text: string): string | undefined {
  if (/^[\x20-\x7e]*$/.test(text)) return text;
  if (!isWellFormed(text)) return undefined;
  const prepared = text.replace(SPACES, ' ').replace(NOTHING, '').normalize('NFKC');
  if (PROHIBITED.test(prepared)) return undefined;
  // RFC 3454 6: no mix of directions
  if (!ANY_RIGHT_TO_LEFT.test(prepared)) return prepared;
  return ENDS_RIGHT_TO_LEFT.test(prepared) && !LEFT_TO_RIGHT.test(prepared) ? prepared : undefined;
}

/** Whether the text has a UTF-8 form: no surrogate stands alone. */
export function isWellFormed(text: string): boolean {
  return !/\p{Cs}/u.test(text);
}
