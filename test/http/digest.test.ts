import { createHash } from 'node:crypto';
import { inspect } from 'node:util';
import { expect } from 'chai';
import { ProtocolError, UsageError } from '../../lib/core/errors.ts';
import { Secret } from '../../lib/core/secret.ts';
import { parseChallenges, parseInfo } from '../../lib/http/challenge.ts';
import { Digest, strengthOf } from '../../lib/http/digest.ts';
import type { HttpRequest, RequestBody } from '../../lib/http/exchange.ts';
import { sourceOf } from '../../lib/http/source.ts';
import { HeaderBlock } from '../../lib/wire/headers.ts';
import { rejection } from '../helpers.ts';

function challenge(text: string): ReturnType<typeof parseChallenges>[0] {
  const [first] = parseChallenges([`Digest ${text}`]);
  if (!first) throw new Error('no challenge');
  return first;
}

function get(target: string, body?: RequestBody, method = 'GET'): HttpRequest {
  const origin = { scheme: 'http', host: 'h', port: 80 } as const;
  return { method, origin, target, headers: HeaderBlock.received([]), secret: new Set(), body };
}

function digestOf(text: string, user: string, password: string, cnonce = 'c'): Digest {
  return new Digest(challenge(text), { user, password: new Secret(password) }, () => cnonce);
}

async function fields(digest: Digest, request: HttpRequest): Promise<ReadonlyMap<string, string>> {
  const { value } = await digest.answer(request);
  return parseInfo(value.reveal().replace(/^Digest /, ''));
}

const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
const MUFASA =
  'realm="http-auth@example.org", nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", qop="auth, auth-int", ' +
  'opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS", algorithm=';

