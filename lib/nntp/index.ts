import { defineProtocol } from '../core/protocol.ts';
import { isContainer } from './path.ts';
import { SCHEMES } from './schemes.ts';

export type { NntpClient, NntpConnectOptions } from './client.ts';
export type { NntpFixture } from './fixture.ts';
export type { NntpMockOptions, NntpMockServer } from './mock-server.ts';
export type { Overview } from './overview.ts';

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
        yenc: { type: 'boolean', summary: 'the file that it holds in yEnc' },
      },
    },
    info: {
      summary: 'Tell how many articles a group has, or the main headers of an article',
      path: 'a group, /comp.test, an article, /comp.test/1042, or a message-id, /id@host',
    },
    search: {
      summary: 'Find articles by words: budget from:ann subject:"two words"',
      path: 'a group, /comp.test, or a range of its articles, /comp.test/100-200',
    },
    send: {
      summary: 'Post an article: with its headers, or a text with --from and --subject',
      path: 'the group, /comp.test; or / for those that its Newsgroups header names',
      options: {
        from: { type: 'string', summary: 'the author: Name <name@example.org>', value: 'ADDRESS' },
        subject: { type: 'string', summary: 'the subject', value: 'TEXT' },
        newsgroups: { type: 'string', summary: 'more groups, with commas between', value: 'GROUPS' },
        references: { type: 'string', summary: 'the message-ids of what it answers', value: 'IDS' },
        followupTo: { type: 'string', summary: 'where answers go: groups, or poster', value: 'GROUPS' },
        organization: { type: 'string', summary: 'where the author is at home', value: 'TEXT' },
        replyTo: { type: 'string', summary: 'where mail to the author goes', value: 'ADDRESS' },
        allow: { type: 'string', summary: 'headers that are otherwise refused: Approved,Control', value: 'NAMES' },
      },
    },
  },
  all: 'every article of a group',
  serve: {
    summary: 'Serve a folder of news to any news reader',
    folder: 'a folder for each group, with an article in each file; what is posted is written there',
    load: async (folder) => (await import('./folder.ts')).folderFixture(folder),
  },
  demo: {
    fixture: async () => (await import('./demo.ts')).fixture,
    steps: [
      { verb: 'list', path: '/' },
      { verb: 'list', path: '/demo.talk' },
      { verb: 'fetch', path: '/demo.talk/1' },
      { verb: 'info', path: '/demo.talk/2' },
      { verb: 'search', path: '/demo.talk', query: 'grüße' },
      { verb: 'send', path: '/demo.talk', body: 'From: You <you@news.example>\nSubject: Hello\n\nHello!\n' },
    ],
  },
  isContainer,
});
