// The verb with a URL: a connection for each request.
import * as netkit from '../../../dist/index.js';
import { compete, origin } from '../lib/http.mjs';
import { open } from '../lib/netkit-http.mjs';

await (await open()).close();

const fetch = (path) => netkit.fetch(`${origin}${path}`);

await compete({
  get: async (path) => (await (await fetch(path)).bytes()).length,
  count: async (path) => {
    let bytes = 0;
    await (await fetch(path)).forEachChunk((chunk) => {
      bytes += chunk.length;
    });
    return bytes;
  },
});
