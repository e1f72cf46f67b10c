import { expect } from 'chai';
import { netkit } from './run.ts';

describe('exit codes', () => {
  const rows: [failure: string, code: number][] = [
    ['argument', 2],
    ['policy', 2],
    ['resolve', 3],
    ['connect', 4],
    ['proxy', 4],
    ['reset', 4],
    ['tls', 5],
    ['tls-required', 5],
    ['tls-injection', 5],
    ['timeout', 6],
    ['auth', 7],
    ['missing', 8],
    ['denied', 9],
    ['refused', 9],
    ['later', 10],
    ['busy', 10],
    ['grammar', 11],
    ['limit', 11],
    ['integrity', 12],
    ['truncated', 12],
    ['reset-body', 12],
    ['bug', 1],
  ];
  for (const [failure, code] of rows) {
    it(`${failure} is ${code}, in the JSON object too`, async () => {
      const outcome = await netkit(`fake fetch h/fail/${failure} --json`);
      expect(outcome.code).to.equal(code);
      expect(outcome.records[0]).to.have.nested.property('error.exit', code);
      expect(outcome.err).to.include(`(fake://h/fail/${failure})`);
    });
  }

  it('a file that cannot be read is 13', async () => {
    for (const flag of ['--cacert', '--password-file', '--netrc-file']) {
      const { code, err } = await netkit(`fake check h ${flag} /nonexistent`);
      expect(err, flag).to.match(/ENOENT/);
      expect(code, flag).to.equal(13);
    }
  });

  it('an error names its protocol, its target, and what to try', async () => {
    expect((await netkit('fake fetch h/fail/timeout')).err).to.equal(
      'netkit: fake: nothing came (fake://h/fail/timeout). --timeout, --connect-timeout and --max-time say how long\n',
    );
  });

  it('an error is an object with everything that a script may ask for', async () => {
    const [record] = (await netkit('fake fetch h/fail/auth --json')).records;
    expect(record).to.deep.equal({
      error: {
        code: 'NETKIT_REPLY',
        reason: 'auth',
        exit: 7,
        phase: 'auth',
        message: 'not you',
        reply: { code: '-ERR', text: 'bad password hunter2' },
        temporary: false,
        outcome: 'none',
        url: 'fake://h/fail/auth',
      },
    });
  });

  it('a mistake on the command line is an object, too', async () => {
    const { code, records, err } = await netkit('fake fetch h --nonsense --json');
    expect(records[0]).to.have.nested.property('error.code', 'NETKIT_USAGE');
    expect(err).to.match(/^netkit: there is no flag --nonsense/);
    expect(code).to.equal(2);
  });

  it('all targets are tried, and the first that failed gives the code', async () => {
    const { code, records } = await netkit('fake fetch h/text h/fail/busy h/fail/missing fake://h/binary --json');
    expect(records.map((record) => record['path'] ?? (record['error'] as { exit: number }).exit)).to.deep.equal([
      '/text',
      10,
      8,
      '/binary',
    ]);
    expect(code).to.equal(10);
  });

  it('a target that is none does not keep the others from being tried', async () => {
    const { code, out, err } = await netkit('fetch nonsense fake://h/text');
    expect(out).to.equal('hello\r\nwörld\n');
    expect(err).to.include('(nonsense)');
    expect(code).to.equal(2);
  });

  it('--fail-fast stops at the first that failed', async () => {
    const { code, records } = await netkit('fake fetch h/fail/busy h/text --fail-fast --json');
    expect(records).to.have.length(1);
    expect(code).to.equal(10);
  });

  it('-q says nothing, and fails all the same', async () => {
    const { code, err } = await netkit('fake fetch h/fail/busy -q');
    expect(err).to.equal('');
    expect(code).to.equal(10);
  });
});
