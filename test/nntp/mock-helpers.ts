import { ScriptedClient } from '../../lib/mock/script.ts';
import type { NntpFixture } from '../../lib/nntp/fixture.ts';
import { type NntpMockOptions, NntpMockServer } from '../../lib/nntp/mock-server.ts';

/** An article with what is needed, and no more. */
export function article(
  number: number,
  headers: Readonly<Record<string, string>> = {},
  body = `line ${number}\n`,
): string {
  const all = {
    From: '"Demo User" <nobody@example.net>',
    Newsgroups: 'misc.test',
    Subject: `article ${number}`,
    Date: `Fri, 0${number} Jan 2024 00:00:00 GMT`,
    'Message-ID': `<${number}@example.net>`,
    Path: 'demo!not-for-mail',
    ...headers,
  };
  const head = Object.entries(all).map(([name, value]) => `${name}: ${value}\n`);
  return `${head.join('')}\n${body}`;
}

/** Two groups with articles, one without, a moderated one, one to be read only, and one that is another. */
export const FIXTURE: NntpFixture = {
  groups: [
    {
      name: 'misc.test',
      description: 'General Usenet testing',
      created: new Date('2024-02-01T00:00:00Z'),
      articles: [
        { number: 3, content: article(3) },
        { number: 5, content: article(5, { References: '<3@example.net>' }, '.one dot\n..two dots\n') },
        { number: 6, content: article(6, { Newsgroups: 'misc.test,alt.test' }) },
      ],
    },
    { name: 'alt.test', created: new Date('2024-03-01T00:00:00Z') },
    { name: 'alt.empty' },
    { name: 'alt.moderated', status: 'm' },
    { name: 'alt.read', status: 'n' },
    { name: 'alt.old', status: '=alt.test' },
  ],
  distribPats: ['10:local.*:local', '5:*:world'],
  distributions: { local: 'Here', world: 'Everywhere' },
  moderators: ['alt.*:%s@moderators.example'],
  motd: 'Attention all users,\nthis server is a mock.',
  subscriptions: ['misc.test', 'alt.test'],
};

/** Plays the client's side of a dialogue against a server that is there for nothing else. */
export async function play(
  dialogue: string,
  options: NntpMockOptions = {},
  fixture: NntpFixture = FIXTURE,
): Promise<void> {
  await using server = await NntpMockServer.start(fixture, options);
  await playWith(server, dialogue);
}

/** The greeting is heard, and at the end there is a QUIT. */
export async function playWith(server: NntpMockServer, dialogue: string): Promise<void> {
  const whole = `S~ ^20[01] \n${dialogue}\nC: QUIT\nS: 205 Bye`;
  await new ScriptedClient(whole).play(
    { host: '127.0.0.1', port: server.port },
    { ...(server.ca !== undefined && { tls: { ca: server.ca } }) },
  );
}
