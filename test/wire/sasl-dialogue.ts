import { expect } from 'chai';
import { NetkitError, ReplyError } from '../../lib/core/errors.ts';
import { Secret } from '../../lib/core/secret.ts';
import {
  acceptLogin,
  authenticate,
  type ChannelBinding,
  type Credentials,
  type Identity,
  type Mechanism,
  type Verifier,
} from '../../lib/wire/sasl.ts';

export const NO = new ReplyError('no', {
  reason: 'auth',
  protocol: 'test',
  reply: { ok: false, code: '535', text: 'no' },
});
export const base64 = (text: string | Uint8Array): string => Buffer.from(text).toString('base64');
export const ann: Credentials = { user: 'ann', password: new Secret('pencil') };
export const exporter: ChannelBinding = { type: 'tls-exporter', data: Buffer.alloc(32, 7) };
export const endPoint: ChannelBinding = { type: 'tls-server-end-point', data: Buffer.alloc(32, 9) };

/** Plays the server by a script: a `C:` line must come, an `S:` line is given; `S+` is success and `S-` a refusal. */
export async function play(mechanism: Mechanism, dialogue: readonly string[]): Promise<void> {
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
export async function meet(name: string, mechanism: Mechanism, verifier: Verifier, initial = false): Promise<Identity> {
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

export async function failure(work: Promise<unknown>): Promise<NetkitError> {
  const error = await work.then(
    () => expect.fail('it went well'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof NetkitError)) throw error;
  return error;
}

export const verifier = (account: Partial<Verifier> = {}): Verifier => ({
  lookup: (user) => (user === 'ann' ? { password: 'pencil', token: 'token==' } : undefined),
  ...account,
});
