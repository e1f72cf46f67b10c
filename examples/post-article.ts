/**
 * Posts an article, and reads it back.
 *
 *     npx tsx examples/post-article.ts nntps://user:password@news.example.org/ misc.test 'Ann <ann@example.org>'
 */
import { ConnectionError, nntp, ReplyError } from 'netkit';

const [, , url = 'nntp://127.0.0.1:1119/', newsgroups = 'local.test', from = 'Ann <ann@example.org>'] = process.argv;
await using client = await nntp.connect(url);

try {
  const { messageId, text } = await client.post({ newsgroups, from, subject: 'Grüße', body: 'Is this thing on?\n' });
  console.log(text);
  const article = await client.article(messageId);
  console.log(await article.text());
} catch (error) {
  if (error instanceof ReplyError) console.log(`refused: ${error.reply.code} ${error.reply.text}`);
  else if (error instanceof ConnectionError && error.outcome === 'unknown') console.log('lost: look before you repeat');
  else throw error;
}
