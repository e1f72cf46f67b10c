import { Pop3MockServer } from '../../lib/pop3/mock-server.ts';
import type { Table } from './table.ts';

const FIRST = 'From: Ann <ann@example.org>\r\nSubject: One\r\n\r\n.Two\r\n..\r\n.\r\n\r\nThree\r\n';
const SECOND = `From: =?UTF-8?Q?J=C3=BCrgen?= <j@example.org>
Subject: =?UTF-8?B?R3LDvMOfZQ==?= from afar
Date: Tue, 02 Jan 2024 03:04:05 +0000

Schöne Grüße
`;
const LARGE = Buffer.concat([
  Buffer.from('Subject: Large\r\n\r\n'),
  Buffer.alloc(32 * 1024 * 1024, `${'x'.repeat(70)}\r\n`),
]);
const LAST = { uid: 'an/id;%20<', content: 'Subject: Last\r\n\r\nGoodbye.\r\n' };

const login = { user: 'ann', password: 'hunter2-sésame' };

export const table: Table = {
  start: () => Pop3MockServer.start({ messages: [FIRST, SECOND, LARGE, LAST] }, { login }),
  login,
  paths: { list: '/', fetch: '/1', info: '/2', search: '/', remove: '/;UIDL=an%2Fid;%2520%3C' },
  bytes: Buffer.from(FIRST),
  large: '/3',
  missing: '/5',
  search: { query: 'GRÜßE from:jürgen subject:"from afar"', finds: '2' },
  refused: ['/1%0d%0aDELE%201', '/;UIDL=a%0d%0ab', '/;UIDL=a%00b', '/;UIDL=', '/0', '/-1', '/0x1', '/1/2', '/1%20'],
};
