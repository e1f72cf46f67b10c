import { expect } from 'chai';
import { seen } from './fake.ts';
import { netkit } from './run.ts';

describe('the grammar of the command', () => {
  describe('takes', () => {
    const rows: [line: string, verb: string][] = [
      ['fake list h', '"path":"/text"'],
      ['list fake://h/', '"path":"/text"'],
      ['fake://h/', '"path":"/text"'],
      ['fake fetch h/text', '"body":"hello'],
      ['fetch fake://h/text', '"body":"hello'],
      ['fake://h/text', '"body":"hello'],
      ['fakes://h/text', '"body":"hello'],
      ['FAKE://h/text', '"body":"hello'],
      ['fake info h/text', '"admin":"Ann"'],
      ['fake search h/find two words', '"name":"two words"'],
      ['search fake://h/find two words', '"name":"two words"'],
      ['fake remove h/text', '"removed":true'],
      ['fake check h', '"features":["A","B"]'],
      ['check fake://h', '"features":["A","B"]'],
      ['url fake://h/text', '"protocol":"fake"'],
    ];
    for (const [line, expected] of rows) {
      it(`netkit ${line}`, async () => {
        const { code, out, err } = await netkit(`${line} --json`);
        expect(err).to.equal('');
        expect(code).to.equal(0);
        expect(out).to.include(expected);
      });
    }

    for (const line of ['--json fake fetch h/text', 'fake --json fetch h/text', 'fake fetch --json -- h/text']) {
      it(`flags anywhere: netkit ${line}`, async () => {
        const [record] = (await netkit(line)).records;
        expect(record).to.include({ path: '/text', encoding: 'text' });
      });
    }

    it("a verb's own flags before the words of the command", async () => {
      expect((await netkit('--page-wait 2 fake fetch h/text')).code).to.equal(0);
      expect(seen.options).to.include({ pageWait: 2000 });
    });
  });

  describe('refuses, with exit code 2 and nothing on standard output:', () => {
    const rows: [line: string, complaint: RegExp][] = [
      ['lits fake://h/', /Did you mean list\?/],
      ['fakke list h', /Did you mean fake\?/],
      ['fake lits h', /fake has no lits\. Did you mean list\?/],
      ['plain list h', /plain has no list: it has send, check, serve/],
      ['list plain://h/', /plain has no list: it has send, check/],
      ['fetch host/path', /a target here is a URL/],
      ['list host:70/path', /a target here is a URL/],
      ['host:70/path', /expected a protocol, a verb or a URL/],
      ['list fack://h/', /start with fack:\. Did you mean fake\?/],
      ['plain://h/', /say what to do with it: netkit send URL/],
      ['fake list', /fake list needs a target/],
      ['fetch', /fetch needs a target/],
      ['fake search h', /search needs words/],
      ['fake send h', /a file, or - for standard input/],
      ['fake send h a b', /one target, and one file/],
      ['fake send h a --file b', /one target, and one file/],
      ['fake fetch -', /needs a target/],
      ['fake fetch h/text -', /- is standard input/],
      ['fake fetch -- -x', /starts with no dash/],
      ['fake fetch -x h', /no flag -x/],
      ['fake fetch --jsn h', /no flag --jsn here\. Did you mean --json\?/],
      ['fake fetch --tls=yes h', /--tls takes no value/],
      ['fake fetch h --output', /--output needs a value/],
      ['fake fetch h --output --tls', /--output needs a value/],
      ['fake fetch h --timeout soon', /--timeout: a duration is written/],
      ['fake fetch h --max-size 3X', /--max-size: a size is written/],
      ['fake list h --max-items 3.5', /--max-items: a number/],
      ['fake fetch h --max-items 3', /no flag --max-items/],
      ['fake://h/text --max-items 3', /fake fetch has no --max-items/],
      ['fake fetch h --starttls=never', /one of required, try, off/],
      ['fake fetch h --color=maybe', /one of auto, always, never/],
      ['fake fetch h -4 -6', /exclude each other/],
      ['fake fetch h --cert x', /--cert and --key go together/],
      ['fake fetch h --resolve x', /HOST:PORT:ADDRESS/],
      ['fake fetch h/a h/b -o x', /several targets/],
      ['fake fetch h -o x -O', /one of -o, -O, --maildir and --mbox is enough/],
      ['fake fetch h --maildir x --mbox y', /is enough/],
      ['fake fetch h --all -o x', /one file for many messages/],
      ['fake fetch h --state x', /the file of --new/],
      ['plain send h x --tls', /plain has no scheme with TLS/],
      ['fake fetch h/x%0d%0a#y', /a # ends a URL/],
      ['url', /url needs a URL/],
      ['completion', /bash, zsh, fish/],
      ['completion bsh', /Did you mean bash/],
      ['help nothing', /no help on nothing/],
      ['serve', /say what to serve: fake, plain/],
      ['serve fak', /Did you mean fake/],
      ['serve fake plain --port 7', /--port is for one server/],
      ['fake serve a b', /one folder/],
      ['plain serve folder', /plain serves no folders/],
      ['demo nothing', /no protocol nothing/],
      ['constructor h', /expected a protocol, a verb or a URL/],
      ['__proto__://h/', /expected a protocol, a verb or a URL/],
    ];
    for (const [line, complaint] of rows) {
      it(`netkit ${line}`, async () => {
        const { code, out, err } = await netkit(line);
        expect(err).to.match(complaint);
        expect(out).to.equal('');
        expect(code).to.equal(2);
      });
    }
  });

  it('shows what there is when nothing is asked for, on standard error', async () => {
    const { code, out, err } = await netkit('');
    expect(out).to.equal('');
    expect(err).to.include('netkit PROTOCOL VERB TARGET').and.to.include('fake').and.to.include('netkit help');
    expect(code).to.equal(2);
  });

  it('takes the scheme with TLS for --tls', async () => {
    for (const target of ['h', 'fake://h/', 'fakes://h/', 'fake://h:79/']) {
      await netkit(['fake', 'list', target, '--tls']);
      expect(seen.endpoint).to.include({ scheme: 'fakes', tls: 'implicit', port: target.includes('79') ? 79 : 78 });
    }
  });

  it('hands the flags of the connection over, in milliseconds and by their names', async () => {
    await netkit(
      'fake check h --timeout 5 --connect-timeout 500ms --insecure -q --pin AAA= --pin BBB= --tls-min 1.3 -6 --starttls=try ' +
        '--servername other --proxy none --no-proxy .lan --resolve H:77:127.0.0.1,[::1] --unix-socket /s --via cmd',
    );
    expect(seen.options).to.deep.include({
      timeouts: { idle: 5000, greeting: 5000, connect: 500, tls: 500 },
      starttls: 'try',
      proxy: undefined,
      noProxy: '.lan',
      resolve: { 'h:77': ['127.0.0.1', '::1'] },
      unixSocket: '/s',
      via: 'cmd',
      family: 6,
    });
    expect(seen.options?.tls).to.deep.include({
      insecure: true,
      pins: ['AAA=', 'BBB='],
      minVersion: 'TLSv1.3',
      servername: 'other',
    });
  });

  it('reads the proxy from the environment where no flag says otherwise', async () => {
    await netkit('fake check h');
    expect(seen.options).to.include({ proxy: 'env' });
  });
});
