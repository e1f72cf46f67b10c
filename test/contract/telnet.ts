import type { TelnetFixture } from '../../lib/telnet/fixture.ts';
import { TelnetMockServer } from '../../lib/telnet/mock-server.ts';
import type { Table } from './table.ts';

const CHUNK = Buffer.alloc(64 * 1024, `${'x'.repeat(62)}\r\n`);

const fixture: TelnetFixture = {
  banner: 'Welcome',
  commands: {
    some: 'One\nTwo ÿ\n',
    echo: (_, words) => words.join(' '),
    large: async function* () {
      for (let i = 0; i < 512; i++) yield CHUNK;
    },
  },
};

/** Says a line when the prompt is there, and leaves. */
const says = (line: string): Record<string, unknown> => ({
  script: [{ expect: '$ ' }, { send: line }, { expect: '$ ' }, { send: 'exit' }],
});

export const table: Table = {
  start: () => TelnetMockServer.start(fixture),
  paths: { open: '/', fetch: '/', info: '/', send: '/' },
  pathless: true,
  silent: ['info'],
  calls: { fetch: says('some'), large: says('large'), info: { idle: 100 } },
  bytes: Buffer.from('Welcome\r\n$ some\r\nOne\r\nTwo ÿ\r\n$ exit\r\nlogout\r\n'),
  large: '/large',
  body: 'echo One\nexit\n',
  dialogue: { say: 'echo hello there\n', hear: '\r\nhello there' },
  refused: ['/%0d%0a', '/a%0ab', '/a%00b', '/%0D'],
};
