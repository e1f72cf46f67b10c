import { PassThrough } from 'node:stream';
import { expect } from 'chai';
import { BODIES, seen } from './fake.ts';
import { netkit, Untouched } from './run.ts';

describe('the verbs on the command line', () => {
  it('list prints a line per entry: its mark, its size, its name and its path', async () => {
    const lines = (await netkit('fake list h')).out.split('\n');
    expect(lines[0]).to.match(/^- {2}1\.5k {2}text +\/text$/);
    expect(lines[1]).to.match(/^\/ .* \/evil$/);
    expect(lines[2]).to.match(/^> .* http:\/\/h\/x$/);
  });

  it('list --json prints an object per line, with what an entry has and no more', async () => {
    const { records } = await netkit('fake list h --json');
    expect(records).to.have.length(3);
    expect(records[0]).to.deep.equal({
      ...{ name: 'text', path: '/text', url: 'fake://h/text', kind: 'item', size: 1536, meta: { type: '0' } },
    });
    expect(records[2]).to.include({ modified: '1970-01-01T00:00:00.000Z', name: 'a\nb' });
  });

  it('list prints what came before a failure, and fails', async () => {
    const { code, records } = await netkit('fake list h/half/ --json');
    expect(records).to.have.length(4);
    expect(records[3]).to.have.nested.property('error.reason', 'truncated');
    expect(code).to.equal(12);
  });

  it('fetch gives the bytes as they are to a pipe', async () => {
    for (const path of ['/text', '/evil', '/binary']) {
      expect((await netkit(`fake fetch h${path}`)).bytes).to.deep.equal(BODIES[path]);
    }
  });

  it('fetch --json has the body as text, or in base64', async () => {
    const [text, binary] = (await netkit('fake fetch h/text h/binary --json')).records;
    expect(text).to.deep.equal({
      ...{ path: '/text', url: 'fake://h/text', type: 'text/plain', complete: true, meta: {} },
      ...{ encoding: 'text', body: 'hello\r\nwörld\n' },
    });
    expect(binary).to.include({ encoding: 'base64', body: BODIES['/binary']?.toString('base64'), complete: 'unknown' });
  });

  it('fetch refuses a body that is larger than --max-size, without end as it may be', async () => {
    for (const more of ['', ' --json']) {
      const { code, err } = await netkit(`fake fetch h/endless --max-size 100k${more}`);
      expect(err).to.match(/limit of 102400/);
      expect(code).to.equal(11);
    }
    expect(seen.options).to.include({ maxSize: 102400 });
  });

  it('fetch ends after --max-time, also where nothing comes', async () => {
    const { code, err } = await netkit('fake fetch h/hang --max-time 50ms');
    expect(err).to.match(/longer than 50 ms/);
    expect(code).to.equal(6);
  });

  it('info and check print `name: value` lines', async () => {
    expect((await netkit('fake info h/x')).out).to.match(/^kind: item\nsize: 5\nadmin: Ann\n/m);
    expect((await netkit('fake check h')).out).to.match(/^features: A, B$/m);
  });

  it('check closes its client', async () => {
    const before = seen.closed;
    await netkit('fake check h');
    expect(seen.closed).to.equal(before + 1);
  });

  it('search joins the words of the query', async () => {
    await netkit('fake search h/find two  words');
    expect(seen.query).to.equal('two words');
  });

  it('send reads a file, named behind the target or by --file', async () => {
    for (const line of ['fake send h/in package.json', 'fake send h/in --file package.json']) {
      const { code, out } = await netkit(line);
      expect(code).to.equal(0);
      expect(out).to.match(/^taken \d+\n$/);
      expect(seen.sent).to.include('"netkit"');
    }
  });

  it('send reads standard input for -, and only then', async () => {
    const { records } = await netkit('fake send h/in - --json', { stdin: 'from a pipe' });
    expect(seen.sent).to.equal('from a pipe');
    expect(records).to.deep.equal([{ url: 'fake://h/in', text: 'taken 11', path: '/in' }]);
  });

  it('nothing else reads standard input', async () => {
    for (const line of [
      'fake list h',
      'fake fetch h/text',
      'fake search h x',
      'fake send h package.json',
      'fake open h',
    ]) {
      const stdin = new Untouched();
      await netkit(line, { stdin });
      expect(stdin.touched, line).to.equal(false);
    }
  });

  it('send opens its file before it speaks to anybody', async () => {
    delete seen.endpoint;
    const { code, err } = await netkit('fake send h/in /nonexistent/file');
    expect(err).to.match(/ENOENT/);
    expect(code).to.equal(13);
    expect(seen.endpoint).to.equal(undefined);
  });

  it('remove removes all its targets', async () => {
    seen.removed.length = 0;
    expect((await netkit('fake remove h/a h/b')).code).to.equal(0);
    expect(seen.removed).to.deep.equal(['/a', '/b']);
  });

  it('open sends what comes from standard input, and prints what is said', async () => {
    const stdin = new PassThrough();
    stdin.end('joe\n');
    const { out } = await netkit('fake open h -', { stdin });
    expect(out).to.equal('login: you said joe\n');
  });

  describe('--dry-run', () => {
    it('says what would be done, and does nothing', async () => {
      delete seen.endpoint;
      const lines = ['fake remove h/a h/b', 'fake send h/in package.json', 'fake send h -', 'fake://ann:pw@h/text'];
      const said = await Promise.all(lines.map(async (line) => (await netkit(`${line} -n`)).out));
      expect(said).to.deep.equal([
        'would remove fake://h/a\nwould remove fake://h/b\n',
        'would send package.json to fake://h/in\n',
        'would send standard input to fake://h/\n',
        'would fetch fake://h/text\n',
      ]);
      expect(seen.endpoint).to.equal(undefined);
    });

    it('says it in JSON, too', async () => {
      const [record] = (await netkit('fake remove h/a --dry-run --json')).records;
      expect(record).to.deep.equal({ dryRun: true, verb: 'remove', url: 'fake://h/a' });
    });
  });

  it('-v shows the dialogue on standard error, made harmless', async () => {
    const { err, out } = await netkit('fake fetch h/text -v -u joe');
    expect(err).to.match(/^C: HELLO joe \nS: WELCOME evil\\x1b/);
    expect(err).to.not.include('\x1b');
    expect(out).to.equal('hello\r\nwörld\n');
  });
});
