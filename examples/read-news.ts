/**
 * Prints the threads of a newsgroup: its overview, and what answers what.
 *
 *     npx tsx examples/read-news.ts news.example.org comp.lang.javascript
 */
import { nntp } from 'netkit';

const [, , host = '127.0.0.1:1119', name = 'local.test'] = process.argv;
await using client = await nntp.connect(host);

const { low, high } = await client.group(name);
const articles = new Map<string, { readonly line: string; readonly answers: string[] }>();
const threads: string[] = [];

// at most the last thousand
for await (const rows of client.over({ low: Math.max(low, high - 999), high })) {
  for (const { number, messageId, subject, from, references } of rows) {
    articles.set(messageId, { line: `${number} ${subject} (${from})`, answers: [] });
    const parent = references.findLast((id) => articles.has(id)) ?? '';
    (articles.get(parent)?.answers ?? threads).push(messageId);
  }
}

function print(ids: readonly string[], indent: string): void {
  for (const id of ids) {
    const { line = '', answers = [] } = articles.get(id) ?? {};
    console.log(indent + line);
    print(answers, `${indent}  `);
  }
}
print(threads, '');
