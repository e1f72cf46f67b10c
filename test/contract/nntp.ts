import { NntpMockServer } from '../../lib/nntp/mock-server.ts';
import type { Table } from './table.ts';

function article(id: string, subject: string, body: string, more = ''): string {
  return `Path: not-for-mail\r\nFrom: Ann <ann@example.org>\r\nNewsgroups: netkit.test\r\nSubject: ${subject}\r\nMessage-ID: ${id}\r\n${more}\r\n${body}`;
}

const FIRST = article('<one@example.org>', 'One', '.Two\r\n..\r\n.\r\n\r\nThree\r\n');
const SECOND = `Path: not-for-mail
From: =?UTF-8?Q?J=C3=BCrgen?= <j@example.org>
Newsgroups: netkit.test,netkit.größe
Subject: =?UTF-8?B?R3LDvMOfZQ==?= from afar
Date: Tue, 02 Jan 2024 03:04:05 +0000
Message-ID: <a/b%c?d@example.org>
References: <one@example.org>

Schöne Grüße
`;
const LARGE = Buffer.concat([
  Buffer.from(article('<large@example.org>', 'Large', '').replace('netkit.test', 'netkit.large')),
  Buffer.alloc(32 * 1024 * 1024, `${'x'.repeat(70)}\r\n`),
]);

const login = { user: 'ann', password: 'hunter2-sésame' };

export const table: Table = {
  start: () =>
    NntpMockServer.start(
      {
        groups: [
          { name: 'netkit.test', articles: [FIRST, { number: 5, content: SECOND }] },
          { name: 'netkit.größe' },
          { name: 'netkit.large', articles: [LARGE] },
          { name: 'netkit.empty' },
        ],
        users: { [login.user]: login.password },
      },
      { xref: false, auth: ['netkit.closed'] },
    ),
  login,
  paths: { list: '/', fetch: '/netkit.test/1', info: '/netkit.test/5', search: '/netkit.test', send: '/netkit.test' },
  bytes: Buffer.from(FIRST),
  large: '/netkit.large/1',
  missing: '/netkit.test/4',
  search: { query: 'GRÜßE from:jürgen subject:"from afar"', finds: '5' },
  body: 'From: Ann <ann@example.org>\nSubject: New\nMessage-ID: <new@example.org>\nDate: Tue, 02 Jan 2024 03:04:05 +0000\n\nNew\n',
  refused: [
    '/netkit.test%0d%0aQUIT',
    '/netkit.test/1%0d%0aQUIT',
    '/a@b%0d%0aQUIT',
    '/netkit.test%00',
    '/netkit%20test',
    '/netkit.test/1/2',
    '/netkit.test/x',
    '/<a%20b@c>',
    '/?',
  ],
};
