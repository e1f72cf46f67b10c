import { deflateSync } from 'node:zlib';
import { shown } from '../../lib/mock/dialogue.ts';
import { ScriptedServer } from '../../lib/mock/script.ts';
import { telnet } from '../../lib/telnet/index.ts';
import { TelnetMockServer } from '../../lib/telnet/mock-server.ts';
import { describeCuts } from '../cut.ts';

const url = (port: number): string => `telnet://127.0.0.1:${port}`;
const FIXTURE = { users: { ann: 'pw' }, motd: 'Hi €', commands: { date: 'today\n\nor so' } };

describeCuts('a Telnet session: options, a login, a command', {
  start: () => TelnetMockServer.start(FIXTURE),
  exercise: async (port, options) => {
    await using dialogue = await telnet.open(url(port), { ...options, columns: 80, rows: 24 });
    await dialogue.login({ user: 'ann', password: 'pw' }, { ready: '$ ' });
    const motd = (await dialogue.waitFor('$ ')).before;
    await dialogue.writeLine('date');
    const found = await dialogue.waitFor(/date\r\n(?<said>[^$]*)\$ /);
    return { motd, said: found.groups['said'] };
  },
  golden: { motd: 'Hi €\r\n', said: 'today\r\n\r\nor so\r\n' },
});

describeCuts('what a Telnet server says, with a script', {
  start: () => TelnetMockServer.start(FIXTURE),
  exercise: async (port, options) => {
    const script = [{ expect: 'login: ' }, { send: 'ann' }, { expect: ': ' }, { send: 'pw' }, { expect: '$ ' }];
    const resource = await telnet.fetch(url(port), { ...options, script });
    const text = await resource.text();
    return { text, complete: resource.complete };
  },
});

describeCuts('what a Telnet server says, until it ends', {
  start: () =>
    ScriptedServer.start(String.raw`S| a\xff\xff\r\0b\xff\xfd\x18\xff\xfa\x18\x01\xff\xf0\r\n€`, {
      timeouts: { close: 50 },
    }).then(lenient),
  exercise: async (port, options) => {
    const resource = await telnet.fetch(url(port), options);
    const text = await resource.text();
    return { text, complete: resource.complete };
  },
});

describeCuts('what a Telnet server compresses', {
  start: () =>
    ScriptedServer.start(
      String.raw`
      S| \xff\xfb\x56
      C| \xff\xfd\x56
      S| a\xff\xfa\x56\xff\xf0${shown(deflateSync(Buffer.from('packed '.repeat(9))))}z.`,
      { timeouts: { close: 50 } },
    ).then(lenient),
  exercise: async (port, options) => {
    await using dialogue = await telnet.open(url(port), { ...options, compress: true });
    return (await dialogue.waitFor('z.')).text;
  },
});

/** That it could not say its part is not asked here. */
function lenient(server: ScriptedServer): { readonly port: number; close(): Promise<unknown> } {
  return { port: server.port, close: () => server.close().catch(() => {}) };
}
