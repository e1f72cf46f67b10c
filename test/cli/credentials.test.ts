import { openSync } from 'node:fs';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { expect } from 'chai';
import { main } from '../../lib/cli/main.ts';
import { Secret } from '../../lib/core/secret.ts';
import { protocols, seen } from './fake.ts';
import { inFolder } from './folder.ts';
import { Gathered, netkit, type Outcome, type World } from './run.ts';

const PASSWORD = 'hunter2';

/** Who was logged in last. */
function login(): { user: string | undefined; password: string | undefined } {
  const password = seen.endpoint?.password ?? seen.options?.password;
  return {
    user: seen.endpoint?.user ?? seen.options?.user,
    password: password === undefined ? undefined : Secret.of(password).reveal(),
  };
}

async function withNetrc<T>(
  text: string,
  work: (file: string, folder: string) => Promise<T>,
  mode = 0o600,
): Promise<T> {
  return inFolder(async (folder) => {
    const file = join(folder, '.netrc');
    await writeFile(file, text);
    await chmod(file, mode);
    return work(file, folder);
  });
}

/** The ways of a password to the command, and what else each needs. */
const WAYS: Record<string, (folder: string) => Promise<{ words: string[]; target?: string; world?: World }>> = {
  '--password-file': async (folder) => {
    await writeFile(join(folder, 'pw'), `${PASSWORD}\nmore\n`);
    return { words: ['-u', 'joe', '--password-file', join(folder, 'pw')] };
  },
  '--password-fd': async (folder) => {
    await writeFile(join(folder, 'pw'), `${PASSWORD}\r\n`);
    return { words: ['-u', 'joe', '--password-fd', String(openSync(join(folder, 'pw'), 'r'))] };
  },
  '--password-stdin': async () => ({ words: ['-u', 'joe', '--password-stdin'], world: { stdin: `${PASSWORD}\n` } }),
  '--password-command': async () => ({ words: ['-u', 'joe', '--password-command', `printf '%s\\n' ${PASSWORD}`] }),
  'a URL': async () => ({ words: [], target: 'fake://joe:hunter2@h' }),
  '--netrc-file': async (folder) => {
    await writeFile(join(folder, 'rc'), `machine h login joe password ${PASSWORD}`, { mode: 0o600 });
    return { words: ['--netrc-file', join(folder, 'rc')] };
  },
  $NETRC: async (folder) => {
    await writeFile(join(folder, 'rc'), `default login joe password ${PASSWORD}`, { mode: 0o600 });
    return { words: [], world: { env: { NETRC: join(folder, 'rc') } } };
  },
  '~/.netrc': async (folder) => {
    await writeFile(join(folder, '.netrc'), `machine h:77 login joe password ${PASSWORD}`, { mode: 0o600 });
    return { words: [], world: { env: { HOME: folder } } };
  },
};

