import { defineProtocol } from '../core/protocol.ts';
import { isMenuPath } from './codec.ts';
import { SCHEMES } from './schemes.ts';

export type { GopherClient } from './client.ts';
export type { GopherFixture } from './fixture.ts';
export type { GopherMockServer } from './mock-server.ts';

export const gopher = defineProtocol({
  name: 'gopher',
  summary: 'Read menus and documents',
  rfc: [1436, 4266],
  schemes: SCHEMES,
  client: async () => (await import('./client.ts')).GopherClient,
  mock: async () => (await import('./mock-server.ts')).GopherMockServer,
  verbs: {
    list: {
      summary: 'List the items of a menu',
      path: 'type and selector of a menu: /1/folder',
      options: {
        info: { type: 'boolean', summary: 'also the lines that are text for people' },
        charset: {
          type: 'string',
          summary: 'the character set of the menu, where it is not to be guessed',
          value: 'NAME',
        },
        maxItems: { type: 'number', summary: 'the most items to accept', value: 'N' },
      },
    },
    fetch: {
      summary: 'Read a document',
      path: 'type and selector: /0/about.txt',
      options: {
        charset: {
          type: 'string',
          summary: 'the character set of a text, where it is not to be guessed',
          value: 'NAME',
        },
        view: { type: 'string', summary: 'the Gopher+ view to ask for', value: 'TYPE' },
        raw: { type: 'boolean', summary: 'the bytes as they came, a final dot included' },
        maxSize: { type: 'number', summary: 'the most octets to accept', value: 'N' },
      },
    },
    info: {
      summary: 'Tell what is known of an item (Gopher+ attributes, else its line in the menu above it)',
      path: 'type and selector: /0/about.txt',
      options: {
        charset: { type: 'string', summary: 'the character set, where it is not to be guessed', value: 'NAME' },
      },
    },
    search: {
      summary: 'Ask a search item, and list what it found',
      path: 'type and selector of a search item: /7/find',
      options: {
        charset: { type: 'string', summary: 'the character set of the answer and the query', value: 'NAME' },
        maxItems: { type: 'number', summary: 'the most items to accept', value: 'N' },
      },
    },
  },
  serve: {
    summary: 'Serve a folder to any Gopher client',
    folder: 'files and folders; a file named gophermap is the menu of its folder',
    load: async (folder) => (await import('./folder.ts')).folderFixture(folder),
  },
  demo: {
    fixture: async () => (await import('./demo.ts')).fixture,
    steps: [
      { verb: 'list', path: '/' },
      { verb: 'fetch', path: '/0/about.txt' },
      { verb: 'info', path: '/0/about.txt' },
      { verb: 'list', path: '/1/books' },
      { verb: 'search', path: '/7/find', query: 'menus' },
      { verb: 'fetch', path: '/9/octets.bin' },
    ],
  },
  isContainer: isMenuPath,
});
