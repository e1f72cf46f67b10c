/** The clients of others against our Telnet server. */
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { TelnetEvent } from '../../../lib/telnet/events.ts';
import { type TelnetMockOptions, TelnetMockServer } from '../../../lib/telnet/mock-server.ts';
import { optionName } from '../../../lib/telnet/names.ts';
import type { TelnetSession } from '../../../lib/telnet/server/session.ts';
import { output, run } from '../run.ts';
import { busybox, type Client, curl, inetutils, inetutilsBinary, type Peer, plink, telnetSsl } from './clients.ts';
import { TELNETLIB } from './telnetlib.ts';
import type { Step } from './terminal.ts';

const USER = 'alice';
const PASSWORD = 'alice-pw 1';
const PROMPT = 'alice> ';
const LISTING = Array.from({ length: 40_000 }, (_, i) => `${i} Grüße, 日本語\t😀 ${'x'.repeat(i % 90)}\n`).join('');
const LONG = `${'0123456789 ß '.repeat(10_000)}\n`;
/** Every octet, those that Telnet does something with beside each other, and whatever comes. */
const OCTETS = Buffer.concat([
  Buffer.from(Array.from({ length: 256 }, (_, octet) => octet)),
  Buffer.from('ffff0d0a0d000d0d0a00fffff0ff0dff0a0d', 'hex'),
  randomBytes(300_000),
]);
const NO_RETURNS = Buffer.from(OCTETS.filter((octet) => octet !== 0x0d));