describe('credentials', () => {
  for (const [way, prepare] of Object.entries(WAYS)) {
    it(`come by ${way}, and are never shown`, () =>
      inFolder(async (folder) => {
        const paths = ['/text', '/fail/echo', '/fail/auth', '/half/', '/nothing'];
        for (const more of [[], ['--json'], ['--dry-run'], ['--json', '--dry-run']]) {
          for (const path of paths) {
            seen.options = {};
            delete seen.endpoint;
            const { words, target = 'h', world } = await prepare(folder);
            const outcome = await netkit(['fake', 'fetch', target + path, '-v', ...words, ...more], world);
            if (!more.includes('--dry-run')) expect(seen.endpoint, `${way} ${path}`).to.not.equal(undefined);
            expectNoSecret(outcome);
          }
        }
        const { words, target = 'h', world } = await prepare(folder);
        await netkit(['fake', 'check', target, ...words], world);
        expect(login()).to.deep.equal({ user: 'joe', password: PASSWORD });
      }));
  }

  function expectNoSecret({ out, err }: Outcome): void {
    for (const form of [PASSWORD, Buffer.from(PASSWORD).toString('base64').replace(/=+$/, '')]) {
      expect(out).to.not.include(form);
      expect(err).to.not.include(form);
    }
  }

  it('are never shown when the target cannot be understood', async () => {
    const targets = [
      'fake://joe:hunter2@h:99999/',
      'fake://joe:hunter2@h/#x',
      'fake://joe:hunter2@@h/',
      'fake://joe:a/hunter2@h/',
      'fake://joe:a#hunter2@h/',
      'joe:hunter2@h',
      'fack://joe:hunter2@h/',
      'plain://joe:hunter2@h/',
      'fake://joe:hunter2 @h/',
      'fake://joe;AUTH=+APOP:hunter2@h/a%zz',
    ];
    for (const target of targets) {
      for (const words of [['fetch'], ['fake', 'fetch'], ['url'], []]) {
        for (const more of [[], ['--json'], ['-n']]) {
          expectNoSecret(await netkit([...words, target, '-v', ...more]));
        }
      }
    }
  });

  it('in a URL are warned of, once', async () => {
    const { err } = await netkit('fetch fake://a:b@h/text fake://a:b@h/text');
    expect(err.match(/others can see a password in a URL/g)).to.have.length(1);
    expect((await netkit('fetch fake://a:b@h/text -q')).err).to.equal('');
  });

  it('of a flag go before those of the URL, and those before netrc', () =>
    withNetrc('machine h login ann password third', async (file, folder) => {
      await writeFile(join(folder, 'pw'), 'first');
      await netkit([
        'fake',
        'check',
        'fake://ann:second@h',
        '--password-file',
        join(folder, 'pw'),
        '--netrc-file',
        file,
      ]);
      expect(login()).to.deep.equal({ user: 'ann', password: 'first' });
      await netkit(['fake', 'check', 'fake://ann:second@h', '--netrc-file', file]);
      expect(login()).to.deep.equal({ user: 'ann', password: 'second' });
      await netkit(['fake', 'check', 'ann@h', '--netrc-file', file]);
      expect(login()).to.deep.equal({ user: 'ann', password: 'third' });
    }));

  it('keep what a URL says of the mechanism', async () => {
    await netkit('fake check fake://joe;AUTH=PLAIN:pw@h -q');
    expect(seen.endpoint).to.include({ user: 'joe', auth: 'AUTH=PLAIN' }).and.to.not.have.property('password');
    await netkit('fake check fake://joe:pw;AUTH=PLAIN@h -q');
    expect(seen.endpoint).to.include({ user: 'joe', auth: 'AUTH=PLAIN' });
    expect(login().password).to.equal('pw');
  });

  it('are decoded once', async () => {
    await netkit('fake check fake://j%40e:a%2Fb%2525@h -q');
    expect(login()).to.deep.equal({ user: 'j@e', password: 'a/b%25' });
  });

  it('of netrc are for the user that is named', () =>
    withNetrc('machine h login ann password a\nmachine h login joe password j', async (file) => {
      await netkit(['fake', 'check', 'h', '-u', 'joe', '--netrc-file', file]);
      expect(login()).to.deep.equal({ user: 'joe', password: 'j' });
      await netkit(['fake', 'check', 'h', '-u', 'eve', '--netrc-file', file]);
      expect(login()).to.deep.equal({ user: 'eve', password: undefined });
    }));

  it('are not looked up for a protocol that has no logins', () =>
    withNetrc('default login joe password secret', async (file) => {
      await netkit(['plain', 'check', 'h', '--netrc-file', file]);
      expect(seen.options).to.not.have.any.keys('user', 'password');
    }));

  it('of a netrc that others can read are warned of', () =>
    withNetrc(
      'machine h login joe password secret',
      async (file) => {
        expect((await netkit(['fake', 'check', 'h', '--netrc-file', file])).err).to.match(
          /others can read .*chmod 600/,
        );
      },
      0o644,
    ));

  it('that are missing where they should be are a mistake', async () => {
    const rows: [line: string, code: number][] = [
      ['fake check h --password-stdin', 2],
      ['fake check h --password-command true', 2],
      ['fake check h --password-command false', 2],
      ['fake check h --password-file /dev/null', 2],
      ['fake check h --password-file /nonexistent', 13],
      ['fake check h --password-fd 12345', 13],
      ['fake check h --password-stdin --password-fd 3', 2],
    ];
    for (const [line, code] of rows) expect((await netkit(line, { stdin: '' })).code, line).to.equal(code);
  });

  it('and a body cannot both come by standard input', async () => {
    expect((await netkit('fake send h - --password-stdin', { stdin: 'x\ny' })).code).to.equal(2);
  });

  it('there is no flag for a password', async () => {
    for (const flag of ['--password', '-p']) expect((await netkit(['fake', 'check', 'h', flag, 'x'])).code).to.equal(2);
    const { code, err } = await netkit('fake check h -u joe:hunter2');
    expect(code).to.equal(2);
    expect(err).to.include('--password-file').and.to.not.include('hunter2');
  });

  describe('at a terminal', () => {
    /** Types at the question. */
    async function typing(typed: string): Promise<{ code: number; err: string; raw: boolean[] }> {
      const raw: boolean[] = [];
      const stdin = Object.assign(new PassThrough(), { isTTY: true, setRawMode: (on: boolean) => raw.push(on) });
      const stderr = new Gathered(true);
      stderr.once('written', () => stdin.write(typed));
      const io = { stdin, stderr, stdout: new Gathered(), env: { HOME: '/nonexistent' } };
      const code = await main(['fake', 'check', 'joe@h'], io, protocols);
      return { code, err: stderr.text, raw };
    }

    it('are asked for, without echo', async () => {
      const { code, err, raw } = await typing('wrong\x15hunterX\x7f2\r');
      expect(code).to.equal(0);
      expect(err).to.equal('Password for joe at h: \n');
      expect(raw).to.deep.equal([true, false]);
      expect(login()).to.deep.equal({ user: 'joe', password: PASSWORD });
    });

    it('Ctrl-C ends the question and the command', async () => {
      const { code, raw } = await typing('hun\x03');
      expect(code).to.equal(130);
      expect(raw).to.deep.equal([true, false]);
    });

    it('are not asked for where nobody could answer', async () => {
      for (const tty of [['stdin'], ['stderr']] as const) {
        expect((await netkit('fake check joe@h', { tty: [...tty] })).code).to.equal(0);
        expect(login()).to.deep.equal({ user: 'joe', password: undefined });
      }
    });
  });
});
