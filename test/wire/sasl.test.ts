import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';
import { inspect } from 'node:util';
import { expect } from 'chai';
import * as fc from 'fast-check';
import { NetkitError, ProtocolError, ReplyError, UsageError } from '../../lib/core/errors.ts';
import { Secret } from '../../lib/core/secret.ts';
import { oauthBearer, xoauth2 } from '../../lib/wire/oauth.ts';
import { cramMd5, external, login, plain } from '../../lib/wire/plain.ts';
import {
  acceptLogin,
  authenticate,
  type ChannelBinding,
  type Choice,
  type Credentials,
  chooseMechanism,
  type Identity,
  MECHANISM_NAMES,
  type Mechanism,
  type Verifier,
} from '../../lib/wire/sasl.ts';
import { saslprep } from '../../lib/wire/saslprep.ts';
import { type Binding, scram, serveScram } from '../../lib/wire/scram.ts';

const NO = new ReplyError('no', { reason: 'auth', protocol: 'test', reply: { ok: false, code: '535', text: 'no' } });
const base64 = (text: string | Uint8Array): string => Buffer.from(text).toString('base64');
const ann: Credentials = { user: 'ann', password: new Secret('pencil') };
const exporter: ChannelBinding = { type: 'tls-exporter', data: Buffer.alloc(32, 7) };
const endPoint: ChannelBinding = { type: 'tls-server-end-point', data: Buffer.alloc(32, 9) };

/** Plays the server by a script: a `C:` line must come, an `S:` line is given; `S+` is success and `S-` a refusal. */
async function play(mechanism: Mechanism, dialogue: readonly string[]): Promise<void> {
  const script = [...dialogue];
  await authenticate(mechanism, async (response) => {
    const said = response && Buffer.from(response.reveal(), 'base64').toString();
    expect(said === undefined ? 'C-' : `C:${said}`).to.equal(script.shift());
    const line = script.shift();
    if (line === 'S+') return undefined;
    if (line?.startsWith('S:')) return base64(line.slice(2));
    throw NO;
  });
  expect(script).to.deep.equal([]);
}

/** Lets our client meet our server. Gives who has logged in; a refusal rejects. */
async function meet(name: string, mechanism: Mechanism, verifier: Verifier, initial = false): Promise<Identity> {
  const toServer: ((line: string) => void)[] = [];
  let toClient: (challenge: string | undefined) => void = () => {};
  let fail: (error: unknown) => void = () => {};
  let server: Promise<Identity | undefined> | undefined;
  let identity: Identity | undefined;
  const begin = (first: string | undefined): void => {
    server = acceptLogin(name, verifier, first, async (challenge) => {
      const response = new Promise<string>((resolve) => toServer.push(resolve));
      toClient(challenge);
      return response;
    });
    server.then(
      (who) => {
        identity = who;
        if (who) toClient(undefined);
        else fail(NO);
      },
      (error) => fail(error),
    );
  };
  let waiting = false;
  await authenticate(mechanism, async (response) => {
    const line = response?.reveal();
    const say = (text: string | undefined): Promise<string | undefined> =>
      new Promise((resolve, reject) => {
        [toClient, fail] = [resolve, reject];
        if (server) toServer.shift()?.(text ?? '');
        else begin(text);
      });
    if (server || initial || line === undefined) return say(line);
    expect(waiting).to.equal(false);
    waiting = true;
    expect(await say(undefined), 'a server that waits for the client says nothing').to.equal('');
    return say(line);
  });
  if (!identity) throw new Error('the client is in, and the server knows nothing of it');
  return identity;
}

async function failure(work: Promise<unknown>): Promise<NetkitError> {
  const error = await work.then(
    () => expect.fail('it went well'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof NetkitError)) throw error;
  return error;
}

const verifier = (account: Partial<Verifier> = {}): Verifier => ({
  lookup: (user) => (user === 'ann' ? { password: 'pencil', token: 'token==' } : undefined),
  ...account,
});

const choose = (offered: string, credentials: Credentials, choice: Partial<Choice> = {}): string =>
  chooseMechanism(offered.split(' '), credentials, { secure: true, ...choice })
    .map(({ name }) => name)
    .join(' ');

