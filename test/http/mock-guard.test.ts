import { createHash } from 'node:crypto';
import { expect } from 'chai';
import { HttpClient } from '../../lib/http/client.ts';
import { http } from '../../lib/http/index.ts';
import { HttpMockServer } from '../../lib/http/mock-server.ts';
import { type GuardOptions, guard } from '../../lib/http/server/guard.ts';
import { request, say } from './wire.ts';

const users = { Mufasa: 'Circle of Life', 'Jäsøn Doe': 'Secret, or not?' };

function serve(options: GuardOptions): Promise<HttpMockServer> {
  return HttpMockServer.start({ '/*': guard({ users, realm: 'a "realm"', ...options }, (_, user) => `hello ${user}`) });
}

async function status(server: HttpMockServer, authorization: string, target = '/'): Promise<string> {
  return (await say(server.port, request(`GET ${target}`, `Authorization: ${authorization}`))).slice(9, 12);
}

const md5 = (text: string): string => createHash('md5').update(text).digest('hex');

describe('the logins of the HTTP server', () => {
  it('Basic: lets in who knows the password', async () => {
    await using server = await serve({});
    const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;
    expect(await say(server.port, request('GET /'))).to.match(
      /^HTTP\/1\.1 401 [\s\S]*\r\nWWW-Authenticate: Basic realm="a \\"realm\\"", charset="UTF-8"\r\n/,
    );
    expect(await status(server, basic('Jäsøn Doe:Secret, or not?'))).to.equal('200');
    for (const wrong of [
      basic('Mufasa:wrong'),
      basic('nobody:x'),
      basic('__proto__:x'),
      basic('Mufasa'),
      'Basic',
      'Basic ***',
      'Other x',
    ])
      expect(await status(server, wrong), wrong).to.equal('401');
  });

  it('Bearer: lets in who has a token', async () => {
    await using server = await serve({ schemes: ['bearer'], tokens: ['abc.def'] });
    expect(await status(server, 'Bearer abc.def')).to.equal('200');
    expect(await status(server, 'bearer abc.de')).to.equal('401');
  });

  it('Digest: has a challenge for each algorithm, and takes each proof once', async () => {
    await using server = await serve({ schemes: ['digest', 'basic'] });
    const said = await say(server.port, request('GET /'));
    const challenges = [...said.matchAll(/\r\nWWW-Authenticate: (\w+)(?:[^\r]*algorithm=([\w-]+))?/g)];
    expect(challenges.map(([, scheme, algorithm]) => [scheme, algorithm])).to.deep.equal([
      ['Digest', 'SHA-256'],
      ['Digest', 'MD5'],
      ['Basic', undefined],
    ]);
    const [, nonce = ''] = /nonce="([^"]+)"/.exec(said) ?? [];
    const proof = (nc: string, password: string, uri = '/'): string => {
      const response = md5(`${md5(`Mufasa:a "realm":${password}`)}:${nonce}:${nc}:0a:auth:${md5(`GET:${uri}`)}`);
      return `Digest username="Mufasa", realm="a \\"realm\\"", nonce="${nonce}", uri="${uri}", qop=auth, nc=${nc}, cnonce="0a", response="${response}", algorithm=MD5`;
    };
    expect(await status(server, proof('00000002', users.Mufasa))).to.equal('200');
    expect(await status(server, proof('00000001', users.Mufasa))).to.equal('200');
    expect(await status(server, proof('00000003', 'wrong'))).to.equal('401');
    expect(await status(server, proof('00000004', users.Mufasa), '/other')).to.equal('401');
    const again = await say(server.port, request('GET /', `Authorization: ${proof('00000001', users.Mufasa)}`));
    expect(again).to.match(/^HTTP\/1\.1 401 [\s\S]*stale=true/);
  });

  const KINDS: readonly GuardOptions[] = (
    ['MD5', 'MD5-sess', 'SHA-256', 'SHA-256-sess', 'SHA-512-256'] as const
  ).flatMap((algorithm) =>
    (['auth', 'auth-int', 'none'] as const)
      .filter((qop) => qop !== 'none' || !algorithm.endsWith('-sess'))
      .map((qop) => ({ schemes: ['digest'], algorithms: [algorithm], qop })),
  );
  for (const options of KINDS) {
    it(`Digest: ${options.algorithms} with qop ${options.qop} is the client's too`, async () => {
      await using server = await serve({ ...options, uses: 2 });
      await using client = await http.connect(server.url, { user: 'Mufasa', password: users.Mufasa });
      // the third makes the nonce stale
      for (let i = 0; i < 3; i++) {
        const answer = await client.post(`/?${i}`, { body: 'some text' });
        expect(await answer.text()).to.equal('hello Mufasa');
        if (options.qop === 'auth') expect(answer.headers.has('authentication-info')).to.equal(true);
      }
      await using wrong = await http.connect(server.url, { user: 'Mufasa', password: 'wrong' });
      const refused = await wrong.get('/', { failing: 'return' });
      expect([refused.status, wrong]).to.deep.equal([401, wrong]);
      await refused.close();
      expect(wrong).to.be.an.instanceOf(HttpClient);
    });
  }
});
