import { defineProtocol } from '../core/protocol.ts';
import { SCHEMES } from './schemes.ts';

export type { EachOptions, FetchAllOptions, FetchOptions, ListOptions, Pop3Client } from './client.ts';
export type { Pop3Fixture } from './fixture.ts';
export type { Pop3MockOptions, Pop3MockServer } from './mock-server.ts';

export const pop3 = defineProtocol({
  name: 'pop3',
  summary: 'Read and delete the messages of a maildrop',
  rfc: [1939, 2449, 2595, 5034, 6856, 3206, 2384],
  schemes: SCHEMES,
  login: true,
  client: async () => (await import('./client.ts')).Pop3Client,
  mock: async () => (await import('./mock-server.ts')).Pop3MockServer,
  verbs: {
    list: {
      summary: 'List the messages',
      path: 'the maildrop: /',
      options: { headers: { type: 'boolean', summary: 'also sender, subject and date, from the headers' } },
    },
    fetch: {
      summary: 'Read a message',
      path: 'its number, /3, or its unique id, /;UIDL=id',
      options: {
        lines: { type: 'number', summary: 'only the header and so many lines', value: 'N' },
        head: { type: 'boolean', summary: 'only the header' },
      },
    },
    info: {
      summary: 'Tell the size, the id, and the main header fields of a message; or what the maildrop holds',
      path: 'its number, /3, or its unique id, /;UIDL=id; or /',
    },
    search: { summary: 'Find words in the headers: budget from:ann subject:"two words"', path: 'the maildrop: /' },
    remove: {
      summary: 'Delete a message, once the server has confirmed the end of the session',
      path: 'its number, /3, or its unique id, /;UIDL=id',
    },
  },
  all: 'every message of the maildrop, in one pass',
  serve: {
    summary: 'Serve a maildrop to any POP3 client',
    folder: 'a Maildir, or a mailbox (mbox); what a client deletes is deleted there',
    load: async (folder) => (await import('./folder.ts')).folderFixture(folder),
  },
  demo: {
    fixture: async () => (await import('./demo.ts')).fixture,
    steps: [
      { verb: 'list', path: '/' },
      { verb: 'info', path: '/2' },
      { verb: 'fetch', path: '/3' },
      { verb: 'search', path: '/', query: 'from:jürgen' },
      { verb: 'remove', path: '/1' },
      { verb: 'info', path: '/' },
    ],
  },
  isContainer: (path) => path === '' || path === '/',
});