describe('wire/sasl: the examples of the RFCs', () => {
  it('PLAIN, RFC 4616 4', async () => {
    await play(plain({ user: 'tim', password: new Secret('tanstaaftanstaaf') }), ['C:\0tim\0tanstaaftanstaaf', 'S+']);
    const acting = { user: 'Kurt', authzid: 'Ursel', password: new Secret('xipj3plmq') };
    await play(plain(acting), ['C:Ursel\0Kurt\0xipj3plmq', 'S+']);
  });

  it('CRAM-MD5, RFC 2195 2', async () => {
    await play(cramMd5({ user: 'tim', password: new Secret('tanstaaftanstaaf') }), [
      'C-',
      'S:<1896.697170952@postoffice.reston.mci.net>',
      'C:tim b913a602c7eda7a495b4e6e7334d3890',
      'S+',
    ]);
  });

  const sha1 = [
    'C:n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL',
    'S:r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096',
    'C:c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=',
    'S:v=rmF9pqV8S7suAoZWja4dJRkFsKQ=',
    'C:',
    'S+',
  ];
  const sha256 = [
    'C:n,,n=user,r=rOprNGfwEbeRWgbNEkqO',
    'S:r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096',
    'C:c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=',
    'S:v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=',
    'C:',
    'S+',
  ];
  const user = { user: 'user', password: new Secret('pencil') };

  it('SCRAM-SHA-1, RFC 5802 5, the client', () => play(scram('sha1', user, 'n', 'fyko+d2lbbFgONRv9qkxdawL'), sha1));
  it('SCRAM-SHA-256, RFC 7677 3, the client', () => play(scram('sha256', user, 'n', 'rOprNGfwEbeRWgbNEkqO'), sha256));

  for (const [name, dialogue, nonce, salt] of [
    ['SCRAM-SHA-1', sha1, '3rfcNHYJY1ZVvWVs7j', 'QSXCR+Q6sek8bf92'],
    ['SCRAM-SHA-256', sha256, '%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0', 'W22ZaJ0SNY7soEsUEjb6gQ=='],
  ] as const) {
    it(`${name}, the server`, async () => {
      const [first = '', ...lines] = dialogue.slice(0, 5);
      const known = {
        lookup: () => ({ password: 'pencil' }),
        nonce: () => nonce,
        salt: () => Buffer.from(salt, 'base64'),
      };
      const who = await acceptLogin(name, known, base64(first.slice(2)), async (challenge) => {
        expect(`S:${Buffer.from(challenge, 'base64')}`).to.equal(lines.shift());
        return base64(lines.shift()?.slice(2) ?? '');
      });
      expect(who).to.deep.equal({ user: 'user' });
      expect(lines).to.deep.equal([]);
    });
  }

  const oauth = {
    user: 'user@example.com',
    token: new Secret('vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg=='),
    host: 'server.example.com',
    port: 143,
  };

  it('OAUTHBEARER, RFC 7628 4.1', async () => {
    await authenticate(oauthBearer(oauth), async (response) => {
      expect(response?.reveal()).to.equal(
        'bixhPXVzZXJAZXhhbXBsZS5jb20sAWhvc3Q9c2VydmVyLmV4YW1wbGUuY29tAXBvcnQ9MTQzAWF1dGg9QmVhcmVyI' +
          'HZGOWRmdDRxbVRjMk52YjNSbGNrQmhiSFJoZG1semRHRXVZMjl0Q2c9PQEB',
      );
      return undefined;
    });
  });

  it('OAUTHBEARER refused, RFC 7628 4.3: answers with ^A and tells the status', async () => {
    const said: (string | undefined)[] = [];
    const error = await failure(
      authenticate(oauthBearer(oauth), async (response) => {
        said.push(response?.reveal());
        if (said.length > 1) throw NO;
        return 'eyJzdGF0dXMiOiJpbnZhbGlkX3Rva2VuIiwic2NvcGUiOiJleGFtcGxlX3Njb3BlIn0=';
      }),
    );
    expect(said[1]).to.equal('AQ==');
    expect(error).to.be.instanceOf(ReplyError).and.include({ reason: 'auth', protocol: 'test', cause: NO });
    expect(error).to.have.nested.property('reply.code', 'invalid_token');
    expect(error.message).to.contain('invalid_token');
  });

  it('XOAUTH2, the example of Google', async () => {
    const token = new Secret('vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg==');
    const said: (string | undefined)[] = [];
    const error = await failure(
      authenticate(xoauth2({ user: 'someuser@example.com', token }), async (response) => {
        said.push(response?.reveal());
        if (said.length > 1) throw NO;
        return 'eyJzdGF0dXMiOiI0MDEiLCJzY2hlbWVzIjoiYmVhcmVyIG1hYyIsInNjb3BlIjoiaHR0cHM6Ly9tYWlsLmdvb2dsZS5jb20vIn0K';
      }),
    );
    expect(said).to.deep.equal([
      'dXNlcj1zb21ldXNlckBleGFtcGxlLmNvbQFhdXRoPUJlYXJlciB2RjlkZnQ0cW1UYzJOdmIzUmxja0JoZEhSaGRtbHpkR0V1WTI5dENnPT0BAQ==',
      '',
    ]);
    expect(error).to.have.nested.property('reply.code', '401');
  });

  it('LOGIN: the user, then the password, whatever the server calls them', async () => {
    await play(login(ann), ['C-', 'S:VXNlcm5hbWU6', 'C:ann', 'S:', 'C:pencil', 'S+']);
  });

  for (const [text, prepared] of [
    ['I\u00adX', 'IX'],
    ['user', 'user'],
    ['USER', 'USER'],
    ['\u00aa', 'a'],
    ['\u2168', 'IX'],
    ['\u0007', undefined],
    ['\u0627\u0031', undefined],
    ['\u0627\u0031\u0628', '\u0627\u0031\u0628'],
    ['\u0627a\u0628', undefined],
    ['a\u00a0b\u3000c', 'a b c'],
    ['\ud800', undefined],
    ['\u{e0001}', undefined],
    ['\u0391\u0301', '\u0386'],
  ] as const)
    it(`SASLprep of ${JSON.stringify(text)}, RFC 4013 3`, () => expect(saslprep(text)).to.equal(prepared));
});

