/** A client of games against our Telnet server: what only they use. */
import { expect } from 'chai';
import type { TelnetEvent } from '../../../lib/telnet/events.ts';
import { type TelnetMockOptions, TelnetMockServer } from '../../../lib/telnet/mock-server.ts';
import type { TelnetSession } from '../../../lib/telnet/server/session.ts';
import { tintin } from './clients.ts';

const LISTING = Array.from({ length: 5_000 }, (_, i) => `${i} Grüße, 日本語 ${'x'.repeat(i % 50)}\n`).join('');
const PROMPT = '> ';
const AGREE_TO_GMCP = { 'IAC WILL GMCP': '#send {\\xFF\\xFD\\xC9\\}' };

describe('our Telnet server, as a game for TinTin++', () => {
  let server: TelnetMockServer;
  let events: TelnetEvent[];

  async function play(
    options: TelnetMockOptions,
    does: Readonly<Record<string, string>>,
    command: string,
    answer: string,
  ): Promise<string> {
    events = [];
    const commands = {
      listing: LISTING,
      tell: (session: TelnetSession) => {
        session.gmcp('Char.Vitals', { hp: 7 });
        return 'told';
      },
    };
    const onEvent = (event: TelnetEvent): void => {
      events.push(event);
    };
    server = await TelnetMockServer.start({ banner: 'A game', prompt: PROMPT, commands }, { ...options, onEvent });
    const steps = [{ expect: PROMPT }, { send: `${command}\r` }, { expect: answer }, { send: 'exit\r' }];
    const printed = await tintin(does)(server, [...steps, { expect: 'logout' }], { size: [100, 40] });
    return `${printed}`;
  }

  afterEach(async () => {
    await server?.close();
  });

  it('is compressed in both directions (MCCP2, MCCP3)', async () => {
    const printed = await play({ offers: ['SGA', 'MCCP2', 'MCCP3'], compress: true }, {}, 'listing', '4999 ');
    expect(printed).to.include(LISTING.replaceAll('\n', '\r\n'));
    for (const direction of ['in', 'out'])
      expect(events).to.deep.include({ type: 'compression', direction, active: true });
  });

  it('tells what it has to tell (GMCP)', async () => {
    const does = { ...AGREE_TO_GMCP, 'IAC SB GMCP': '#showme {Heard: %0 %1}' };
    const printed = await play({ offers: ['SGA', 'GMCP'], gmcp: true }, does, 'tell', 'Heard: Char.Vitals {hp}{7}');
    expect(printed).to.include('told');
  });

  it('says what it is (MSSP)', async () => {
    // it takes part in MSSP only where it shows it
    const does = { 'SESSION CREATED': '#config {debug telnet} {on}', 'IAC SB MSSP': '#showme {MSSP: %0 = %1}' };
    const mssp = { NAME: 'interop', PLAYERS: 3 };
    const printed = await play({ offers: ['SGA', 'MSSP'], mssp }, does, 'listing', '4999 ');
    expect(printed).to.include('MSSP: NAME = interop').and.include('MSSP: PLAYERS = 3');
  });

  it('agrees on a character set, marks its prompts, and learns of the terminal', async () => {
    await play({ offers: ['SGA', 'CHARSET', 'EOR'] }, {}, 'listing', '4999 ');
    expect(events).to.deep.include({ type: 'charset', charset: 'UTF-8' });
    expect(events).to.deep.include({ type: 'option', side: 'local', option: 25, name: 'EOR', enabled: true });
    expect(events).to.deep.include({ type: 'window-size', columns: 100, rows: 40 });
    const types = events.filter((event) => event.type === 'terminal-type').at(-1);
    expect(types).to.include({ whole: true });
    expect(types?.types[0]).to.equal('TINTIN++');
    expect(types?.types.at(-1)).to.match(/^MTTS \d+$/);
  });
});
