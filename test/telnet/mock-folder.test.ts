import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { UsageError } from '../../lib/core/errors.ts';
import { fixture as demo } from '../../lib/telnet/demo.ts';
import { folderFixture } from '../../lib/telnet/folder.ts';
import { TelnetMockServer } from '../../lib/telnet/mock-server.ts';
import { rejection } from '../helpers.ts';
import { playAgainst, QUIET } from './mock.ts';

describe('A folder that is served by Telnet', () => {
  let base: string;
  let root: string;
  let server: TelnetMockServer;
  beforeEach(async () => {
    base = await mkdtemp(join(tmpdir(), 'netkit-'));
    root = join(base, 'root');
    await mkdir(join(root, 'sub'), { recursive: true });
    await writeFile(join(base, 'outside.txt'), 'SECRET\n');
    await writeFile(join(root, 'a.txt'), 'one\ntwo\r\nthree');
    await writeFile(join(root, 'sub', 'b.txt'), 'b\n');
    server = await TelnetMockServer.start(await folderFixture(root), QUIET);
  });
  afterEach(async () => {
    await server.close();
    await rm(base, { recursive: true });
  });
  const MOTD = 'S: Say help for what there is.\nS| / $ \n';

  it('is listed, and its files are read, with CR LF as their line ends', async () => {
    await playAgainst(
      server,
      `${MOTD}
      C: ls
      S: a.txt
      S: sub/
      S| / $ 
      C: cat a.txt sub/b.txt
      S: one
      S: two
      S: threeb
      S| / $ 
      C: ls sub
      S: b.txt
      S| / $ `,
    );
  });

  it('can be walked through, by each session for itself', async () => {
    await playAgainst(server, `${MOTD}C: cd sub\nS| /sub $ \nC: ls\nS: b.txt\nS| /sub $ \nC: pwd\nS: /sub\nS| /sub $ `);
    await playAgainst(server, `${MOTD}C: cd nowhere\nS: cd: "nowhere": no such folder\nS| / $ `);
    await playAgainst(server, `${MOTD}C: cd sub\nS| /sub $ \nC: cd ..\nS| / $ \nC: cd sub\nS| /sub $ \nC: cd\nS| / $ `);
  });

  it('is not left: not upwards, not by an absolute path, not through a link', async () => {
    await symlink(join(base, 'outside.txt'), join(root, 'link.txt'));
    await symlink(base, join(root, 'up'));
    const links = ['link.txt', 'up/outside.txt'];
    const paths = [
      '../outside.txt',
      '/../outside.txt',
      'sub/../../outside.txt',
      join(base, 'outside.txt'),
      '..',
      'a\\b',
    ];
    const refused = [...links, ...paths, '.', 'sub'];
    for (const path of refused) {
      await playAgainst(server, `${MOTD}C: cat ${path}\nS~ ^cat: ".*": no such file\nS| / $ `);
    }
    for (const path of ['up', 'link.txt']) {
      await playAgainst(server, `${MOTD}C: cd ${path}\nS~ ^cd: ".*": no such folder\nS| / $ `);
    }
    // above the root is the root
    await playAgainst(server, `${MOTD}C: cd ../..\nS| / $ \nC: ls\nS: a.txt\nS: sub/\nS| / $ `);
    expect(`${server.transcript}`).not.to.include('SECRET');
  });

  it('has nothing whose name begins with a dot, and lists no name that would do something to a terminal', async () => {
    await writeFile(join(root, '.hidden'), 'SECRET');
    await mkdir(join(root, '.git'));
    await writeFile(join(root, '.git', 'config'), 'SECRET');
    await symlink('.git', join(root, 'git'));
    await writeFile(join(root, 'z\x1b[2J\n'), 'x');
    await playAgainst(
      server,
      `${MOTD}C: ls\nS: a.txt\nS: sub/\nS: z?[2J?\nS| / $ \nC: cat .hidden git/config\nS~ ^cat:\nS~ ^cat:\nS| / $ `,
    );
  });

  it('does not wait for what is no file', async () => {
    execFileSync('mkfifo', [join(root, 'pipe')]);
    await playAgainst(server, `${MOTD}C: cat pipe\nS: cat: "pipe": no such file\nS| / $ \nC: ls\nS: a.txt\nS: sub/\n`);
  });

  it('gives large files octet by octet, whatever is in them', async () => {
    const octets = randomBytes(300_000).map((octet) => (octet === 10 || octet === 13 ? 65 : octet));
    await writeFile(join(root, 'large'), octets);
    const socket = connect(server.port, '127.0.0.1');
    socket.end('cat large\r\nexit\r\n');
    const parts: Buffer[] = [];
    for await (const part of socket) parts.push(part);
    const text = Buffer.concat(parts).toString('latin1').replaceAll('\xff\xff', '\xff');
    expect(text).to.equal(`Say help for what there is.\r\n/ $ ${Buffer.from(octets).toString('latin1')}/ $ logout\r\n`);
  });

  it('has commands for trying a client', async () => {
    await playAgainst(
      server,
      `${MOTD}
      C: echo a  b
      S: a b
      S| / $ 
      C: big 2
      S:         1 abcdefghijklmnopqrstuvwxyz0123456789 the quick brown
      S:         2 abcdefghijklmnopqrstuvwxyz0123456789 the quick brown
      S| / $ 
      C: big x
      S~ ^big: give a number
      S| / $ 
      C: who
      S~ ^from
      S: charset    UTF-8
      S: lines end  CR LF
      S| / $ 
      C: help
      S~ ^help`,
    );
  });

  it('must be one', async () => {
    expect(await rejection(folderFixture(join(root, 'a.txt')))).to.be.instanceOf(UsageError);
  });
});

describe('The demonstration of Telnet', () => {
  it('has a login, a menu, something to interrupt and something secret', async () => {
    await using server = await TelnetMockServer.start(demo, QUIET);
    expect(server.login).to.deep.equal({ user: 'user', password: 'password' });
    await playAgainst(
      server,
      `
      S: Welcome to the netkit Telnet server.
      S| login: 
      C: user
      S| Password: 
      C: password
      S: Say help for what there is.
      S| $ 
      C: count
      S: 1
      C| \\xff\\xf4
      S| $ 
      C: secret
      S| Something secret: 
      C: abc
      S: That has 3 characters.
      S| $ 
      C: exit
      S: logout
      *: close`,
    );
    expect(`${server.transcript}`).not.to.include('abc');
  });
});
