import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { ReplyError } from '../../lib/core/errors.ts';
import { BODIES, seen } from './fake.ts';
import { inFolder } from './folder.ts';
import { netkit } from './run.ts';

describe('fetching all of a container', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'netkit-all-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const inMaildir = async (name: string): Promise<string[]> => {
    const files = await readdir(join(folder, name, 'new'));
    return (await Promise.all(files.map((file) => readFile(join(folder, name, 'new', file), 'utf8')))).sort();
  };

  it('gives a mailbox on standard output', async () => {
    const { code, out } = await netkit('fake fetch h/box/ --all');
    expect(code).to.equal(0);
    expect(out.replace(/^From .*$/gm, '---')).to.equal(
      '---\nSubject: one\n\n>From me\n\n---\nSubject: two\n\nno line end\n\n---\nSubject: three\n\n\n',
    );
  });

  it('gives only whole messages on standard output, where one breaks off', async () => {
    const { code, out } = await netkit('fake fetch h/broken/ h/box/ --all');
    expect(code).to.equal(12);
    const [one, two, three] = [
      'Subject: one\n\n>From me\n\n',
      'Subject: two\n\nno line end\n\n',
      'Subject: three\n\n\n',
    ];
    expect(out.split(/^From .*\n/m).slice(1)).to.deep.equal([one, two, one, two, three]);
  });

  it('gives a large message as it is, without a file that stays', async () => {
    const before = (await readdir(tmpdir())).filter((name) => name.startsWith('.netkit.'));
    const { code, bytes } = await netkit('fake fetch h/large --mbox -');
    expect(code).to.equal(0);
    expect(
      bytes.subarray(bytes.indexOf(10) + 1).equals(Buffer.concat([BODIES['/large'] ?? Buffer.of(), Buffer.from('\n')])),
    ).to.equal(true);
    expect((await readdir(tmpdir())).filter((name) => name.startsWith('.netkit.'))).to.deep.equal(before);
  });

  it('says on a terminal how many there were', async () => {
    const { err } = await netkit('fake fetch h/box/ --all --json', { tty: ['stderr'] });
    expect(err).to.include('netkit: 3 messages fetched (fake://h/box/)');
    expect((await netkit('fake fetch h/box/ --all --json')).err).to.equal('');
  });

  it('gives a line of JSON for each', async () => {
    const { records } = await netkit('fake fetch h/box/ --all --json');
    expect(records.map(({ path }) => path)).to.deep.equal(['/one', '/../two', '/three']);
    expect(records[0]).to.include({ body: 'Subject: one\r\n\r\nFrom me\r\n', complete: true });
  });

  it('delivers into a Maildir, and appends to a mailbox', async () => {
    await netkit(['fake', 'fetch', 'h/box/', '--all', '--maildir', join(folder, 'box')]);
    expect(await inMaildir('box')).to.deep.equal([
      'Subject: one\n\nFrom me\n',
      'Subject: three\n\n',
      'Subject: two\n\nno line end',
    ]);
    const mbox = join(folder, 'box.mbox');
    for (let i = 0; i < 2; i++) expect((await netkit(['fake', 'fetch', 'h/text', '--mbox', mbox])).code).to.equal(0);
    expect((await readFile(mbox, 'utf8')).match(/^From /gm)).to.have.length(2);
  });

  it('writes a file for each, whose name no server chooses', async () => {
    const { code } = await netkit(['fake', 'fetch', 'h/box/', '--all', '-O', '--output-dir', folder]);
    expect(code).to.equal(0);
    const names = (await readdir(folder)).sort();
    expect(names.filter((name) => /^(?:one|three)-[0-9a-f]{8}\.eml$/.test(name))).to.have.length(2);
    expect(names.filter((name) => /^[0-9a-f]{64}-[0-9a-f]{8}\.eml$/.test(name))).to.have.length(1);
  });

  it('replaces no message by another of the same id, be it of another user or of the same', async () => {
    const flags = ['--all', '-O', '--output-dir', folder];
    const names = async (): Promise<string[]> => {
      const files = (await readdir(folder)).filter((name) => name.startsWith('one-'));
      return files.map((name) => name.replace(/[0-9a-f]{8}/, 'mark')).sort();
    };
    await netkit(['fake', 'fetch', 'ann@h/box/', 'bob@h/box/', ...flags]);
    expect(await names()).to.deep.equal(['one-mark.eml', 'one-mark.eml']);
    for (let i = 0; i < 2; i++) await netkit(['fake', 'fetch', 'ann@h/box/', ...flags]);
    expect(await names()).to.deep.equal(['one-mark-2.eml', 'one-mark-3.eml', 'one-mark.eml', 'one-mark.eml']);
  });

  it('fetches with --new what it has not fetched before, and nothing twice', async () => {
    const state = join(folder, 'state');
    const all = ['fake', 'fetch', 'h/box/', '--new', '--state', state, '--maildir', join(folder, 'box')];
    await writeFile(state, 'one\ngone\n');
    expect((await netkit(all)).code).to.equal(0);
    expect(await inMaildir('box')).to.have.length(2);
    expect((await netkit(all)).code).to.equal(0);
    expect(await inMaildir('box')).to.have.length(2);
    // what is there no more need not be remembered
    expect((await readFile(state, 'utf8')).split('\n').filter(Boolean).sort()).to.deep.equal([
      '..%2Ftwo',
      'one',
      'three',
    ]);
  });

  it('remembers what was stored before something failed, and no more', async () => {
    const state = join(folder, 'state');
    const flags = ['--new', '--state', state, '--maildir', join(folder, 'box')];
    const { code } = await netkit(['fake', 'fetch', 'h/broken/', ...flags]);
    expect(code).to.equal(12);
    expect(await inMaildir('box')).to.have.length(2);
    expect(await readFile(state, 'utf8')).to.equal('one\n..%2Ftwo\n');
    expect((await netkit(['fake', 'fetch', 'h/box/', ...flags])).code).to.equal(0);
    expect(await inMaildir('box')).to.have.length(3);
  });

  it('goes on where the server refuses one, tells of it, and asks for it again the next time', async () => {
    const words = ['fake', 'fetch', 'h/damaged/', '--new', '--state', join(folder, 'state'), '--json'];
    for (const bodies of [1, 0]) {
      const { code, err, records } = await netkit(words);
      expect(code).to.equal(10);
      expect(err).to.match(/^netkit: fake: one is damaged \(fake:\/\/h\/one\).*\n.*\(fake:\/\/h\/..\/two\).*\n$/);
      expect(records.filter(({ error }) => error)).to.have.length(2);
      expect(records.filter(({ body }) => body)).to.have.length(bodies);
    }
    expect(await readFile(join(folder, 'state'), 'utf8')).to.equal('three\n');
    const { code, records } = await netkit([...words, '--fail-fast']);
    expect([code, records.length]).to.deep.equal([10, 1]);
  });

  it('keeps its memory beside that of others, where nobody says where', async () => {
    const env = { XDG_STATE_HOME: folder };
    await netkit('fake fetch joe@h/box/ --new --json', { env });
    const names = await readdir(join(folder, 'netkit', 'fake'));
    expect(names).to.deep.equal(['joe%40h%3A77%2Fbox%2F']);
    expect((await netkit('fake fetch joe@h/box/ --new --json', { env })).out).to.equal('');
  });

  it('keeps a memory for each user, also where a flag or netrc names them', async () => {
    const netrc = join(folder, 'netrc');
    await writeFile(netrc, 'machine h login ann password x', { mode: 0o600 });
    const env = { XDG_STATE_HOME: folder, NETRC: netrc };
    for (const flags of ['', '-u bob', '-u cid']) {
      const { records } = await netkit(`fake fetch h/box/ --new --json ${flags}`, { env });
      expect(records).to.have.length(3);
    }
    expect((await netkit('fake fetch ann@h/box/ --new --json', { env })).out).to.equal('');
    const names = (await readdir(join(folder, 'netkit', 'fake'))).sort();
    expect(names).to.deep.equal(['ann', 'bob', 'cid'].map((name) => `${name}%40h%3A77%2Fbox%2F`));
  });

  it('is not for two at once', async () => {
    const state = join(folder, 'state');
    await writeFile(`${state}.lock`, '');
    const { code, err } = await netkit(['fake', 'fetch', 'h/box/', '--new', '--state', state]);
    expect(code).to.equal(2);
    expect(err).to.match(/locked/);
  });
});

