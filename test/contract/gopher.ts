import type { GopherFixture } from '../../lib/gopher/fixture.ts';
import { GopherMockServer } from '../../lib/gopher/mock-server.ts';
import type { Table } from './table.ts';

const OCTETS = Buffer.from(Array.from({ length: 256 }, (_, octet) => octet));

const fixture: GopherFixture = {
  '': {
    menu: [
      'Welcome',
      { type: '0', name: 'About', selector: '/about.txt' },
      { type: '1', name: 'More', selector: '/more' },
      { type: '7', name: 'Find', selector: '/find' },
      { type: 'h', name: 'Elsewhere', selector: 'URL:https://www.example.org/' },
      { type: '3', name: 'Broken', selector: '/broken' },
    ],
  },
  '/about.txt': 'One\r\n.Two\r\n..\r\nThree',
  '/more': {
    menu: [
      { type: '9', name: 'Octets', selector: '/more/octets' },
      { type: '0', name: 'Äpfel', selector: '/more/ä b%c?d' },
      { type: '9', name: 'With a name', selector: '/more/attributed' },
    ],
  },
  '/more/octets': OCTETS,
  '/more/ä b%c?d': 'Äpfel und Birnen',
  '/more/attributed': { content: () => OCTETS, type: '9', name: 'With a name', size: OCTETS.length },
  '/find': (words) => ({ menu: [{ type: '0', name: `About ${words}`, selector: '/about.txt' }] }),
  '/large': { content: large, type: '9', name: 'Large' },
};

async function* large(): AsyncGenerator<Uint8Array> {
  const chunk = Buffer.alloc(64 * 1024, 'x');
  for (let i = 0; i < 512; i++) yield chunk;
}

export const table: Table = {
  start: () => GopherMockServer.start(fixture),
  paths: { list: '/', fetch: '/0/about.txt', info: '/9/more/attributed', search: '/7/find' },
  bytes: Buffer.from('One\r\n.Two\r\n..\r\nThree\r\n'),
  large: '/9/large',
  missing: '/0/no-such.txt',
  search: { query: 'two words', finds: 'About two words' },
  refused: ['/0/a%0d%0ab', '/0/a%0ab', '/0/a%00b', '/0/a%09b', '/0/a%0db'],
};