/** What each mechanism logs in with, at both ends. */
const clients: Record<string, { start: (credentials: Credentials) => Mechanism; server?: Partial<Verifier> }> = {};
for (const name of MECHANISM_NAMES) {
  const bindings = name.endsWith('-PLUS') ? [exporter] : [];
  clients[name] = {
    start: (credentials) => {
      const [candidate] = chooseMechanism([name], credentials, { secure: true, wanted: name, bindings });
      if (!candidate) throw new Error('no candidate');
      return candidate.start();
    },
    server: { bindings, external: 'ann', anonymous: true },
  };
}

describe('wire/sasl: every client meets our server', () => {
  const all: Credentials = { ...ann, token: new Secret('token=='), host: 'localhost', port: 25 };

  for (const [name, { start, server }] of Object.entries(clients)) {
    const user = name === 'ANONYMOUS' ? 'anonymous' : 'ann';

    for (const initial of name === 'CRAM-MD5' ? [false] : [false, true])
      it(`${name} logs in ${initial ? 'with' : 'without'} an initial response`, async () => {
        expect(await meet(name, start(all), verifier(server), initial)).to.include({ user });
      });

    if (name === 'EXTERNAL' || name === 'ANONYMOUS') continue;
    it(`${name} is refused with a wrong password, and with an unknown user`, async () => {
      const wrong = { ...all, password: new Secret('wrong-secret'), token: new Secret('wrong-secret') };
      for (const credentials of [wrong, { ...all, user: 'bob' }]) {
        const error = await failure(meet(name, start(credentials), verifier(server)));
        expect(error).to.be.instanceOf(ReplyError).and.include({ reason: 'auth' });
        expect(inspect(error, { depth: 9 })).not.to.match(/wrong-secret|pencil|token=/);
      }
    });

    it(`${name} speaks every user and password of Unicode`, async () => {
      const unicode = fc.string({ unit: 'grapheme', minLength: 1 });
      const text = name.startsWith('SCRAM')
        ? unicode.filter((it) => !!saslprep(it))
        : unicode.filter((it) => !/[\0\x01]/.test(it));
      const token = fc.stringMatching(/^[A-Za-z0-9._~+/-]+=*$/);
      await fc.assert(
        fc.asyncProperty(text, text, token, async (who, password, bearer) => {
          const credentials = { user: who, password: new Secret(password), token: new Secret(bearer) };
          const known = { ...server, lookup: (asked: string) => ({ asked, password, token: bearer }), iterations: 1 };
          const identity = await meet(name, start(credentials), known, name !== 'CRAM-MD5');
          expect(identity.user).to.equal(name.startsWith('SCRAM') ? saslprep(who) : who);
        }),
        { numRuns: 60 },
      );
    });
  }

  it('nobody is let in where nothing allows it', async () => {
    for (const name of ['EXTERNAL', 'ANONYMOUS'])
      expect(await failure(meet(name, external(ann), verifier()))).to.be.instanceOf(ReplyError);
  });

  it('a stored password that cannot be prepared is not the empty one', async () => {
    const server = serveScram('sha1', false, verifier({ lookup: () => ({ password: '\u0007' }) }));
    await server.next();
    const challenge = String((await server.next(Buffer.from('n,,n=ann,r=x'))).value);
    const [, nonce = '', salt = '', rounds = ''] = /^r=(.*),s=(.*),i=(.*)$/.exec(challenge) ?? [];
    const mac = (key: Buffer, text: string): Buffer => createHmac('sha1', key).update(text).digest();
    const key = mac(pbkdf2Sync('', Buffer.from(salt, 'base64'), Number(rounds), 20, 'sha1'), 'Client Key');
    const last = `c=biws,r=${nonce}`;
    const stored = createHash('sha1').update(key).digest();
    const signature = mac(stored, `n=ann,r=x,${challenge},${last}`);
    const proof = Buffer.from(key.map((byte, index) => byte ^ (signature[index] ?? 0)));
    const step = await server.next(Buffer.from(`${last},p=${proof.toString('base64')}`));
    expect(step).to.deep.equal({ done: true, value: undefined });
  });

  it('acts for another only where the server says so', async () => {
    const acting = { ...ann, authzid: 'bo,b=1' };
    const authorize = (user: string, authzid: string): boolean => user === 'ann' && authzid === 'bo,b=1';
    for (const name of ['PLAIN', 'SCRAM-SHA-256', 'EXTERNAL']) {
      const start = clients[name]?.start ?? plain;
      const known = verifier({ external: 'ann' });
      expect(await failure(meet(name, start(acting), known))).to.be.instanceOf(NetkitError);
      expect(await meet(name, start(acting), { ...known, authorize })).to.deep.equal({
        user: 'ann',
        authzid: 'bo,b=1',
      });
    }
  });

  it('hears a client cancel', async () => {
    expect(await acceptLogin('PLAIN', verifier(), undefined, async () => '*')).to.equal(undefined);
  });

  for (const [name, initial] of [
    ['PLAIN', base64('ann\0pencil')],
    ['PLAIN', base64('a\0ann\0pencil\0')],
    ['PLAIN', '%%%%'],
    ['PLAIN', base64(Buffer.from([0, 0xff, 0]))],
    ['CRAM-MD5', base64('ann')],
    ['XOAUTH2', base64('user=ann\x01auth=Basic x\x01\x01')],
    ['OAUTHBEARER', base64('n,a=ann,\x01auth=Bearer x\x01')],
    ['SCRAM-SHA-1', base64('n,,n=ann')],
    ['SCRAM-SHA-1', base64('n,,n=a=n,r=x')],
    ['SCRAM-SHA-1', base64('x,,n=ann,r=x')],
  ] as const)
    it(`${name} refuses ${inspect(Buffer.from(initial, 'base64').toString())} as ProtocolError`, async () => {
      expect(await failure(acceptLogin(name, verifier(), initial, async () => ''))).to.be.instanceOf(ProtocolError);
    });

  it('a mechanism that is none of ours is a UsageError', async () => {
    expect(await failure(acceptLogin('__proto__', verifier(), '', async () => ''))).to.be.instanceOf(UsageError);
  });
});

