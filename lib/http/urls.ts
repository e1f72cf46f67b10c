/**
 * URLs as text: what Python has in `urllib.parse`, by the rules of RFC 3986. How each differs stands with it. There are no
 * `;params` (`urlparse`): they belong to the path; and nothing is dropped silently, neither TAB and LF nor what is empty.
 */
export { splitUrl as split, type UrlParts } from '../core/url.ts';
export { quote, quotePlus, unquote, unquotePlus, unquoteToOctets } from './percent.ts';
export {
  type EncodeOptions,
  type Fields,
  type FieldValue,
  type ParseOptions,
  parsePairs,
  parseQuery,
  urlencode,
} from './query.ts';
export { defrag, join, unsplit } from './url-join.ts';
