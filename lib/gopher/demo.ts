import type { GopherFixture } from './fixture.ts';

const ABOUT = `Gopher (RFC 1436) is a menu of menus and documents.

.dots at the beginning of a line are doubled on the wire,
and undone again by whoever reads.
`;
const BOOKS = ['The Gopher Manual', 'A Burrow of One’s Own', 'Menus and Mounds'];

/** A small Gopher hole: what `netkit demo` and `netkit gopher serve` without a folder have. */
export const fixture: GopherFixture = {
  '': {
    menu: [
      'Welcome to a Gopher server of netkit.',
      { type: '0', name: 'About', selector: '/about.txt' },
      { type: '1', name: 'Books', selector: '/books' },
      { type: '7', name: 'Search the books', selector: '/find' },
      { type: '9', name: 'Every octet', selector: '/octets.bin' },
      { type: 'h', name: 'The protocol', selector: 'URL:https://www.rfc-editor.org/rfc/rfc1436' },
    ],
  },
  '/about.txt': {
    type: '0',
    name: 'About',
    mediaType: 'text/plain',
    size: Buffer.byteLength(ABOUT),
    modified: new Date('2024-01-02T03:04:05Z'),
    abstract: 'What Gopher is, in four lines',
    content: () => ABOUT,
  },
  '/books': { menu: BOOKS.map((name, i) => ({ type: '0', name, selector: `/books/${i + 1}.txt` })) },
  ...Object.fromEntries(BOOKS.map((name, i) => [`/books/${i + 1}.txt`, `${name}\n`])),
  '/find': (words) => ({
    menu: BOOKS.flatMap((name, i) =>
      name.toLowerCase().includes(words.toLowerCase()) ? [{ type: '0', name, selector: `/books/${i + 1}.txt` }] : [],
    ),
  }),
  '/octets.bin': Uint8Array.from({ length: 65_536 }, (_, i) => i % 256),
};
