import { encodeYenc } from '../message/yenc-encoder.ts';
import type { NntpFixture } from './fixture.ts';

const ROOT = '<burrow.1@news.example>';
const ANSWER = '<burrow.2@news.example>';

/** A picture of one red pixel. */
const PIXEL = Buffer.from('R0lGODlhAQABAIAAAP8AAAAAACwAAAAAAQABAAACAkQBADs=', 'base64');

function article(headers: Readonly<Record<string, string>>, body: string): string {
  const all = { Path: 'news.example!not-for-mail', ...headers };
  return `${Object.entries(all)
    .map(([name, value]) => `${name}: ${value}\n`)
    .join('')}\n${body}`;
}

const THREAD = [
  article(
    {
      From: 'Ada <ada@news.example>',
      Newsgroups: 'demo.talk',
      Subject: 'What is a good first article?',
      Date: 'Mon, 01 Jan 2024 10:00:00 +0000',
      'Message-ID': ROOT,
    },
    'It should have\n.a dot at the beginning of a line,\nand a question.\n',
  ),
  article(
    {
      From: '=?UTF-8?Q?Bj=C3=B6rn?= <bjorn@news.example>',
      Newsgroups: 'demo.talk',
      Subject: '=?UTF-8?B?UmU6IFdoYXQgaXMgYSBnb29kIGZpcnN0IGFydGljbGU/IOKAkyBncsO8w59l?=',
      Date: 'Mon, 01 Jan 2024 11:30:00 +0100',
      'Message-ID': ANSWER,
      References: ROOT,
      'MIME-Version': '1.0',
      'Content-Type': 'text/plain; charset=UTF-8',
      'Content-Transfer-Encoding': '8bit',
    },
    'Ada wrote:\n> and a question.\n\nGrüße, and a question mark?\n',
  ),
  article(
    {
      From: 'Ada <ada@news.example>',
      Newsgroups: 'demo.talk,demo.announce',
      Approved: 'ada@news.example',
      Subject: 'Re: What is a good first article?',
      Date: 'Tue, 02 Jan 2024 08:15:00 +0000',
      'Message-ID': '<burrow.3@news.example>',
      References: `${ROOT} ${ANSWER}`,
    },
    'This one is in two groups.\n',
  ),
];

const BINARY = Buffer.concat([
  Buffer.from(
    article(
      {
        From: 'Camera <camera@news.example>',
        Newsgroups: 'demo.binaries',
        Subject: 'A red pixel "pixel.gif" yEnc (1/1)',
        Date: 'Wed, 03 Jan 2024 09:00:00 +0000',
        'Message-ID': '<burrow.4@news.example>',
      },
      '',
    ).replaceAll('\n', '\r\n'),
  ),
  encodeYenc(PIXEL, { name: 'pixel.gif' }),
]);

/** A small news server: what `netkit demo` and `netkit nntp serve` without a folder have. */
export const fixture: NntpFixture = {
  groups: [
    { name: 'demo.talk', description: 'Talk about anything', articles: THREAD },
    { name: 'demo.announce', description: 'What everybody should know (moderated)', status: 'm' },
    { name: 'demo.binaries', description: 'Files in yEnc', articles: [BINARY] },
  ],
  motd: 'This is a news server of netkit.',
  subscriptions: ['demo.talk'],
};