describe('our Telnet server', () => {
  let folder: string;
  let server: TelnetMockServer;
  let seen: TelnetSession | undefined;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'netkit-interop-'));
  });

  after(async () => {
    if (folder) await rm(folder, { recursive: true });
  });

  async function serve(options: TelnetMockOptions = {}): Promise<Peer> {
    seen = undefined;
    const { promise: told, resolve } = deferred();
    const onEvent = ({ type }: TelnetEvent): void => {
      if (type === 'display') resolve();
    };
    const commands = {
      echo: (_: TelnetSession, words: readonly string[]) => words.join(' '),
      listing: LISTING,
      long: LONG,
      octets: () => OCTETS,
      'no returns': () => NO_RETURNS,
      wait: (_: TelnetSession, __: readonly string[], ___: string, signal: AbortSignal) => aborted(signal),
      see: (session: TelnetSession) => {
        seen = session;
        return 'seen';
      },
      // curl tells nothing before it has been told everything that it is to type
      'see all': async (session: TelnetSession) => {
        seen = session;
        await told;
        return 'seen';
      },
    };
    const script = { banner: 'Welcome', users: { [USER]: PASSWORD }, prompt: PROMPT, commands };
    server = await TelnetMockServer.start(script, { ...options, onEvent });
    if (server.ca === undefined) return { port: server.port };
    const ca = join(folder, 'ca.pem');
    await writeFile(ca, server.ca);
    return { port: server.port, ca };
  }

  afterEach(async () => {
    await server?.close();
  });

  /** What a person does: logs in, gives commands and waits for what comes of them, and leaves. */
  function typed(enter: string, ...commands: readonly (readonly [line: string, answer: string] | Step)[]): Step[] {
    const answers = commands.flatMap((each) =>
      'length' in each ? [{ send: `${each[0]}${enter}` }, { expect: each[1] }, { expect: PROMPT }] : [each],
    );
    return [
      ...[{ expect: 'login: ' }, { send: `${USER}${enter}` }],
      ...[{ expect: 'Password: ' }, { send: `${PASSWORD}${enter}` }, { expect: PROMPT }],
      ...answers,
      { send: `exit${enter}` },
    ];
  }

  interface Way {
    readonly client: Client;
    /** What the key Enter is. */
    readonly enter: string;
    readonly tls?: 'implicit';
  }

  const WAYS: Readonly<Record<string, Way>> = {
    'inetutils-telnet': { client: inetutils, enter: '\r' },
    'inetutils-telnet -8': { client: inetutilsBinary, enter: '\r' },
    'busybox telnet': { client: busybox, enter: '\n' },
    plink: { client: plink, enter: '\r' },
    'telnet-ssl': { client: telnetSsl, enter: '\r' },
    'telnet-ssl with TLS': { client: telnetSsl, enter: '\r', tls: 'implicit' },
  };

  for (const [name, { client, enter, tls = 'none' }] of Object.entries(WAYS)) {
    it(`gives ${name} every octet`, async () => {
      const peer = await serve({ tls });
      const commands = [
        ['echo Grüße', 'Grüße\r\n'],
        ['listing', '39999 '],
        ['long', 'ß \r\n'],
        ['octets', ''],
      ] as const;
      const printed = await client(peer, typed(enter, ...commands));
      for (const text of [LISTING, LONG]) expect(printed.includes(text.replaceAll('\n', '\r\n'))).to.equal(true);
      expect(printed.includes(OCTETS)).to.equal(true);
      expect(printed.includes(PASSWORD)).to.equal(false);
      expect(printed.toString()).to.include('logout\r\n');
    });

    it(`is interrupted by ${name}`, async () => {
      const peer = await serve({ tls });
      const interrupt = [{ send: `wait${enter}` }, { expect: 'waiting' }, { send: '\x03' }, { expect: PROMPT }];
      const printed = await client(peer, typed(enter, ...interrupt, ['echo and goes on', 'and goes on\r\n']));
      expect(printed.toString()).to.include('waiting\r\n^C\r\n');
    });
  }

  it('is left by telnet-ssl where it does not know who vouches for it', async () => {
    const { port } = await serve({ tls: 'implicit' });
    const ca = join(folder, 'nobody.pem');
    await writeFile(ca, '');
    expect(`${await telnetSsl({ port, ca }, [])}`).to.not.include('Welcome');
  });

  it('gives curl every octet', async () => {
    const peer = await serve();
    const lines = [USER, PASSWORD, 'echo Grüße', 'listing', 'long', 'no returns', 'exit'];
    const printed = await curl(peer, lines.map((line) => `${line}\n`).join(''));
    for (const text of ['Grüße\n', LISTING, LONG]) {
      expect(printed.includes(text.replaceAll('\n', '\r\n'))).to.equal(true);
    }
    // behind a CR curl loses NUL in BINARY too, and takes IAC for text
    expect(printed.includes(NO_RETURNS)).to.equal(true);
  });

  it('is spoken with by telnetlib, which agrees to nothing', async () => {
    const { port } = await serve();
    const told: unknown = JSON.parse(
      output(
        await run('/usr/bin/python3', ['-I', '-W', 'ignore', '-c', TELNETLIB, `${port}`, USER, PASSWORD, 'long']),
      ).toString(),
    );
    const listing = Buffer.from(`${LONG.replaceAll('\n', '\r\n')}${PROMPT}`);
    expect(told).to.deep.include({
      banner: 'Welcome\r\nlogin: ',
      expected: [1, USER],
      listing: createHash('sha256').update(listing).digest('hex'),
      size: listing.length,
      rest: 'logout\r\n',
    });
    expect(Object(told).asked).to.deep.include(['DO', 24]);
  });

  describe('learns what a client tells of itself', () => {
    const asked: TelnetMockOptions = {
      asks: ['TTYPE', 'NAWS', 'TSPEED', 'XDISPLOC', 'NEW_ENVIRON', 'LFLOW', 'BINARY', 'CHARSET', 'ENCRYPT'],
      offers: ['ECHO', 'SGA', 'STATUS', 'BINARY'],
    };
    const large = { size: [132, 43], env: { TERM: 'xterm', DISPLAY: 'here:0' } } as const;
    const COMMON = ['DO ECHO', 'DO SGA'];

    const TOLD: Readonly<
      Record<string, { client: Client; enter: string; options: readonly string[]; window?: false; told: object }>
    > = {
      'inetutils-telnet': {
        ...{ client: inetutils, enter: '\r' },
        options: [
          ...['DO BINARY', 'DO STATUS', 'WILL BINARY', 'WILL ENCRYPT', 'WILL LFLOW', 'WILL NAWS'],
          ...['WILL NEW_ENVIRON', 'WILL TSPEED', 'WILL TTYPE', 'WILL XDISPLOC'],
        ],
        told: { terminal: 'XTERM', speed: 38_400, display: 'here:0', lineEnd: 'CR' },
      },
      'busybox telnet': {
        ...{ client: busybox, enter: '\n', window: false },
        options: ['WILL NAWS', 'WILL TTYPE'],
        told: { terminal: 'xterm', speed: undefined, display: undefined, lineEnd: 'CR LF' },
      },
      plink: {
        ...{ client: plink, enter: '\r' },
        options: [
          ...['DO BINARY', 'WILL BINARY', 'WILL NAWS', 'WILL NEW_ENVIRON', 'WILL SGA', 'WILL TSPEED', 'WILL TTYPE'],
        ],
        told: { terminal: 'XTERM', speed: 38_400, display: undefined, lineEnd: 'CR' },
      },
      'telnet-ssl': {
        ...{ client: telnetSsl, enter: '\r' },
        options: [
          ...['DO BINARY', 'DO STATUS', 'WILL BINARY', 'WILL LFLOW', 'WILL NAWS', 'WILL NEW_ENVIRON'],
          ...['WILL TSPEED', 'WILL TTYPE', 'WILL XDISPLOC'],
        ],
        told: { terminal: 'xterm', speed: 38_400, display: 'here:0', lineEnd: 'CR' },
      },
    };

    for (const [name, { client, enter, options, window = true, told }] of Object.entries(TOLD)) {
      it(`${name}, which makes its window smaller`, async () => {
        const peer = await serve(asked);
        const steps = [['see', 'seen'], { resize: [100, 30] }, ['echo on', 'on\r\n']] as const;
        await client(peer, typed(enter, ...steps), large);
        expect(agreed()).to.deep.equal([...COMMON, ...options].sort());
        expect(facts()).to.deep.equal(told);
        expect(seen?.client.window).to.deep.equal(window ? { columns: 100, rows: 30 } : { columns: 132, rows: 43 });
      });
    }

    it('curl, as far as it is told to', async () => {
      const peer = await serve(asked);
      const lines = (see: string): string => `${USER}\n${PASSWORD}\n${see}\nexit\n`;
      await curl(peer, lines('see'));
      expect(agreed()).to.deep.equal([...COMMON, 'DO BINARY', 'WILL BINARY', 'WILL NAWS', 'WILL SGA'].sort());
      await curl(peer, lines('see all'), ['TTYPE=vt100', 'XDISPLOC=here:0', 'NEW_ENV=NETKIT,yes', 'WS=100x30']);
      expect(agreed()).to.include.members(['WILL TTYPE', 'WILL XDISPLOC', 'WILL NEW_ENVIRON']);
      expect(facts()).to.include({ terminal: 'vt100', display: 'here:0', lineEnd: 'LF' });
      expect(seen?.client.window).to.deep.equal({ columns: 100, rows: 30 });
      expect([...(seen?.client.environment ?? [])]).to.deep.equal([['NETKIT', 'yes']]);
    });

    it('and takes lines from all when it asks for nothing', async () => {
      const ends: string[] = [];
      for (const [client, enter] of [
        ...([
          [inetutils, '\n'],
          [busybox, '\n'],
          [plink, '\n'],
          [telnetSsl, '\n'],
        ] as const),
      ]) {
        const peer = await serve({ asks: [], offers: [], agrees: [] });
        await client(peer, typed(enter, ['see', 'seen']));
        expect(agreed()).to.deep.equal([]);
        ends.push(seen?.lineEnd ?? 'none');
        await server.close();
      }
      expect(ends).to.deep.equal(['CR LF', 'CR LF', 'LF', 'CR LF']);
    });

    it('and takes lines of inetutils-telnet where they are edited there (LINEMODE)', async () => {
      const peer = await serve({ asks: ['LINEMODE'], offers: ['SGA'] });
      await inetutils(peer, typed('\r', ['see', 'seen'], ['echo Grüße', 'Grüße\n']));
      expect(agreed()).to.include('WILL LINEMODE');
    });
  });

  function agreed(): string[] {
    const options = seen?.options ?? [];
    return options.map(({ side, option }) => `${side === 'local' ? 'DO' : 'WILL'} ${optionName(option)}`).sort();
  }

  function facts(): object {
    const { client, lineEnd } = seen ?? {};
    return { terminal: client?.terminals[0], speed: client?.speed?.transmit, display: client?.display, lineEnd };
  }
});

function deferred(): { promise: Promise<void>; resolve(): void } {
  let resolve = (): void => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

/** Says that it waits, until it is interrupted. */
async function* aborted(signal: AbortSignal): AsyncGenerator<string> {
  yield 'waiting\n';
  await new Promise((resolve) => signal.addEventListener('abort', resolve));
}