describe('wire/sasl: channel binding', () => {
  const meetBound = (flag: Binding, plus: boolean, bindings: readonly ChannelBinding[]): Promise<Identity> =>
    meet(plus ? 'SCRAM-SHA-256-PLUS' : 'SCRAM-SHA-256', scram('sha256', ann, flag), verifier({ bindings }));

  it('binds to the exporter, and to the certificate', async () => {
    expect(await meetBound(exporter, true, [exporter, endPoint])).to.deep.equal({ user: 'ann' });
    expect(await meetBound(endPoint, true, [exporter, endPoint])).to.deep.equal({ user: 'ann' });
  });

  for (const [what, flag, plus, bindings] of [
    ['other data: somebody stands between', { type: 'tls-exporter', data: Buffer.alloc(32, 8) }, true, [exporter]],
    ['a type that the server has not', endPoint, true, [exporter]],
    ['-PLUS without a binding', 'n', true, [exporter]],
    ['a binding without -PLUS', exporter, false, [exporter]],
    ['"y" where the server did offer -PLUS: a downgrade', 'y', false, [exporter]],
  ] as const)
    it(`refuses ${what}`, async () => {
      expect(await failure(meetBound(flag, plus, bindings))).to.be.instanceOf(ReplyError);
    });

  it('lets "y" in where there is no -PLUS, and "n" everywhere', async () => {
    expect(await meetBound('y', false, [])).to.deep.equal({ user: 'ann' });
    expect(await meetBound('n', false, [exporter])).to.deep.equal({ user: 'ann' });
  });

  it('says y,, when it could bind and sees no offer, n,, when it could not', async () => {
    const first = async (offered: string[], bindings: ChannelBinding[]): Promise<string> => {
      const [candidate] = chooseMechanism(offered, ann, { secure: true, bindings });
      const step = await candidate?.start().next();
      return String(step?.value).slice(0, 4);
    };
    expect(await first(['SCRAM-SHA-1'], [exporter])).to.equal('y,,n');
    expect(await first(['SCRAM-SHA-1'], [])).to.equal('n,,n');
    expect(await first(['SCRAM-SHA-1', 'SCRAM-SHA-1-PLUS'], [exporter])).to.equal('p=tl');
    expect(await first(['SCRAM-SHA-1', 'SCRAM-SHA-1-PLUS'], [])).to.equal('n,,n');
  });
});

