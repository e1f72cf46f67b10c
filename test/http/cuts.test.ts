import { gzipSync } from 'node:zlib';
import type { HttpRoutes } from '../../lib/http/fixture.ts';
import { http } from '../../lib/http/index.ts';
import { HttpMockServer } from '../../lib/http/mock-server.ts';
import { describeCuts } from '../cut.ts';

/** So that the octets are the same in each run. */
const headers = { Date: 'Sun, 06 Nov 1994 08:49:37 GMT' };

const routes: HttpRoutes = {
  'GET /length': { headers, body: 'so many octets' },
  'GET /chunks': { headers, body: ['one, ', 'two'], trailers: { 'X-Sum': '2' }, information: [{ status: 103 }] },
  'GET /gzip': { headers: { ...headers, 'Content-Encoding': 'gzip' }, body: gzipSync('what was compressed') },
  'GET /from': { status: 302, headers: { ...headers, Location: '/length' }, body: 'go on' },
  'POST /form': async (asked) => ({ headers, body: `${await asked.text()}!` }),
};

describe('HTTP, wherever the connection breaks', () => {
  for (const path of ['/length', '/chunks', '/gzip', '/from']) {
    describeCuts(`GET ${path}`, {
      start: () => HttpMockServer.start(routes),
      exercise: async (port, options) => {
        await using client = await http.connect(`http://127.0.0.1:${port}`, options);
        const answer = await client.get(path);
        const text = await answer.text();
        return { status: answer.status, text, complete: answer.complete };
      },
    });
  }

  describeCuts('POST', {
    start: () => HttpMockServer.start(routes),
    exercise: async (port, options) => {
      await using client = await http.connect(`http://127.0.0.1:${port}`, options);
      return await (await client.post('/form', { form: { a: 1 } })).text();
    },
  });
});
