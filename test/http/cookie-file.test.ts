import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { UsageError } from '../../lib/core/errors.ts';
import type { Cookie } from '../../lib/http/cookie.ts';
import { CookieJar } from '../../lib/http/cookie-jar.ts';
import { rejection } from '../helpers.ts';

const SITE = 'https://www.example.com/a/b';

async function jarOf(url: string, ...lines: string[]): Promise<CookieJar> {
  const jar = await CookieJar.open();
  jar.take(url, lines);
  return jar;
}

function names(jar: CookieJar): string[] {
  return [...jar].map(({ name }) => name);
}

describe('a file of cookies', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'netkit-cookies-'));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  const LINES = ['a=1; Domain=example.com; Path=/; Secure; Max-Age=1000', 'b=2; HttpOnly; SameSite=Lax', 'c='];

  for (const name of ['jar.json', 'cookies.txt']) {
    it(`${name}: is written and read, by its owner alone`, async () => {
      const jar = await jarOf(SITE, ...LINES);
      const file = join(folder, name);
      await writeFile(file, 'before');
      await jar.save(file);
      const again = await CookieJar.load(file);
      const plain = ({ created, expires, sameSite, ...rest }: Cookie): unknown => rest;
      expect([...again].map(plain)).to.deep.equal([...jar].map(plain));
      expect(again.header(SITE)).to.equal(jar.header(SITE));
      expect((await stat(file)).mode & 0o777).to.equal(0o600);
      expect(await readdir(folder)).to.deep.equal([name]);
    });

    it(`${name}: can be without what ends with its session`, async () => {
      const file = join(folder, name);
      await (await jarOf(SITE, ...LINES)).save(file, { session: false });
      expect(names(await CookieJar.load(file))).to.deep.equal(['a']);
    });
  }

  it('is, as text, what curl and Python write and read', async () => {
    const file = join(folder, 'x');
    await (await jarOf(SITE, ...LINES)).save(file);
    const text = await readFile(file, 'utf8');
    const [magic, , ...lines] = text.replace(/\n$/, '').split('\n');
    expect(magic).to.equal('# Netscape HTTP Cookie File');
    expect(lines.map((line) => line.replace(/\t\d{10}\t/, '\tTIME\t'))).to.deep.equal([
      '.example.com\tTRUE\t/\tTRUE\tTIME\ta\t1',
      '#HttpOnly_www.example.com\tFALSE\t/a\tFALSE\t0\tb\t2',
      'www.example.com\tFALSE\t/a\tFALSE\t0\tc\t',
    ]);
    await writeFile(
      file,
      '# HTTP Cookie File\r\n\r\n# a remark\r\n.example.com\tTRUE\t/\tFALSE\t\ts\tpython\r\n' +
        '#HttpOnly_www.example.com\tFALSE\t/\tTRUE\t4102444800\th\tcurl\r\nold.example.com\tFALSE\t/\tFALSE\t1\to\t1\r\n',
    );
    const jar = await CookieJar.load(file);
    expect(jar.header('https://www.example.com/')).to.equal('h=curl; s=python');
    expect([...jar].map(({ httpOnly, expires }) => [httpOnly, expires?.getFullYear() === undefined])).to.deep.equal([
      [false, true],
      [true, false],
    ]);
  });

  const wrong: [what: string, text: string][] = [
    ['a line with too little', 'example.com\tTRUE\t/'],
    ['a line with too much', 'a\tTRUE\t/\tTRUE\t0\tn\tv\tw'],
    ['no number', 'a\tTRUE\t/\tTRUE\tsoon\tn\tv'],
    ['control characters', 'a\tTRUE\t/\tTRUE\t0\tn\tv\u0001'],
    ['other text', 'hello'],
    ['half of a JSON', '{"version": 1, "cookies": ['],
    ['other JSON', '{"version": 2, "cookies": []}'],
    ['a cookie that is none', '{"version": 1, "cookies": [{"name": 1}]}'],
    [
      'a value with a line end',
      '{"version": 1, "cookies": [{"name": "a", "value": "\\r\\n", "domain": "a", "path": "/", "created": "2020-01-01"}]}',
    ],
  ];
  for (const [what, text] of wrong) {
    it(`is none with ${what}`, async () => {
      const file = join(folder, 'x');
      await writeFile(file, text);
      expect(await rejection(CookieJar.load(file))).to.be.instanceOf(UsageError);
    });
  }
});