describe('Digest', () => {
  const golden: [
    what: string,
    challenge: string,
    user: string,
    password: string,
    cnonce: string,
    uri: string,
    response: string,
  ][] = [
    [
      'RFC 7616 3.9.1, MD5',
      `${MUFASA}MD5`,
      'Mufasa',
      'Circle of Life',
      'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ',
      '/dir/index.html',
      '8ca523f5e9506fed4657c9700eebdbec',
    ],
    [
      'RFC 7616 3.9.1, SHA-256',
      `${MUFASA}SHA-256`,
      'Mufasa',
      'Circle of Life',
      'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ',
      '/dir/index.html',
      '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1',
    ],
    [
      'RFC 2617 3.5',
      'realm="testrealm@host.com", qop="auth,auth-int", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093"',
      'Mufasa',
      'Circle Of Life',
      '0a4f113b',
      '/dir/index.html',
      '6629fae49393a05397450978507c4ef1',
    ],
  ];
  for (const [what, text, user, password, cnonce, uri, response] of golden) {
    it(`proves what ${what} says`, async () => {
      const sent = await fields(digestOf(text, user, password, cnonce), get(uri));
      expect(sent.get('response')).to.equal(response);
      expect(sent.get('username')).to.equal(user);
      expect(sent.get('uri')).to.equal(uri);
      expect([sent.get('nc'), sent.get('qop'), sent.get('cnonce')]).to.deep.equal(['00000001', 'auth', cnonce]);
    });
  }

  it('echoes what belongs to the challenge, and quotes only what is quoted', async () => {
    const { value } = await digestOf(`${MUFASA}SHA-256`, 'a"b', 'x').answer(get('/'));
    expect(value.reveal()).to.match(
      /^Digest username="a\\"b", realm="http-auth@example\.org", nonce="7[^"]+", uri="\/", response="[0-9a-f]{64}", algorithm=SHA-256, opaque="FQ[^"]+", cnonce="c", qop=auth, nc=00000001$/,
    );
  });

  it('hashes the user where it is asked to, and says others than ASCII in their own form', async () => {
    const hashed = await fields(digestOf('realm="r", nonce="n", qop=auth, userhash=true', 'Jäsøn', 'x'), get('/'));
    expect(hashed.get('username')).to.equal(md5('Jäsøn:r'));
    expect(hashed.get('userhash')).to.equal('true');
    const { value } = await digestOf('realm="r", nonce="n", qop=auth, charset=UTF-8', "Jä's", 'x').answer(get('/'));
    expect(value.reveal()).to.include("username*=UTF-8''J%C3%A4%27s");
    const older = await fields(digestOf('realm="r", nonce="n", qop=auth', 'Jä', 'x'), get('/'));
    expect(older.get('username')).to.equal(Buffer.from('Jä').toString('latin1'));
    const sha512 = digestOf(
      'realm="api@example.org", nonce="n", qop=auth, algorithm=SHA-512-256, userhash=true',
      'Jäsøn Doe',
      'x',
    );
    // RFC 7616 3.9.2
    expect((await fields(sha512, get('/'))).get('username')).to.equal(
      createHash('sha512-256').update('Jäsøn Doe:api@example.org').digest('hex'),
    );
  });

  it('ties -sess to both nonces', async () => {
    const sent = await fields(digestOf('realm="r", nonce="n", qop=auth, algorithm=MD5-sess', 'u', 'p'), get('/x'));
    const secret = md5(`${md5('u:r:p')}:n:c`);
    expect(sent.get('response')).to.equal(md5(`${secret}:n:00000001:c:auth:${md5('GET:/x')}`));
    expect(sent.get('algorithm')).to.equal('MD5-sess');
  });

  it('does what servers want that know no qop', async () => {
    const sent = await fields(digestOf('realm="r", nonce="n"', 'u', 'p'), get('/x'));
    expect(sent.get('response')).to.equal(md5(`${md5('u:r:p')}:n:${md5('GET:/x')}`));
    expect([...sent.keys()]).to.deep.equal(['username', 'realm', 'nonce', 'uri', 'response']);
  });

  it('covers a body with auth-int where nothing else is offered', async () => {
    const expected = md5(`${md5('u:r:p')}:n:00000001:c:auth-int:${md5(`POST:/x:${md5('hello')}`)}`);
    for (const body of [sourceOf('hello'), { repeatable: true, open: () => pieces('hel', 'lo') }]) {
      const digest = digestOf('realm="r", nonce="n", qop="auth-int"', 'u', 'p');
      expect((await fields(digest, get('/x', body, 'POST'))).get('response')).to.equal(expected);
    }
    const stream = { repeatable: false, open: () => pieces('hello') };
    const error = await rejection(digestOf('realm="r", nonce="n", qop="auth-int"', 'u', 'p').answer(get('/x', stream)));
    expect(error).to.be.instanceOf(UsageError).with.property('reason', 'unsupported');
  });

  it('counts requests that are made at the same time, each once', async () => {
    const digest = digestOf('realm="r", nonce="n", qop=auth', 'u', 'p');
    const sent = await Promise.all(Array.from({ length: 20 }, () => fields(digest, get('/'))));
    expect(new Set(sent.map((each) => each.get('nc'))).size).to.equal(20);
    expect(sent.at(-1)?.get('nc')).to.equal('00000014');
  });

  it('goes on with the next nonce, and begins to count anew', async () => {
    const digest = digestOf('realm="r", nonce="n", qop=auth', 'u', 'p');
    (await digest.answer(get('/'))).check('nextnonce="m"');
    const sent = await fields(digest, get('/'));
    expect([sent.get('nonce'), sent.get('nc')]).to.deep.equal(['m', '00000001']);
  });

  it('believes only a server that knows the password, where one proves it', async () => {
    const digest = digestOf('realm="r", nonce="n", qop=auth', 'u', 'p');
    const right = md5(`${md5('u:r:p')}:n:00000001:c:auth:${md5(':/x')}`);
    (await digest.answer(get('/x'))).check(`qop=auth, rspauth="${right}", cnonce="c", nc=00000001`);
    const { check } = await digest.answer(get('/x'));
    expect(() => check(`qop=auth, rspauth="${right}"`))
      .to.throw(ProtocolError)
      .with.property('reason', 'integrity');
    expect(() => check(undefined)).to.not.throw();
    expect(() => check('qop=auth-int, rspauth="00"')).to.not.throw();
  });

  it('knows which challenges are stronger, and which nobody can answer', () => {
    const strength = (text: string): number => strengthOf(challenge(text));
    const base = 'realm="r", nonce="n", qop="auth"';
    expect(strength(`${base}, algorithm=SHA-512-256`)).to.be.greaterThan(strength(`${base}, algorithm=SHA-256-sess`));
    expect(strength(`${base}, algorithm=sha-256`)).to.be.greaterThan(strength(base));
    expect(strength(base))
      .to.equal(strength(`${base}, algorithm=MD5`))
      .and.be.greaterThan(0);
    for (const text of [`${base}, algorithm=SHA-1024`, 'realm="r"', 'nonce="n"', 'realm="r", nonce="n", qop="other"'])
      expect(strength(text), text).to.equal(0);
  });

  it('shows no password', async () => {
    const digest = digestOf('realm="r", nonce="n"', 'u', 'hunter2');
    expect(inspect([digest, await digest.answer(get('/'))], { depth: 9, showHidden: true })).to.not.include('hunter2');
  });
});

async function* pieces(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}
