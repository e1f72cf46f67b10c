/**
 * Downloads a file: whole or not at all, and gone on with where it broke off.
 *
 *     node --import tsx examples/http-download.ts http://example.org/large.bin large.bin
 */
import { http, NetkitError } from 'netkit';

const [url = '', file = ''] = process.argv.slice(2);
const { origin, pathname, search } = new URL(url);

await using client = await http.connect(origin);
try {
  const { size, resumedFrom } = await client.download(pathname + search, file, { resumes: 3 });
  console.log(`${file}: ${size} octets${resumedFrom > 0 ? `, ${resumedFrom} of them from before` : ''}`);
} catch (error) {
  if (!(error instanceof NetkitError)) throw error;
  console.log(`failed: ${error.message}`);
}
