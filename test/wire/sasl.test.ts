import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';
import { inspect } from 'node:util';
import { expect } from 'chai';
import * as fc from 'fast-check';
import { NetkitError, ProtocolError, ReplyError, UsageError } from '../../lib/core/errors.ts';
import { Secret } from '../../lib/core/secret.ts';
import { external, plain } from '../../lib/wire/plain.ts';
import {
  acceptLogin,
  type Choice,
  type Credentials,
  chooseMechanism,
  MECHANISM_NAMES,
  type Mechanism,
  type Verifier,
} from '../../lib/wire/sasl.ts';
import { saslprep } from '../../lib/wire/saslprep.ts';
import { serveScram } from '../../lib/wire/scram.ts';
import { ann, base64, endPoint, exporter, failure, meet, verifier } from './sasl-dialogue.ts';

const choose = (offered: string, credentials: Credentials, choice: Partial<Choice> = {}): string =>
  chooseMechanism(offered.split(' '), credentials, { secure: true, ...choice })
    .map(({ name }) => name)
    .join(' ');

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

  /** A client of our own making: whether SCRAM lets this password in, with a nonce of the client's choice. */
  async function tries(stored: string, password: string, spoil = ''): Promise<boolean> {
    const server = serveScram('sha1', false, verifier({ lookup: () => ({ password: stored }) }));
    await server.next();
    const challenge = String((await server.next(Buffer.from('n,,n=ann,r=x'))).value);
    const [, nonce = '', salt = '', rounds = ''] = /^r=(.*),s=(.*),i=(.*)$/.exec(challenge) ?? [];
    const mac = (key: Buffer, text: string): Buffer => createHmac('sha1', key).update(text).digest();
    const key = mac(pbkdf2Sync(password, Buffer.from(salt, 'base64'), Number(rounds), 20, 'sha1'), 'Client Key');
    const last = `c=biws,r=${nonce}${spoil}`;
    const stolen = createHash('sha1').update(key).digest();
    const signature = mac(stolen, `n=ann,r=x,${challenge},${last}`);
    const proof = Buffer.from(key.map((byte, index) => byte ^ (signature[index] ?? 0)));
    const step = await server.next(Buffer.from(`${last},p=${proof.toString('base64')}`));
    return !step.done;
  }

  it('SCRAM refuses another nonce at the end', async () => {
    expect(await tries('pencil', 'pencil')).to.equal(true);
    expect(await tries('pencil', 'pencil', 'x')).to.equal(false);
  });

  it('a stored password that cannot be prepared is not the empty one', async () => {
    expect(await tries('\u0007', '')).to.equal(false);
    expect(await tries('', '')).to.equal(false);
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
