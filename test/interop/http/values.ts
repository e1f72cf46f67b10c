/** Values of XML-RPC: what they are here, and what they are in Python. */
import { DateTime, Double, type Sendable } from '../../../lib/http/xmlrpc/index.ts';

export interface Value {
  /** What we send. */
  readonly sent: Sendable;
  /** What Python calls it. */
  readonly python: string;
  /** What we make of it when Python says it, where that is not what we send. */
  readonly told?: Sendable;
  /** Whether Python can say it. Default true. */
  readonly isSayable?: false;
}

const DEEP = 30;
/** No string that an XML parser leaves alone when it comes as it is: CR, CR LF. */
const LINES = 'one\r\ntwo\rthree\nfour\tfive';

export const VALUES: Readonly<Record<string, Value>> = {
  zero: { sent: 0, python: '0' },
  'a negative int': { sent: -42, python: '-42' },
  'the largest int': { sent: 2 ** 31 - 1, python: '2147483647' },
  'the smallest int': { sent: -(2 ** 31), python: '-2147483648' },
  'an i8': { sent: 2n ** 40n, python: '1099511627776', isSayable: false },
  'the smallest i8': { sent: -(2n ** 63n), python: '-9223372036854775808', isSayable: false },
  'a small i8': { sent: 7n, python: '7', told: 7 },
  true: { sent: true, python: 'True' },
  false: { sent: false, python: 'False' },
  nil: { sent: null, python: 'None' },
  'a double': { sent: 0.1, python: '0.1' },
  'a negative double': { sent: -1.5e-7, python: '-1.5e-07' },
  'a whole double': { sent: new Double(3), python: '3.0', told: 3 },
  'a double of nothing': { sent: new Double(0), python: '0.0', told: 0 },
  'a negative nothing': { sent: -0, python: '-0.0' },
  'the largest double': { sent: Number.MAX_VALUE, python: '1.7976931348623157e+308' },
  'the smallest double': { sent: Number.MIN_VALUE, python: '5e-324' },
  'a double that is no safe integer': { sent: 1e21, python: '1e+21' },
  'the empty string': { sent: '', python: "''" },
  'white space': { sent: '  a\n\n b\t ', python: "'  a\\n\\n b\\t '" },
  'only white space': { sent: ' \n ', python: "' \\n '" },
  'markup in a string': { sent: '<a b="c">&amp;</a> ]]> \'"', python: `'<a b="c">&amp;</a> ]]> \\'"'` },
  'line ends in a string': {
    sent: LINES,
    python: "'one\\r\\ntwo\\rthree\\nfour\\tfive'",
    told: LINES.replace(/\r\n?/g, '\n'), // Python writes CR as it is, and every XML parser reads that as LF
  },
  Unicode: { sent: 'Grüße, 日本語, Ελληνικά, 😀', python: "'Grüße, 日本語, Ελληνικά, 😀'" },
  'ends of lines in Unicode': { sent: 'a\u0085b\u2028c\u00a0d\ufeffe', python: "'a\\x85b\\u2028c\\xa0d\\ufeffe'" },
  'a long string': { sent: 'aé'.repeat(40_000), python: "'aé' * 40000" },
  octets: { sent: Buffer.from([0, 255, 13, 10, 60, 38]), python: "b'\\x00\\xff\\r\\n<&'" },
  'no octets': { sent: Buffer.alloc(0), python: "b''" },
  'many octets': { sent: Buffer.alloc(100_000, 'abc'), python: "(b'abc' * 33334)[:100000]" },
  'a time': { sent: new DateTime('19980717T14:08:55'), python: 'datetime.datetime(1998, 7, 17, 14, 8, 55)' },
  'a Date': {
    sent: new Date(Date.UTC(2024, 1, 29, 23, 59, 59)),
    python: 'datetime.datetime(2024, 2, 29, 23, 59, 59)',
    told: new DateTime('20240229T23:59:59'),
  },
  'an empty array': { sent: [], python: '[]' },
  'a mixed array': {
    sent: [1, 'two', new Double(3), null, [true]],
    python: "[1, 'two', 3.0, None, [True]]",
    told: [1, 'two', 3, null, [true]],
  },
  'an empty struct': { sent: {}, python: '{}' },
  'a struct': { sent: { name: 'Grüße', size: 3 }, python: "{'name': 'Grüße', 'size': 3}" },
  'names of members': {
    sent: Object.fromEntries([
      ['', 1],
      ['a & <b>', 2],
      [' x ', 3],
      ['ü', 4],
      ['__proto__', 5],
      ['constructor', 6],
    ]),
    python: "{'': 1, 'a & <b>': 2, ' x ': 3, 'ü': 4, '__proto__': 5, 'constructor': 6}",
  },
  'structs in arrays in structs': {
    sent: { list: [{ a: [] }, { b: { c: [null, Buffer.from('d')] } }] },
    python: "{'list': [{'a': []}, {'b': {'c': [None, b'd']}}]}",
  },
  'many arrays inside one another': { sent: nested(), python: `${'['.repeat(DEEP)}1${']'.repeat(DEEP)}` },
};

function nested(): Sendable {
  let value: Sendable = 1;
  for (let depth = 0; depth < DEEP; depth++) value = [value];
  return value;
}
