import { defineProtocol } from '../core/protocol.ts';
import { SCHEMES } from './schemes.ts';

export type { HttpClient } from './client.ts';
export type { HttpFixture } from './fixture.ts';
export type { HttpMockOptions, HttpMockServer } from './mock-server.ts';
export type * from './options.ts';
export type { HttpResource } from './resource.ts';

const QUERY = { type: 'pairs', summary: 'a field to add to the query' } as const;
const HEADERS = { type: 'pairs', summary: 'a header field to send' } as const;
const METHOD = { type: 'string', value: 'NAME' } as const;

export const http = defineProtocol({
  name: 'http',
  summary: 'Fetch and send what is on the web',
  rfc: [9110, 9112, 9113, 7616, 7617, 6265],
  schemes: SCHEMES,
  client: async () => (await import('./client.ts')).HttpClient,
  mock: async () => (await import('./mock-server.ts')).HttpMockServer,
  verbs: {
    fetch: {
      summary: 'Fetch a page, a file, an answer (GET)',
      path: 'path and query: /folder/page?name=value',
      options: {
        method: { ...METHOD, summary: 'another method than GET' },
        query: QUERY,
        headers: HEADERS,
        ifNoneMatch: { type: 'string', summary: 'only if it is no longer this entity tag', value: 'ETAG' },
        maxSize: { type: 'number', summary: 'the most octets to accept', value: 'N' },
      },
    },
    info: {
      summary: 'Tell what is known of it: size, date, header fields (HEAD)',
      path: 'path and query: /folder/page',
      options: { query: QUERY, headers: HEADERS },
    },
    send: {
      summary: 'Send something, and read what is answered (POST)',
      path: 'path and query: /folder/form',
      options: {
        method: { ...METHOD, summary: 'another method than POST: PUT, PATCH' },
        type: { type: 'string', summary: 'the media type of what is sent', value: 'TYPE' },
        query: QUERY,
        headers: HEADERS,
      },
    },
    remove: {
      summary: 'Delete what is there (DELETE)',
      path: 'path and query: /folder/page',
      options: { query: QUERY, headers: HEADERS },
    },
  },
  login: 'named',
});