describe('wire/sasl: what a client refuses', () => {
  const nonce = 'fyko+d2lbbFgONRv9qkxdawL';
  const hello = `C:n,,n=ann,r=${nonce}`;
  const begin = (): Mechanism => scram('sha1', ann, 'n', nonce);

  for (const [what, challenge, reason] of [
    ['an iteration bomb', `r=${nonce}x,s=QSXC,i=2147483647`, 'limit'],
    ['a bigger bomb', `r=${nonce}x,s=QSXC,i=${'9'.repeat(400)}`, 'limit'],
    ['no iterations', `r=${nonce}x,s=QSXC,i=0`, 'grammar'],
    ['negative iterations', `r=${nonce}x,s=QSXC,i=-1`, 'grammar'],
    ['no salt', `r=${nonce}x,s=,i=4096`, 'grammar'],
    ['a mandatory extension', `m=1,r=${nonce}x,s=QSXC,i=4096`, 'grammar'],
    ['the nonce alone', `r=${nonce},s=QSXC,i=4096`, 'integrity'],
    ['another nonce', `r=x${nonce},s=QSXC,i=4096`, 'integrity'],
    ['nothing', '', 'grammar'],
  ] as const)
    it(`SCRAM: ${what}, at once`, async () => {
      const start = performance.now();
      const error = await failure(play(begin(), [hello, `S:${challenge}`]));
      expect(error).to.be.instanceOf(ProtocolError).and.include({ reason, phase: 'auth' });
      expect(performance.now() - start).to.be.below(1000);
    });

  /** A server that knows the password, but may spoil its last word. */
  async function spoiled(spoil: (last: string) => string | undefined, end?: ReplyError): Promise<NetkitError> {
    const server = serveScram('sha1', false, verifier());
    await server.next();
    let said = 0;
    return failure(
      authenticate(begin(), async (response) => {
        said++;
        if (said === 3 && end) throw end;
        if (said === 3) return undefined;
        const step = await server.next(Buffer.from(response?.reveal() ?? '', 'base64'));
        if (said === 1) return base64(step.value instanceof Buffer ? step.value : '');
        const last = spoil(String(step.value));
        return last === undefined ? undefined : base64(last);
      }),
    );
  }

  it('SCRAM: a server that does not know the password', async () => {
    const error = await spoiled((last) => last.replace(/^v=./, (it) => (it === 'v=A' ? 'v=B' : 'v=A')));
    expect(error).to.be.instanceOf(ProtocolError).and.include({ reason: 'integrity' });
  });

  it('SCRAM: a server that says yes without a proof', async () => {
    expect(await spoiled(() => undefined))
      .to.be.instanceOf(ProtocolError)
      .and.include({ reason: 'integrity' });
    expect(await spoiled(() => ''))
      .to.be.instanceOf(ProtocolError)
      .and.include({ reason: 'integrity' });
    expect(await failure(play(begin(), [hello, 'S+']))).to.include({ code: 'NETKIT_PROTOCOL' });
  });

  it('SCRAM: tells the error that the server named, and waits for the refusal', async () => {
    const error = await spoiled(() => 'e=invalid-proof', NO);
    expect(error).to.be.instanceOf(ReplyError).and.include({ reason: 'auth' });
    expect(error).to.have.nested.property('reply.code', 'invalid-proof');
    expect(await spoiled(() => 'e=other-error'))
      .to.be.instanceOf(ProtocolError)
      .and.include({ reason: 'integrity' });
  });

  it('a challenge too many, for each mechanism', async () => {
    for (const [mechanism, dialogue] of [
      [plain(ann), ['C:\0ann\0pencil', 'S:more']],
      [login(ann), ['C-', 'S:a', 'C:ann', 'S:b', 'C:pencil', 'S:c']],
      [external(ann), ['C:ann', 'S:']],
    ] as const)
      expect(await failure(play(mechanism, dialogue))).to.be.instanceOf(ProtocolError);
  });

  it('an end too early', async () => {
    expect(await failure(play(login(ann), ['C-', 'S:a', 'C:ann', 'S+']))).to.be.instanceOf(ProtocolError);
    expect(await failure(play(cramMd5(ann), ['C-', 'S+']))).to.be.instanceOf(ProtocolError);
  });

  it('a challenge that is no base64, or too long', async () => {
    for (const [challenge, reason] of [
      ['+OK', 'grammar'],
      ['QUI', 'grammar'],
      ['Q=I=', 'grammar'],
      ['A'.repeat(65_540), 'limit'],
    ] as const)
      expect(await failure(authenticate(cramMd5(ann), async () => challenge))).to.include({ reason });
  });

  it('a server that names a failure in words that are no JSON', async () => {
    for (const challenge of ['', 'null', '[]', '{"status":{"toString":1}}', 'x'.repeat(1000)]) {
      const mechanism = xoauth2({ user: 'ann', token: new Secret('t') });
      const error = await failure(
        play(mechanism, ['C:user=ann\x01auth=Bearer t\x01\x01', `S:${challenge}`, 'C:', 'S-']),
      );
      expect(error, challenge).to.have.nested.property('reply.code', 'unknown');
    }
  });

  it('passes on what the line threw, as it was', async () => {
    const lost = new Error('lost');
    let caught: unknown;
    await authenticate(plain(ann), async () => {
      throw lost;
    }).catch((error: unknown) => {
      caught = error;
    });
    expect(caught).to.equal(lost);
  });

  it('what no server takes, before anything was said', async () => {
    const never = async (): Promise<undefined> => expect.fail('something was said');
    for (const mechanism of [
      plain({ user: 'a\0b', password: new Secret('x') }),
      plain({ user: 'ann', password: new Secret('x\0y') }),
      plain({ user: 'ann' }),
      login({ user: 'ann', password: new Secret('\ud800') }),
      scram('sha1', { user: 'ann', password: new Secret('\u0007') }),
      scram('sha1', { user: '', password: new Secret('x') }),
      xoauth2({ user: 'ann', token: new Secret('a\x01auth=Bearer b') }),
      xoauth2({ user: 'ann\x01auth=Bearer b', token: new Secret('a') }),
      oauthBearer({ user: 'ann' }),
    ])
      expect(await failure(authenticate(mechanism, never))).to.be.instanceOf(UsageError);
  });
});

