import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { COMMANDS } from '../../lib/cli/grammar.ts';
import { COMMON, dashed } from '../../lib/cli/options.ts';
import { ownFlags, VERB_NAMES, type VerbName } from '../../lib/cli/task.ts';
import type { AnyProtocol } from '../../lib/core/protocol.ts';
import { protocols as real } from '../../lib/index.ts';
import { protocols } from './fake.ts';
import { inFolder } from './folder.ts';
import { netkit } from './run.ts';

describe('the help', () => {
  it('has every protocol, verb, command and common flag', async () => {
    const { code, out, err } = await netkit('help');
    expect({ code, err }).to.deep.equal({ code: 0, err: '' });
    for (const word of [...Object.keys(protocols), ...VERB_NAMES, ...Object.keys(COMMANDS)]) {
      expect(out).to.match(new RegExp(`^  ${word} `, 'm'));
    }
    for (const flag of Object.keys(COMMON)) expect(out).to.include(`--${dashed(flag)}`);
    expect((await netkit('--help')).out).to.equal(out);
    expect((await netkit('-h')).out).to.equal(out);
  });

  it('on a verb is made from its declaration', async () => {
    const { out } = await netkit('help fake fetch');
    expect(out).to.include('netkit fake fetch TARGET...').and.to.include('a thing: /text');
    expect(out).to.match(/--page-wait TIME +a wait/);
    expect(out.match(/--max-size/g)).to.have.length(1);
    expect((await netkit('fake fetch --help')).out).to.equal(out);
    expect((await netkit('fake fetch h -o x -h')).out).to.equal(out);
  });

  it('is there for every protocol, verb and command, in lines of at most 120 characters', async () => {
    const topics = [
      ...Object.entries(protocols).flatMap(([name, { verbs }]) => [
        name,
        ...Object.keys(verbs).map((v) => `${name} ${v}`),
      ]),
      ...VERB_NAMES,
      ...Object.keys(COMMANDS),
      'fake serve',
      'fake check',
    ];
    for (const topic of topics) {
      const { code, out } = await netkit(`help ${topic}`);
      expect(code, topic).to.equal(0);
      expect(out, topic).to.match(/^netkit /);
      for (const line of out.split('\n')) expect(line.length, line).to.be.lessThan(121);
    }
  });

  it('says nothing of logins where a protocol has none', async () => {
    expect((await netkit('help plain send')).out).to.not.include('--password-file FILE');
    expect((await netkit('help fake send')).out).to.include('--password-file FILE');
  });

  it('gives examples that the command understands', async () => {
    for (const topic of ['', 'fake', 'plain', 'fake search', 'fetch']) {
      const [, examples = ''] = (await netkit(`help ${topic}`)).out.split('Examples:\n');
      const lines = examples.split('\n\n')[0]?.split('\n') ?? [];
      expect(lines.length).to.be.greaterThan(0);
      for (const line of lines) {
        const words = line.trim().split(' ').slice(1);
        expect((await netkit([...words, '--dry-run'])).code, line).to.equal(0);
      }
    }
  });

  it('says the version', async () => {
    for (const line of ['version', '--version', '-V']) {
      expect((await netkit(line)).out).to.match(/^netkit \d+\.\d+\.\d+\n$/);
    }
  });
});

describe('the flags of all protocols', () => {
  it('mean one thing where a verb has them in several, for a bare URL says what it is only behind them', () => {
    const bare: readonly VerbName[] = ['list', 'fetch', 'open'];
    const groups = [bare, ...VERB_NAMES.filter((verb) => !bare.includes(verb)).map((verb) => [verb])];
    for (const verbs of groups) {
      const kinds = new Map<string, string>();
      const shorts = new Map<string, string>(
        Object.entries(COMMON).flatMap(([name, { short }]) => (short ? [[short, name] as const] : [])),
      );
      for (const protocol of Object.values<AnyProtocol>(real)) {
        for (const verb of verbs) {
          if (verb !== 'check' && !Object.hasOwn(protocol.verbs, verb)) continue;
          for (const [name, { type, script = '', many = false, short }] of Object.entries(ownFlags(protocol, verb))) {
            if (Object.hasOwn(COMMON, name)) continue;
            const kind = `${type} ${script} ${many}`;
            expect(kinds.get(name) ?? kind, `${protocol.name} ${verb} --${name}`).to.equal(kind);
            kinds.set(name, kind);
            if (short === undefined) continue;
            expect(shorts.get(short) ?? name, `-${short}`).to.equal(name);
            shorts.set(short, name);
          }
        }
      }
    }
  });

  it('are helped with in lines of at most 120 characters', async () => {
    for (const [name, { verbs }] of Object.entries<AnyProtocol>(real)) {
      for (const topic of [name, ...Object.keys(verbs).map((verb) => `${name} ${verb}`)]) {
        const { code, out } = await netkit(`help ${topic}`, { protocols: real });
        expect(code, topic).to.equal(0);
        for (const line of out.split('\n')) expect(line.length, line).to.be.lessThan(121);
      }
    }
  });
});

describe('completion', () => {
  for (const shell of ['bash', 'zsh', 'fish']) {
    it(`for ${shell} is a script that the shell understands`, () =>
      inFolder(async (folder) => {
        const { code, out } = await netkit(`completion ${shell}`);
        expect(code).to.equal(0);
        for (const word of ['fake', 'plain', 'search', 'completion', '--max-time', '--page-wait'])
          expect(out).to.include(word);
        if (!installed(shell)) return;
        const file = join(folder, 'script');
        writeFileSync(file, out);
        execFileSync(shell, ['-n', file]);
      }));
  }

  it('in bash offers what may come', async function () {
    if (!installed('bash')) this.skip();
    const { out } = await netkit('completion bash');
    const rows: [line: string, offered: string[], not: string[]][] = [
      ['', ['fake', 'list', 'serve', 'version'], ['--json']],
      ['fa', ['fake'], ['list']],
      ['fake ', ['list', 'fetch', 'check', 'serve'], ['version', 'plain']],
      ['plain ', ['send', 'check', 'serve'], ['list']],
      ['fake fetch --p', ['--page-wait', '--proxy', '--pin'], ['--port']],
      ['fake list --max', ['--max-items', '--max-time'], []],
      ['fake serve --p', ['--port'], ['--proxy']],
      ['--timeout 5 fake fe', ['fetch'], ['--json']],
      ['--json fake h', [], ['help']],
      ['completion ', ['bash', 'zsh', 'fish'], []],
      ['help fake se', ['search', 'send', 'serve'], []],
      ['serve ', ['fake', 'plain'], ['list']],
      ['fake fetch h -', ['-o', '--output'], []],
      ['-', ['--json', '-v'], []],
    ];
    for (const [line, offered, not] of rows) {
      const words = ['netkit', ...line.split(' ')];
      const quoted = words.map((word) => `'${word}'`).join(' ');
      const script = `${out}\nCOMP_WORDS=(${quoted}); COMP_CWORD=${words.length - 1}; _netkit; printf '%s\\n' "\${COMPREPLY[@]}"`;
      const reply = execFileSync('bash', ['--norc', '-c', script], { cwd: '/', encoding: 'utf8' }).split('\n');
      expect(reply, line).to.include.members(offered);
      for (const word of not) expect(reply, line).to.not.include(word);
    }
  });
});

function installed(shell: string): boolean {
  try {
    execFileSync(shell, ['-c', 'true']);
    return true;
  } catch {
    return false;
  }
}
