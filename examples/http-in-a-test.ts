/** An HTTP server in a test: routes, what it was asked, and what goes wrong. */
import assert from 'node:assert/strict';
import { ConnectionError, http } from 'netkit';

const books = new Map([['1', { id: 1, title: 'Menus and Mounds' }]]);

await using server = await http.mock({
  'GET /books': () => ({ json: [...books.values()] }),
  'GET /books/:id': ({ params }) => {
    const book = books.get(params.get('id') ?? '');
    return book && { json: book };
  },
  'POST /books': async (request) => {
    books.set('2', { id: 2, title: await request.text() });
    return { status: 201, headers: { Location: '/books/2' } };
  },
});

// what the program under test does
await using client = await http.connect(server.url, { retries: 1 });
const { path = '' } = await client.send('/books', 'A Burrow of One’s Own', { type: 'text/plain' });
assert.deepEqual(await (await client.get(path)).json(), { id: 2, title: 'A Burrow of One’s Own' });

// what it said
const posted = await server.request('POST /books');
assert.equal(posted.headers.get('content-type'), 'text/plain; charset=utf-8');
console.log(server.requests.map(({ method, target }) => `${method} ${target}`).join('\n'));

// the next answer is a 503, in its octets: it is asked again
server.faults.add({ verb: 'GET', reply: 'HTTP/1.1 503 Busy\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n' });
assert.deepEqual(await (await client.get('/books')).json(), [...books.values()]);

// and this one is cut after its header, by a reset, as often as it is asked
server.faults.add({ match: /^GET \/books/, truncate: 150, reset: true, times: 2 });
await assert.rejects(async () => (await client.get('/books')).text(), ConnectionError);