describe('several targets at one server', () => {
  it('have one session', async () => {
    seen.connected = seen.closed = 0;
    seen.removed.length = 0;
    expect((await netkit('fake remove h/1 h/2 h/3')).code).to.equal(0);
    expect(seen.removed.slice(-3)).to.deep.equal(['/1', '/2', '/3']);
    expect([seen.connected, seen.closed]).to.deep.equal([1, 1]);
  });

  it('have it also after one of them is not there', async () => {
    seen.connected = seen.closed = 0;
    const { code, err } = await netkit('fake remove h/fail/missing h/2 h/fail/auth joe@h/3');
    expect(code).to.equal(8);
    expect(err.split('\n').filter((line) => line.startsWith('netkit:'))).to.have.length(2);
    expect([seen.connected, seen.closed]).to.deep.equal([2, 2]);
  });

  it('have one also where netrc names the user, and only one user each', async () => {
    await inFolder(async (folder) => {
      const netrc = join(folder, 'netrc');
      await writeFile(netrc, 'machine h login ann password x', { mode: 0o600 });
      seen.connected = 0;
      const { code } = await netkit('fake remove h/1 ann@h/2 bob@h/3', { env: { NETRC: netrc } });
      expect([code, seen.connected]).to.deep.equal([0, 2]);
    });
  });

  it('have one password, asked for once', async () => {
    await inFolder(async (folder) => {
      const asked = join(folder, 'asked');
      const ask = `echo x >> ${asked}; echo hunter2`;
      const { code } = await netkit(['fake', 'remove', 'joe@h/1', 'joe@h/2', '--password-command', ask]);
      expect([code, await readFile(asked, 'utf8')]).to.deep.equal([0, 'x\n']);
    });
  });

  it('leave no session behind when nobody reads any more', async () => {
    seen.connected = seen.closed = 0;
    const { code } = await netkit('fake fetch h/box/ --all', { deaf: true });
    expect(code).to.equal(0);
    expect([seen.connected, seen.closed]).to.deep.equal([1, 1]);
  });

  it('fail where the end of the session does', async () => {
    seen.farewell = new ReplyError('not all were removed', { reply: { ok: false, code: '', text: 'no' } });
    const { code, err } = await netkit('fake remove h/1 h/2');
    expect(code).to.equal(9);
    expect(err).to.include('not all were removed (fake://h/1)');
  });
});
