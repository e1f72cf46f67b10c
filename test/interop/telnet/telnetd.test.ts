/** Our Telnet client against two telnetd: the one of Debian, and the one of small devices. */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { expect } from 'chai';
import { ConnectionError, ReplyError, TimeoutError, Transcript, telnet } from '../../../lib/index.ts';
import type { TelnetDialogue } from '../../../lib/telnet/dialogue.ts';
import { OPTIONS } from '../../../lib/telnet/names.ts';
import { rejection } from '../../helpers.ts';
import { type Peer, start } from '../start.ts';
import { ask, described, Events, LOGIN, logIn, type Options, PROMPT, type Seeded, seeded } from './session.ts';

/** A shell that has not begun to wait for a program yet may lose an interrupt. */
const SLEEP = "sh -c 'echo started; exec sleep 100'";

interface Way {
  readonly server: 'inetutils-telnetd' | 'busybox-telnetd';
  readonly port: string;
  readonly tls?: true;
  /** Whose octets all come. busybox puts no NUL behind a CR, so that one that was there is lost. */
  readonly octets: string;
  /** A window of so many rows: busybox does not know that 255 is said twice. */
  readonly rows: number;
}

const INETUTILS = { server: 'inetutils-telnetd', octets: 'octets.bin', rows: 255 } as const;

const WAYS: Readonly<Record<string, Way>> = {
  'inetutils-telnetd': { ...INETUTILS, port: 'telnet' },
  'inetutils-telnetd with TLS': { ...INETUTILS, port: 'telnets', tls: true },
  'inetutils-telnetd that asks for LINEMODE': { ...INETUTILS, port: 'linemode' },
  'the telnetd of busybox': { server: 'busybox-telnetd', port: 'telnet', octets: 'no-returns.bin', rows: 254 },
};

