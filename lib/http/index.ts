import { defineProtocol } from '../core/protocol.ts';
import { CHECK, FETCH, INFO, REMOVE, SEND } from './option-specs.ts';
import { SCHEMES } from './schemes.ts';

export type { HttpClient } from './client.ts';
export type { Cookie } from './cookie.ts';
export type { CookieJar } from './cookie-jar.ts';
export type { Entrance, Passwords } from './credentials.ts';
export type { Downloaded, DownloadOptions } from './download.ts';
export type { ServerEvent } from './event-parser.ts';
export type { EventOptions } from './events.ts';
export type { HttpFixture } from './fixture.ts';
export type { HttpMockOptions, HttpMockServer } from './mock-server.ts';
export type * from './options.ts';
export type { HttpResource } from './resource.ts';

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
      options: FETCH,
    },
    info: {
      summary: 'Tell what is known of it: size, date, header fields (HEAD)',
      path: 'path and query: /folder/page',
      options: INFO,
    },
    send: {
      summary: 'Send something, and read what is answered (POST)',
      path: 'path and query: /folder/form',
      options: SEND,
    },
    remove: {
      summary: 'Delete what is there (DELETE)',
      path: 'path and query: /folder/page',
      options: REMOVE,
    },
  },
  serve: {
    summary: 'Serve a folder to any browser',
    folder: 'files and folders; index.html is the page of its folder, and a folder without one is listed',
    load: async (folder) => (await import('./folder.ts')).folderFixture(folder),
  },
  demo: {
    fixture: async () => (await import('./demo.ts')).fixture,
    steps: [
      { verb: 'fetch', path: '/get?name=value' },
      { verb: 'info', path: '/range/100' },
      { verb: 'fetch', path: '/gzip' },
      { verb: 'fetch', path: '/redirect/2' },
      { verb: 'send', path: '/post', body: 'Hello!' },
      { verb: 'remove', path: '/delete' },
    ],
  },
  login: 'challenged',
  check: { options: CHECK },
  abilities: ['head', 'failures', 'download', 'events'],
  local: {
    data: { example: 'data:text/plain,TEXT', fetch: async (url) => (await import('./data-url.ts')).dataResource(url) },
    file: {
      example: 'file:///PATH',
      fetch: async (url, options) => (await import('./file-url.ts')).fileResource(url, options.signal),
    },
  },
});
