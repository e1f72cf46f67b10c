import { expect } from 'chai';
import { type NetkitError, ProtocolError, ReplyError, UsageError } from '../../lib/core/errors.ts';
import { Secret } from '../../lib/core/secret.ts';
import { oauthBearer, xoauth2 } from '../../lib/wire/oauth.ts';
import { cramMd5, external, login, plain } from '../../lib/wire/plain.ts';
import {
  authenticate,
  type ChannelBinding,
  chooseMechanism,
  type Identity,
  type Mechanism,
} from '../../lib/wire/sasl.ts';
import { type Binding, scram, serveScram } from '../../lib/wire/scram.ts';
import { ann, base64, endPoint, exporter, failure, meet, NO, play, verifier } from './sasl-dialogue.ts';

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
