/** `netkit pop3`, as people use it: against dovecot, and served to the clients of others. */
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { inFolder, netkit, netkitServe, output, type Ran, type Running, records } from '../run.ts';
import { type Peer, start } from '../start.ts';
import { type Account, fetchmail, getmail, mpop, mutt } from './clients.ts';

describe('netkit pop3', () => {
  let server: Peer;
  let folder: string;
  let url: string;
  let manifest: readonly {
    readonly kind: string;
    readonly subject: string | null;
    readonly size: number;
    readonly sha256: string;
  }[];

  before(async () => {
    server = await start('dovecot');
    manifest = JSON.parse(await readFile(server.get('manifest'), 'utf8'));
    folder = await mkdtemp(join(tmpdir(), 'netkit-interop-'));
    await writeFile(join(folder, 'alice'), 'alice-pw 1\n', { mode: 0o600 });
    await writeFile(join(folder, 'spare'), 'spare-pw\n', { mode: 0o600 });
    url = `pop3s://localhost:${server.port('pop3s')}`;
  });

  after(async () => {
    await server?.close();
    if (folder) await rm(folder, { recursive: true });
  });

  async function pop3(verb: string, target: string, ...more: readonly string[]): Promise<Ran> {
    return as('alice', verb, target, ...more);
  }

  async function as(user: string, verb: string, target: string, ...more: readonly string[]): Promise<Ran> {
    const login = ['--user', user, '--password-file', join(folder, user.replace(/\d$/, ''))];
    return netkit(['pop3', verb, target, ...more, ...login, '--cacert', server.get('ca')]);
  }

  /** What dovecot has given an end to is another message on the wire. */
  function expected(): string[] {
    return manifest.filter(({ kind }) => kind !== 'no-final-newline').map(({ sha256 }) => sha256);
  }

  it('lists', async () => {
    const listed = records(await pop3('list', `${url}/`, '--json'));
    expect(listed.map((each) => Object(each).size)).to.deep.equal(manifest.map(({ size }) => size));
  });

  it('fetches a message, by number and by id, and prints nothing else', async () => {
    const [first] = records(await pop3('list', `${url}/`, '--json'));
    const { uid } = Object(first).meta;
    for (const path of ['/1', `/;UIDL=${uid}`]) {
      const { status, stdout, stderr } = await pop3('fetch', `${url}${path}`);
      expect({ status, stderr, sha256: sha256(stdout) }).to.deep.equal({
        ...{ status: 0, stderr: '' },
        sha256: manifest[0]?.sha256,
      });
    }
  });

  it('fetches everything into a Maildir, every octet', async () => {
    await inFolder(async (home) => {
      output(await pop3('fetch', `${url}/`, '--all', '--maildir', join(home, 'mail')));
      const files = await readdir(join(home, 'mail', 'new'));
      expect(files).to.have.length(manifest.length);
      const found = await Promise.all(
        files.map(async (name) => sha256(crlf(await readFile(join(home, 'mail', 'new', name))))),
      );
      expect(found).to.include.members(expected());
    });
  });

  it('fetches what is new, once', async () => {
    await inFolder(async (home) => {
      const more = ['--new', '--state', join(home, 'state'), '--mbox', join(home, 'mbox')];
      for (const _ of ['first', 'again']) {
        output(await pop3('fetch', `${url}/`, ...more));
        const mailbox = await readFile(join(home, 'mbox'), 'latin1');
        expect(mailbox.match(/^From /gm)).to.have.length(manifest.length);
      }
    });
  });

  it('searches, and informs', async () => {
    const found = records(await pop3('search', `${url}/`, 'subject:"Topic 2"', '--json'));
    expect(found).to.have.length(manifest.filter(({ subject }) => subject?.endsWith('Topic 2')).length);
    const [info] = records(await pop3('info', `${url}/1`, '--json'));
    expect(info).to.include({ size: manifest[0]?.size });
    const [report] = records(await pop3('check', `${url}/`, '--json'));
    expect(report).to.include({ secure: true, messages: manifest.length });
  });

  it('removes for good', async () => {
    const before = records(await as('spare7', 'list', `${url}/`, '--json'));
    output(await as('spare7', 'remove', `${url}/2`));
    const after = records(await as('spare7', 'list', `${url}/`, '--json'));
    const ids = (entries: readonly unknown[]): string[] => entries.map((each) => Object(each).meta.uid);
    expect(ids(after)).to.deep.equal(ids(before).filter((_, at) => at !== 1));
  });

  it('ends with 7 for a wrong password, with 8 for what is not there, with 5 for whom nobody vouches for', async () => {
    await writeFile(join(folder, 'bob'), 'guess\n', { mode: 0o600 });
    expect(await as('bob', 'list', `${url}/`)).to.include({ status: 7 });
    expect(await pop3('fetch', `${url}/999`)).to.include({ status: 8 });
    const login = ['--user', 'alice', '--password-file', join(folder, 'alice')];
    expect(await netkit(['pop3', 'list', `${url}/`, ...login])).to.include({ status: 5 });
  });

  describe('serve', () => {
    const texts = ['.\n..\nfirst\n', 'Grüße\n', 'third\n'].map((body, at) => `From: a@x\nSubject: ${at}\n\n${body}`);
    let serving: Running;
    let account: Account;
    let maildir: string;

    beforeEach(async () => {
      maildir = await mkdtemp(join(folder, 'maildir-'));
      for (const part of ['cur', 'new', 'tmp']) await mkdir(join(maildir, part));
      for (const [at, text] of texts.entries()) await writeFile(join(maildir, 'new', `170410320${at}.M${at}.x`), text);
      serving = netkitServe(['pop3', 'serve', maildir, '--json']);
      const { url: there, user, password } = JSON.parse(await serving.firstLine);
      account = { port: Number(new URL(there).port), user, password };
    });

    afterEach(async () => {
      serving?.kill('SIGTERM');
      const { status } = await serving.ended;
      expect(status).to.equal(0);
    });

    for (const [name, client] of Object.entries({ fetchmail, mpop, getmail })) {
      it(`serves a Maildir to ${name}, which may delete`, async () => {
        const messages = await client({ ...account, remove: true });
        expect(messages.map((message) => message.toString().replace(/^Return-Path: .*\n/, ''))).to.have.members(texts);
        expect(await readdir(join(maildir, 'new'))).to.have.length(0);
      });
    }

    it('serves it to mutt', async () => {
      const mailbox = (await mutt(account)).toString();
      expect(mailbox).to.include('\n\n.\n..\nfirst\n').and.include('Grüße');
    });
  });
});

function sha256(octets: Uint8Array): string {
  return createHash('sha256').update(octets).digest('hex');
}

function crlf(octets: Buffer): Buffer {
  return Buffer.from(octets.toString('latin1').replace(/\r?\n/g, '\r\n'), 'latin1');
}
