import { rmSync } from 'node:fs';
import {
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { expect } from 'chai';
import { UsageError } from '../../lib/core/errors.ts';
import { folderFixture } from '../../lib/pop3/folder.ts';
import { Pop3MockServer } from '../../lib/pop3/mock-server.ts';
import { MaildirSpool } from '../../lib/pop3/server/maildir.ts';
import { rejection } from '../helpers.ts';
import { IN, playAgainst } from './mock.ts';

const OUT = 'C: QUIT\nS~ ^\\+OK\n*: close\n';
const FAILED = 'C: QUIT\nS: -ERR [SYS/TEMP] some deleted messages not removed\n*: close\n';

let base: string;
let path: string;
let server: Pop3MockServer | undefined;

async function serve(): Promise<Pop3MockServer> {
  server = await Pop3MockServer.start(await folderFixture(path));
  return server;
}

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'netkit-'));
});
afterEach(async () => {
  await server?.close();
  server = undefined;
  await rm(base, { recursive: true });
});

describe('A Maildir that is served by POP3', () => {
  beforeEach(async () => {
    path = join(base, 'Maildir');
    for (const part of ['cur', 'new', 'tmp']) await mkdir(join(path, part), { recursive: true });
    await writeFile(join(path, 'cur', '1000.a.host:2,S'), 'Subject: one\n\n.dot\n');
    await writeFile(join(path, 'new', '1001.b.host'), 'Subject: two\n\nno end');
    await writeFile(join(path, 'tmp', '1002.c.host'), 'not yet');
    await writeFile(join(path, 'cur', '.hidden'), 'not this');
    await symlink('/etc/passwd', join(path, 'new', '1003.d.host'));
  });

  it('has its messages in their order, with their names as ids', async () => {
    const dialogue = `${IN}
      C: LIST
      S: +OK 2 messages (46 octets)
      S: 1 22
      S: 2 24
      S: .
      C: UIDL
      S~ ^\\+OK
      S: 1 1000.a.host
      S: 2 1001.b.host
      S: .
      C: RETR 1
      S: +OK 22 octets
      S: Subject: one
      S:
      S: ..dot
      S: .
      C: TOP 2 1
      S~ ^\\+OK
      S: Subject: two
      S:
      S: no end
      S: .
    `;
    await playAgainst(await serve(), dialogue);
  });

  it('loses the files of what was deleted, at QUIT', async () => {
    const its = await serve();
    await playAgainst(its, `${IN}C: DELE 1\nS~ ^\\+OK\nC: RSET\nS~ ^\\+OK\nC: DELE 2\nS~ ^\\+OK\n${OUT}`);
    expect(await readdir(join(path, 'cur'))).to.have.members(['.hidden', '1000.a.host:2,S']);
    expect(await readdir(join(path, 'new'))).to.deep.equal(['1003.d.host']);
    await playAgainst(its, `${IN}C: UIDL 1\nS: +OK 1 1000.a.host\n${OUT}`);
  });

  it('keeps its ids when flags change, and finds the files also during a session', async () => {
    const its = await serve();
    await rename(join(path, 'new', '1001.b.host'), join(path, 'cur', '1001.b.host:2,S'));
    await playAgainst(its, `${IN}C: UIDL 2\nS: +OK 2 1001.b.host\n${OUT}`);
    its.faults.add({ verb: 'NOOP', delay: 1 });
    const flagged = rename.bind(undefined, join(path, 'cur', '1000.a.host:2,S'), join(path, 'cur', '1000.a.host:2,FS'));
    its.faults.add({ verb: 'NOOP', reply: '+OK' });
    const playing = playAgainst(
      its,
      `${IN}C: NOOP\nS~ ^\\+OK\nC: RETR 1\nS~ ^\\+OK\nS: Subject: one\nS:\nS: ..dot\nS: .\nC: DELE 1\nS~ ^\\+OK\n${OUT}`,
    );
    await its.waitFor("S: +OK user's maildrop has 2 messages");
    await flagged();
    await playing;
    expect(await readdir(join(path, 'cur'))).to.have.members(['.hidden', '1001.b.host:2,S']);
  });

  it('has a digest where a name can be no id', async () => {
    await writeFile(join(path, 'new', `1004.${'x'.repeat(80)}`), 'long');
    await writeFile(join(path, 'new', '1005.é'), 'not ASCII');
    const uids = `C: UIDL\nS~ ^\\+OK\nS~ ^1 1000\nS~ ^2 1001\nS~ ^3 [0-9a-f]{32}$\nS~ ^4 [0-9a-f]{32}$\nS: .\n`;
    await playAgainst(await serve(), IN + uids);
  });

  it('may lose a file during a session: only that message cannot be read, and the next session has it not', async () => {
    const its = await serve();
    its.faults.add({ verb: 'NOOP', reply: '+OK', delay: 20 });
    const playing = playAgainst(
      its,
      `${IN}C: NOOP\nS: +OK\nC: STAT\nS: +OK 2 46\nC: LIST\nS~ ^\\+OK\nS: 1 22\nS: 2 24\nS: .\nC: RETR 1\nS~ ^-ERR \\[SYS/TEMP]\nC: RETR 2\nS~ ^\\+OK\nS~ .\nS:\nS~ .\nS: .\n${OUT}`,
    );
    await its.waitFor('C: NOOP');
    await rm(join(path, 'cur', '1000.a.host:2,S'));
    await playing;
    await playAgainst(its, `${IN}C: STAT\nS: +OK 1 24\n${OUT}`);
  });

  it('may lose a file while a session begins: it is not among them', async () => {
    for (let i = 1; i <= 300; i++) await writeFile(join(path, 'new', `2000.${i}.host`), 'x');
    const opening = new MaildirSpool(path).open();
    await setImmediate();
    rmSync(join(path, 'new', '2000.99.host'));
    const uids = (await opening).map(({ uid }) => uid);
    expect(uids).to.have.length(301).and.not.include('2000.99.host');
  });

  it('is read anew by each session', async () => {
    const its = await serve();
    await writeFile(join(path, 'new', '0999.z.host'), 'Subject: zero\n\n');
    await playAgainst(its, `${IN}C: UIDL 1\nS: +OK 1 0999.z.host\n${OUT}`);
  });

  it('is a folder with the folders of one', async () => {
    await rm(join(path, 'new'), { recursive: true });
    expect(await rejection(folderFixture(path)))
      .to.be.instanceOf(UsageError)
      .with.property('message')
      .that.contains('no Maildir');
    expect(await rejection(folderFixture(join(base, 'nothing')))).to.have.property('code', 'ENOENT');
  });
});

