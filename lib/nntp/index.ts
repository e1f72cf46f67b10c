import { defineProtocol } from '../core/protocol.ts';
import { isContainer } from './path.ts';
import { SCHEMES } from './schemes.ts';

export const nntp = defineProtocol({
  name: 'nntp',
  summary: 'Read and post news',
  rfc: [3977, 4642, 4643, 4644, 5536, 5538, 6048, 8054, 8143],
  schemes: SCHEMES,
  login: true,
  client: async () => (await import('./client.ts')).NntpClient,
  mock: async () => (await import('./mock-server.ts')).NntpMockServer,
  verbs: {
    list: {
      summary: 'List groups, or the articles of a group',
      path: '/ or a wildmat, /comp.*; a group, /comp.test; a range of its articles, /comp.test/100-200',
      options: { descriptions: { type: 'boolean', summary: 'of groups: also what they are for' } },
    },
    fetch: {
      summary: 'Read an article',
      path: 'its group and number, /comp.test/1042, or its message-id, /id@host',
      options: {
        head: { type: 'boolean', summary: 'only the headers' },
        body: { type: 'boolean', summary: 'only the body' },
      },
    },
    info: {
      summary: 'Tell how many articles a group has, or the main headers of an article',
      path: 'a group, /comp.test, an article, /comp.test/1042, or a message-id, /id@host',
    },
  },
  serve: {
    summary: 'Serve a folder of news to any news reader',
    folder: 'a folder for each group, with an article in each file',
    load: async (folder) => (await import('./folder.ts')).folderFixture(folder),
  },
  isContainer,
});
