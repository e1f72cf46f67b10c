/** Where Apache leads us, and what is told on the way: redirects, cookies. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { CookieJar } from '../../../lib/http/cookie-jar.ts';
import { http, ProtocolError, Secret, UsageError } from '../../../lib/index.ts';
import { rejection } from '../../helpers.ts';
import { curl, inFolder, output } from '../run.ts';
import { type Peer, start } from '../start.ts';
import { ALICE, type Asked, askedOf, logged } from './client.ts';

const OWN = { 'X-Api-Key': 'key', Cookie: 'mine=1', Authorization: 'Bearer own', Accept: 'text/x-own' };

describe('Apache, which leads elsewhere', () => {
  let server: Peer;
  let origin: string;
  let ca: string;

  before(async () => {
    server = await start('apache2');
    origin = `http://localhost:${server.port('http')}`;
    ca = await readFile(server.get('ca'), 'utf8');
  });

  after(async () => {
    await server?.close();
  });

  for (const status of [301, 302, 303, 307, 308]) {
    const keeps = status > 303;

    it(`is followed by ${status}`, async () => {
      await using client = await http.connect(origin);
      const answer = await client.fetch(`/here/${status}/text.txt`);
      expect(answer).to.include({ status: 200, url: `${origin}/text.txt` });
      expect(await answer.text()).to.include('second line');
    });

    it(`gets ${keeps ? 'a body again' : 'a GET instead of a POST'} by ${status}`, async () => {
      await using client = await http.connect(origin);
      const asked = await askedOf(await client.post(`/here/${status}/cgi-bin/echo`, { form: { a: 'b' } }));
      expect(asked).to.include(keeps ? { method: 'POST', text: 'a=b' } : { method: 'GET', size: 0 });
      expect(asked.type).to.equal(keeps ? 'application/x-www-form-urlencoded' : null);
    });

    it(`tells another origin nothing that is not for it, by ${status}`, async () => {
      await using client = await http.connect(origin, { ...ALICE, auth: 'basic', cookies: true });
      client.cookies?.set(origin, 'jar=1');
      const headers = { 'X-Api-Key': 'key', Accept: 'text/x-own', 'X-Secret': new Secret('s3cret') };
      const answer = await client.post(`/away/${status}/cgi-bin/echo`, { headers, body: 'text', type: 'text/plain' });
      expect(answer.url).to.equal(`http://localhost:${server.port('other')}/cgi-bin/echo`);
      const asked = await askedOf(answer);
      expect(Object.keys(asked.headers)).to.include.members(['host', 'accept']);
      expect(asked.headers).to.include({ accept: 'text/x-own', host: `localhost:${server.port('other')}` });
      const told = JSON.stringify(asked);
      // a jar knows hosts, and no ports (RFC 6265 8.5): what is in it goes to all of localhost
      for (const secret of ['key', 's3cret', 'authorization', 'Basic']) expect(told, secret).not.to.include(secret);
    });
  }

  it('tells the same origin what it was told before', async () => {
    await using client = await http.connect(origin);
    const here = await askedOf(await client.fetch('/here/302/cgi-bin/echo', { headers: OWN }));
    expect(here.headers).to.include({ 'x-api-key': 'key', cookie: 'mine=1', authorization: 'Bearer own' });
    const away = await askedOf(await client.fetch('/away/302/cgi-bin/echo', { headers: OWN }));
    expect(away.headers).to.include({ accept: 'text/x-own' });
    expect(away.headers).not.to.have.any.keys('x-api-key', 'cookie', 'authorization');
  });

  it('is followed over several steps, and to relative places', async () => {
    await using client = await http.connect(origin);
    expect(await (await client.fetch('/chain/3')).text()).to.include('second line');
    const answer = await client.fetch('/cgi-bin/relative');
    expect(answer.url).to.equal(`${origin}/text.txt`);
    expect(await answer.text()).to.include('second line');
  });

  it('is not followed in circles, nor further than is allowed', async () => {
    await using client = await http.connect(origin);
    const error = await rejection(client.fetch('/loop'));
    expect(error).to.be.instanceOf(ProtocolError).and.include({ reason: 'limit' });
    expect(await logged(server, /^\/loop/, 11)).to.have.length(11);
    await using near = await http.connect(origin, { redirects: { max: 2 } });
    expect(await rejection(near.fetch('/chain/3'))).to.include({ reason: 'limit' });
  });

  it('is not followed where nobody is to be', async () => {
    await using client = await http.connect(origin, { redirects: false });
    const answer = await client.fetch('/here/302/text.txt');
    expect(answer.status).to.equal(302);
    expect(answer.headers.get('location')).to.equal(`${origin}/text.txt`);
    expect(await answer.text()).to.include('The document has moved');
  });

  it('is not followed from https to http, unless it may be', async () => {
    const url = `https://localhost:${server.port('https')}`;
    await using client = await http.connect(url, { tls: { ca } });
    const error = await rejection(client.fetch('/plainly/text.txt'));
    expect(error).to.be.instanceOf(UsageError).and.include({ reason: 'policy' });
    await using open = await http.connect(url, { tls: { ca }, redirects: { toPlain: true } });
    expect(await (await open.fetch('/plainly/text.txt')).text()).to.include('second line');
  });

  it('is not sent a stream a second time', async () => {
    await using client = await http.connect(origin);
    const stream = async function* (): AsyncGenerator<Buffer> {
      yield Buffer.from('once');
    };
    expect(await rejection(client.post('/here/307/cgi-bin/echo', { body: stream() }))).to.be.instanceOf(UsageError);
    const asked: Asked = await askedOf(await client.post('/here/303/cgi-bin/echo', { body: stream() }));
    expect(asked.method).to.equal('GET');
  });

  describe('and sets cookies', () => {
    it('which come back where they belong, and which curl can read', async () => {
      await inFolder(async (folder) => {
        const jar = await CookieJar.open();
        await using client = await http.connect(origin, { cookies: jar });
        expect(await (await client.fetch('/cgi-bin/cookies')).text()).to.equal('\n');
        expect([...jar].map(({ name }) => name)).to.have.members(['id', 'theme', 'elsewhere']);
        expect(await (await client.fetch('/cgi-bin/cookies')).text()).to.equal('theme=dark; id=abc123\n');
        const asked = await askedOf(await client.fetch('/cgi-bin/echo'));
        expect(asked.headers).to.include({ cookie: 'theme=dark; id=abc123' });
        const file = join(folder, 'cookies.txt');
        await jar.save(file);
        const said = output(await curl('-b', file, `${origin}/cgi-bin/cookies`)).toString();
        expect(said.trim().split('; ').sort()).to.deep.equal(['id=abc123', 'theme=dark']);
        const other = join(folder, 'curl.txt');
        output(await curl('-c', other, `${origin}/cgi-bin/cookies`));
        const read = await CookieJar.load(other);
        expect(read.header(`${origin}/cgi-bin/x`)).to.equal('theme=dark; id=abc123');
      });
    });

    it('which are not kept unless somebody wants them', async () => {
      await using client = await http.connect(origin);
      await (await client.fetch('/cgi-bin/cookies')).bytes();
      expect(await (await client.fetch('/cgi-bin/cookies')).text()).to.equal('\n');
    });
  });
});