describe('wire/sasl: the choice', () => {
  const token: Credentials = { user: 'ann', token: new Secret('t') };
  const usual =
    'LOGIN PLAIN CRAM-MD5 XOAUTH2 OAUTHBEARER SCRAM-SHA-1 SCRAM-SHA-256 SCRAM-SHA-256-PLUS NTLM EXTERNAL ANONYMOUS';

  for (const [what, offered, credentials, choice, names] of [
    ['the best first', usual, ann, {}, 'SCRAM-SHA-256 SCRAM-SHA-1 CRAM-MD5 PLAIN LOGIN'],
    ['-PLUS with a binding', usual, ann, { bindings: [exporter], wanted: 'scram-sha-256-plus' }, 'SCRAM-SHA-256-PLUS'],
    ['each binding', 'SCRAM-SHA-1-PLUS', ann, { bindings: [exporter, endPoint] }, 'SCRAM-SHA-1-PLUS SCRAM-SHA-1-PLUS'],
    ['a token', usual, token, {}, 'OAUTHBEARER XOAUTH2'],
    ['nothing to overhear in the clear', usual, ann, { secure: false }, 'SCRAM-SHA-256 SCRAM-SHA-1 CRAM-MD5'],
    ['a clear password when allowed', 'login plain', ann, { secure: false, clear: true }, 'PLAIN LOGIN'],
    ['the one that is wanted', usual, ann, { wanted: 'login' }, 'LOGIN'],
    ['any', 'PLAIN', ann, { wanted: '*' }, 'PLAIN'],
    ['EXTERNAL only when wanted', usual, ann, { wanted: 'EXTERNAL' }, 'EXTERNAL'],
  ] as const)
    it(`takes ${what}`, () => expect(choose(offered, credentials, choice)).to.equal(names));

  for (const [what, offered, credentials, choice, reason] of [
    ['a clear password', 'PLAIN LOGIN', ann, { secure: false }, 'policy'],
    ['a clear password, though wanted', 'PLAIN', ann, { secure: false, wanted: 'PLAIN' }, 'policy'],
    ['a token in the clear', 'XOAUTH2', token, { secure: false }, 'policy'],
    ['what is not offered', 'PLAIN', ann, { wanted: 'CRAM-MD5' }, 'unsupported'],
    ['a token that is not there', 'XOAUTH2', ann, {}, 'unsupported'],
    ['-PLUS without a binding', 'SCRAM-SHA-1-PLUS', ann, {}, 'unsupported'],
    ['what nobody knows', 'NTLM __proto__', ann, {}, 'unsupported'],
    ['EXTERNAL unasked', 'EXTERNAL ANONYMOUS', ann, {}, 'unsupported'],
  ] as const)
    it(`refuses ${what}`, () => {
      expect(() => choose(offered, credentials, choice))
        .to.throw(UsageError)
        .with.property('reason', reason);
    });

  it('knows which have an initial response', () => {
    const without = chooseMechanism(MECHANISM_NAMES, ann, { secure: true }).filter(({ initial }) => !initial);
    expect(without.map(({ name }) => name)).to.deep.equal(['CRAM-MD5', 'LOGIN']);
  });
});
