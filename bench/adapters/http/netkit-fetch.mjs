// The verb with a URL: a connection for each request.
import * as netkit from '../../../dist/index.js';
import { compete, origin } from '../lib/http.mjs';
import { open } from '../lib/netkit-http.mjs';

await (await open()).close();

await compete({ once: async (path) => (await (await netkit.fetch(`${origin}${path}`)).bytes()).length });
