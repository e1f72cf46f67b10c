import { gopher } from '../../lib/gopher/index.ts';
import { describeCuts } from '../cut.ts';
import { listed } from '../helpers.ts';

const FIXTURE = {
  '': {
    menu: [
      'Welcome',
      { type: '0', name: 'About', selector: '/about' },
      { type: '1', name: 'Sub', selector: '/sub', host: 'elsewhere.example', port: 7070 },
      { type: '7', name: 'Find', selector: '/find' },
    ],
  },
  '/about': 'a\r\n.b\r\n\r\nlast\r\n',
  '/file.bin': Buffer.from('89504e470d0a1a0a000d0a2e0d0a00ff', 'hex'),
  '/plus': {
    type: '9',
    name: 'plus',
    content: () => Buffer.from('0123456789'),
    size: 10,
    modified: new Date('2024-01-02T03:04:05Z'),
  },
};
const start = () => gopher.mock(FIXTURE);
const url = (port: number, path: string): string => `gopher://127.0.0.1:${port}${path}`;

describeCuts('a Gopher menu', {
  start,
  exercise: async (port, options) => {
    const { entries, complete } = await listed(gopher.list(url(port, '/'), { ...options, info: true }));
    // the proxy has another port on every run
    const items = entries.map(({ name, kind, meta }) => ({
      name,
      kind,
      type: meta['type'],
      selector: meta['selector'],
    }));
    return { items, complete };
  },
});

describeCuts('a Gopher text', {
  start,
  exercise: async (port, options) => {
    const resource = await gopher.fetch(url(port, '/0/about'), options);
    const text = await resource.text();
    return { text, complete: resource.complete };
  },
});

describeCuts('a Gopher binary', {
  start,
  exercise: async (port, options) => {
    const resource = await gopher.fetch(url(port, '/9/file.bin'), options);
    const octets = (await resource.bytes()).toString('hex');
    return { octets, complete: resource.complete };
  },
});

describeCuts('a Gopher+ view', {
  start,
  exercise: async (port, options) => {
    const resource = await gopher.fetch(url(port, '/9/plus'), { ...options, view: '' });
    const text = await resource.text();
    return { text, complete: resource.complete };
  },
});