describe('A mailbox in one file that is served by POP3', () => {
  const ONE = 'From a@example.org Sat Jan  3 01:05:34 1996\nSubject: one\n\n>From here\n.dot\n\n';
  const TWO = 'From b@example.org Sun Jan  4 01:05:34 1996\nSubject: two\n\ntext\nFrom is no start here\n\n';
  const THREE = 'From c Mon Jan  5 01:05:34 1996\nSubject: one\n\n>From here\n.dot\n\n';
  beforeEach(async () => {
    path = join(base, 'inbox.mbox');
    await writeFile(path, ONE + TWO + THREE);
    await chmod(path, 0o640);
  });

  it('has its messages as they were before they were put there', async () => {
    const dialogue = `${IN}
      C: STAT
      S~ ^\\+OK 3 
      C: RETR 1
      S~ ^\\+OK
      S: Subject: one
      S:
      S: From here
      S: ..dot
      S: .
      C: RETR 2
      S~ ^\\+OK
      S: Subject: two
      S:
      S: text
      S: From is no start here
      S: .
    `;
    await playAgainst(await serve(), dialogue);
  });

  it('loses what was deleted, and nothing else of it changes', async () => {
    const its = await serve();
    await playAgainst(its, `${IN}C: DELE 2\nS~ ^\\+OK\n${OUT}`);
    expect(await readFile(path, 'utf8')).to.equal(ONE + THREE);
    expect((await stat(path)).mode & 0o777).to.equal(0o640);
    expect(await readdir(base)).to.deep.equal(['inbox.mbox']);
    await playAgainst(its, `${IN}C: DELE 1\nS~ ^\\+OK\nC: DELE 2\nS~ ^\\+OK\n${OUT}`);
    expect(await readFile(path, 'utf8')).to.equal('');
    await playAgainst(its, `${IN}C: STAT\nS: +OK 0 0\n${OUT}`);
  });

  it('has the same ids in every session, and one for each of the same messages', async () => {
    const its = await serve();
    await playAgainst(
      its,
      `${IN}C: UIDL\nS~ ^\\+OK\nS~ ^1 [0-9a-f]{32}$\nS~ ^2 [0-9a-f]{32}$\nS~ ^3 [0-9a-f]{32}-2$\nS: .\n${OUT}`,
    );
    await playAgainst(its, `${IN}C: UIDL 2\nS~ .\n${OUT}`);
    const [first, second] = its.transcript.lines.filter(({ text }) => /2 [0-9a-f]{32}$/.test(text));
    expect(second?.text).to.equal(`+OK ${first?.text}`);
  });

  for (const [what, change] of [
    ['more has come', async () => writeFile(path, THREE, { flag: 'a' })],
    ['it was written anew', async () => writeFile(path, ONE + TWO + THREE.replace('one', 'two'))],
    ['it is as long, but younger', async () => utimes(path, 1, 1)],
  ] as const) {
    it(`is not touched where ${what}`, async () => {
      const its = await serve();
      const playing = playAgainst(its, `${IN}C: DELE 1\nS~ ^\\+OK\nC: NOOP\nS~ ^\\+OK\n${FAILED}`);
      its.faults.add({ verb: 'NOOP', delay: 50 });
      await its.waitFor('S: +OK message 1 deleted');
      await change();
      const changed = await readFile(path, 'utf8');
      await playing;
      expect(await readFile(path, 'utf8')).to.equal(changed);
      expect(await readdir(base)).to.deep.equal(['inbox.mbox']);
    });
  }

  it('is one, and not something else', async () => {
    await writeFile(path, 'Subject: a message\n\n');
    expect(await rejection(folderFixture(path))).to.be.instanceOf(UsageError);
    await writeFile(path, '');
    await playAgainst(await serve(), `${IN}C: STAT\nS: +OK 0 0`);
  });
});