describe('a telnetd', () => {
  const servers = new Map<string, Peer>();

  before(async () => {
    for (const name of ['inetutils-telnetd', 'busybox-telnetd']) servers.set(name, await start(name));
  });

  after(async () => {
    for (const server of servers.values()) await server.close();
  });

  for (const [name, way] of Object.entries(WAYS)) {
    describe(`which is ${name}`, () => {
      let url: string;
      let tls: Options;
      let file: (name: string) => Promise<Seeded>;
      const { octets, rows } = way;
      let dialogue: TelnetDialogue | undefined;

      before(async () => {
        const server = servers.get(way.server);
        if (!server) throw new Error('it has not been started');
        url = `${way.tls ? 'telnets' : 'telnet'}://localhost:${server.port(way.port)}`;
        tls = way.tls ? { tls: { ca: await readFile(server.get('ca'), 'utf8') } } : {};
        file = (each) => seeded(server, each);
      });

      afterEach(async () => {
        await dialogue?.close();
        dialogue = undefined;
      });

      async function loggedIn(options: Options = {}): Promise<TelnetDialogue> {
        dialogue = await logIn(url, { ...tls, ...options });
        return dialogue;
      }

      it('lets in, runs commands, and ends', async () => {
        const shell = await loggedIn();
        expect(await ask(shell, 'echo Grüße, 日本語')).to.equal('Grüße, 日本語\n');
        expect(await ask(shell, "printf 'a\\rb\\r\\n'")).to.equal('a\rb\r\n');
        await shell.writeLine('exit');
        expect(await shell.readToEnd()).to.equal('exit\r\nlogout\r\n');
      });

      it('lets in whose name and password are not ASCII', async () => {
        dialogue = await telnet.open(url, tls);
        await dialogue.login({ user: 'jürgen', password: 'pässwörd' });
        await dialogue.waitFor('jürgen@debian:$ ');
      });

      it('sends a listing of 3 MiB, every octet', async () => {
        // the terminals of busybox have no tabs
        const text = await ask(await loggedIn(), 'stty tab0; cat listing.txt');
        expect(described(Buffer.from(text))).to.deep.equal(await file('listing.txt'));
      });

      it('sends every octet there is, and shows no password', async () => {
        const transcript = new Transcript();
        const shell = await loggedIn({ charset: 'latin1', transcript });
        await shell.writeLine(`stty raw -echo; echo BEGIN; cat ${octets}; echo END; stty sane`);
        await shell.waitFor('BEGIN\n');
        const { before } = await shell.waitFor('END\n', { timeout: 20_000 });
        expect(described(Buffer.from(before, 'latin1'))).to.deep.equal(await file(octets));
        expect(`${transcript}`).to.not.include(LOGIN.password);
      });

      it('is told of the window, at once and when it changes', async () => {
        const shell = await loggedIn({ columns: 132, rows: 43 });
        expect(await ask(shell, 'stty size')).to.equal('43 132\n');
        shell.resize(70, rows);
        expect(await ask(shell, 'stty size')).to.equal(`${rows} 70\n`);
      });

      it('refuses a wrong password, and then nobody is there', async () => {
        for (const wrong of [{ password: 'guess' }, { user: 'nobody-here' }]) {
          dialogue = await telnet.open(url, tls);
          const error = await rejection(dialogue.login({ ...LOGIN, ...wrong }));
          expect(error).to.be.instanceOf(ReplyError).and.include({ reason: 'auth' });
          expect(`${error}`).to.include('Login incorrect').and.not.include('guess');
          await dialogue.close();
        }
      });

      it('is interrupted as at a keyboard', async () => {
        const shell = await loggedIn();
        await shell.writeLine(SLEEP);
        await shell.waitFor('started\r\n');
        await shell.write('\x03');
        await shell.waitFor(PROMPT);
      });

      it('is waited for no longer than it was said, and then the dialogue goes on', async () => {
        const shell = await loggedIn();
        await shell.writeLine('printf half; sleep 0.5; echo w""hole');
        const error = await rejection(shell.waitFor('whole\r', { timeout: 200 }));
        expect(error).to.be.instanceOf(TimeoutError);
        expect((await shell.waitFor(`whole\r\n${PROMPT}`)).before).to.match(/\r\nhalf$/);
      });

      it('is heard to the end when it ends before what was waited for', async () => {
        const shell = await loggedIn();
        await shell.writeLine('exit');
        const error = await rejection(shell.waitFor(PROMPT));
        expect(error).to.be.instanceOf(ConnectionError);
        expect(shell.available()).to.equal('exit\r\nlogout\r\n');
      });
    });
  }

  describe('which is inetutils-telnetd, and BSD’s', () => {
    let url: string;
    let shell: TelnetDialogue | undefined;

    before(() => {
      url = `telnet://localhost:${servers.get('inetutils-telnetd')?.port('telnet')}`;
    });

    afterEach(async () => {
      await shell?.close();
      shell = undefined;
    });

    it('agrees on as little as is needed', async () => {
      const events = new Events();
      shell = await logIn(url, { onEvent: events.onEvent });
      expect(events.options).to.deep.equal(['local BINARY', 'local TTYPE', 'remote ECHO', 'remote SGA']);
      expect(await ask(shell, 'echo $TERM $NETKIT; stty size')).to.equal('dumb\n0 0\n');
    });

    it('agrees on everything that is given', async () => {
      const events = new Events();
      const { onEvent } = events;
      const told = { terminal: 'xterm', columns: 80, rows: 24, env: { NETKIT: 'Grüße', PATH: '/x' }, speed: 9600 };
      shell = await logIn(url, { ...told, status: true, onEvent });
      expect(events.options).to.deep.equal([
        ...['local BINARY', 'local NAWS', 'local NEW_ENVIRON', 'local TSPEED', 'local TTYPE'],
        ...['remote ECHO', 'remote SGA', 'remote STATUS'],
      ]);
      expect(await ask(shell, 'echo $TERM $NETKIT $PATH; stty speed')).to.match(/^xterm Grüße .*:.*\n9600\n$/);
    });

    it('asks only for the password of whom it is told', async () => {
      shell = await telnet.open(url, { env: { USER: LOGIN.user } });
      await shell.login(LOGIN);
      const { before } = await shell.waitFor(PROMPT);
      expect(before).to.include('Linux debian');
    });

    it('sends text as it is in BINARY, and what it was sends back', async () => {
      const events = new Events();
      shell = await logIn(url, { charset: 'latin1', onEvent: events.onEvent });
      shell.request('remote', OPTIONS.BINARY, true);
      await ask(shell, 'true');
      expect(events.options).to.include('remote BINARY');
      await shell.writeLine('cat octets.bin; echo END');
      await shell.waitFor('echo END\n');
      const { before } = await shell.waitFor('END\n');
      const server = servers.get('inetutils-telnetd');
      if (!server) throw new Error('it has not been started');
      expect(described(Buffer.from(before, 'latin1'))).to.deep.equal(await seeded(server, 'octets.bin'));
    });

    it('takes a million octets of all kinds', async () => {
      shell = await logIn(url);
      const octets = Buffer.concat([Buffer.from('ffff0d0a0d000d0d0a00fff0ff0d', 'hex'), randomBytes(1_000_000)]);
      await shell.writeLine(`stty raw -echo; echo BEGIN; head -c ${octets.length} | sha256sum; stty sane`);
      await shell.waitFor('BEGIN\n');
      await shell.writeBytes(octets);
      const { before } = await shell.waitFor(PROMPT);
      expect(before).to.match(/^[0-9a-f]{64} /);
      expect(before).to.include(described(octets).sha256);
    });

    it('is a stream of octets in both directions', async () => {
      shell = await logIn(url);
      const stream = shell.duplex();
      stream.write('echo Grüße\rexit\r');
      expect(await text(stream))
        .to.include('\r\nGrüße\r\n')
        .and.match(/logout\r\n$/);
    });

    it('is interrupted by a command of the protocol', async () => {
      shell = await logIn(url);
      await shell.writeLine(SLEEP);
      await shell.waitFor('started\r\n');
      await shell.command('IP');
      await shell.waitFor(PROMPT);
    });

    it('says that it is there', async () => {
      shell = await logIn(url);
      await shell.command('AYT');
      await shell.waitFor('[Yes]');
    });

    it('says what it believes is in use', async () => {
      const events = new Events();
      shell = await logIn(url, { status: true, onEvent: events.onEvent });
      shell.subnegotiate(OPTIONS.STATUS, Buffer.of(1));
      await ask(shell, 'true');
      const status = events.all.find(({ type }) => type === 'status');
      expect(
        status?.type === 'status' && status.options.map(({ side, name }) => `${side} ${name}`).sort(),
      ).to.deep.equal(events.options);
    });

    it('makes no timing marks, which is an answer too', async () => {
      shell = await logIn(url);
      await shell.timingMark();
    });
  });
});
