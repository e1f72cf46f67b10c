import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { UsageError } from '../../lib/core/errors.ts';
import type { Form } from '../../lib/http/form.ts';
import type { FormOptions } from '../../lib/http/form-options.ts';
import { parseForm } from '../../lib/http/parse-form.ts';
import { all, rejection } from '../helpers.ts';

const LARGE = Buffer.alloc(300_000, 'netkit');

function file(name: string, content: Uint8Array, filename = name): Buffer {
  const head = `--B\r\nContent-Disposition: form-data; name="${name}"; filename="${filename}"\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), content, Buffer.from('\r\n')]);
}

const END = Buffer.from('--B--');

/** In chunks of so many octets, of which each is spoiled when the next is asked for. */
function* lent(octets: Buffer, size: number): Generator<Uint8Array> {
  const memory = Buffer.alloc(size);
  for (let at = 0; at < octets.length; at += size) {
    yield memory.subarray(0, octets.copy(memory, 0, at, at + size));
    memory.fill('?');
  }
}

describe('a file of a form', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'netkit-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  function parse(octets: Buffer, options: FormOptions & { readonly chunk?: number } = {}): Promise<Form> {
    return parseForm(lent(octets, options.chunk ?? 10_000), 'multipart/form-data; boundary=B', { folder, ...options });
  }

  it('is in memory where it is small', async () => {
    const small = LARGE.subarray(0, 64 * 1024);
    await using form = await parse(Buffer.concat([file('a', small), file('b', Buffer.alloc(0)), END]));
    expect(await readdir(folder)).to.deep.equal([]);
    expect((await form.file('a')?.bytes())?.equals(small)).to.equal(true);
    expect(Buffer.concat(await all(form.file('a')?.stream() ?? never()))).to.deep.equal(small);
    expect([form.file('b')?.size, await all(form.file('b')?.stream() ?? never())]).to.deep.equal([0, []]);
  });

  it('is on the disk where it is large, where nobody else can look, until the form is closed', async () => {
    const form = await parse(Buffer.concat([file('a', LARGE, '../../etc/passwd'), file('b', LARGE), END]));
    const [inside = '', ...others] = await readdir(folder);
    expect(others).to.deep.equal([]);
    expect((await stat(join(folder, inside))).mode & 0o777).to.equal(0o700);
    const names = await readdir(join(folder, inside));
    expect(names).to.have.length(2);
    for (const name of names) {
      expect(name).to.match(/^[0-9a-f]{32}$/);
      expect((await stat(join(folder, inside, name))).mode & 0o777).to.equal(0o600);
    }
    const upload = form.file('a');
    expect([upload?.filename, upload?.baseName, upload?.size]).to.deep.equal([
      '../../etc/passwd',
      'passwd',
      LARGE.length,
    ]);
    expect((await upload?.bytes())?.equals(LARGE)).to.equal(true);
    for (let i = 0; i < 2; i++)
      expect(Buffer.concat(await all(upload?.stream() ?? never())).equals(LARGE)).to.equal(true);
    await form.close();
    await form.close();
    expect(await readdir(folder)).to.deep.equal([]);
    expect(await rejection(upload?.bytes() ?? never())).to.be.instanceOf(UsageError);
    expect(await rejection(all(upload?.stream() ?? never()))).to.be.instanceOf(UsageError);
    expect(await rejection(upload?.saveTo(join(folder, 'x')) ?? never())).to.be.instanceOf(UsageError);
  });

  it('is the same however it comes', async () => {
    for (const chunk of [1, 7, 100, 65_536, 1_000_000])
      for (const memory of [0, 1000]) {
        const content = LARGE.subarray(0, chunk < 7 ? 3_000 : undefined);
        await using form = await parse(Buffer.concat([file('a', content), file('b', content), END]), { chunk, memory });
        for (const each of form.files()) expect((await each.bytes()).equals(content), `${chunk}`).to.equal(true);
      }
    expect(await readdir(folder)).to.deep.equal([]);
  });

  it('leaves nothing when the form breaks off, is refused, or is given up', async () => {
    const cut = file('a', LARGE);
    expect(await rejection(parse(cut))).to.include({ reason: 'truncated' });
    expect(await rejection(parse(Buffer.concat([cut, Buffer.from('--B\n')])))).to.include({ reason: 'grammar' });
    expect(await rejection(parse(cut, { limits: { file: 200_000 } }))).to.include({ reason: 'limit' });
    expect(await rejection(parse(cut, { limits: { body: 200_000 } }))).to.include({ reason: 'limit' });
    const controller = new AbortController();
    const stalls = async function* (): AsyncGenerator<Uint8Array> {
      yield cut;
      controller.abort(new Error('enough'));
      await new Promise(() => {});
    };
    const { signal } = controller;
    const given = parseForm(stalls(), 'multipart/form-data; boundary=B', { folder, signal });
    expect(await rejection(given)).to.have.property('message', 'enough');
    expect(await readdir(folder)).to.deep.equal([]);
    const partial = await parse(cut.subarray(0, 150_000), { partial: true });
    expect([partial.file('a')?.complete, (await partial.file('a')?.bytes())?.length]).to.deep.equal([
      false,
      partial.file('a')?.size,
    ]);
    expect(await readdir(folder)).to.have.length(1);
    await partial.close();
    expect(await readdir(folder)).to.deep.equal([]);
  });

  it('leaves nothing when the process exits', async () => {
    const program = `
      import { parseForm } from ${JSON.stringify(fileURLToPath(new URL('../../lib/http/parse-form.ts', import.meta.url)))};
      const head = '--B\\r\\nContent-Disposition: form-data; name="a"; filename="a"\\r\\n\\r\\n';
      const form = await parseForm([Buffer.from(head + 'x'.repeat(100000) + '\\r\\n--B--')], 'multipart/form-data; boundary=B', { folder: ${JSON.stringify(folder)} });
      const { readdirSync } = await import('node:fs');
      console.log(form.size, readdirSync(${JSON.stringify(folder)}).length);
      process.exit(0);`;
    const path = join(folder, '..', `${folder.split('/').at(-1)}.mts`);
    await writeFile(path, program);
    try {
      const { stdout } = await promisify(execFile)(process.execPath, ['--import', import.meta.resolve('tsx'), path]);
      expect(stdout.trim()).to.equal('1 1');
    } finally {
      await rm(path);
    }
    expect(await readdir(folder)).to.deep.equal([]);
  });

  it('is saved as a whole, and over nothing that is there unless asked to', async () => {
    await using form = await parse(Buffer.concat([file('large', LARGE), file('small', Buffer.from('small')), END]));
    const mine = join(folder, 'mine');
    await mkdir(mine);
    for (const [name, content] of [
      ['large', LARGE],
      ['small', Buffer.from('small')],
    ] as const) {
      const path = join(mine, name);
      await form.file(name)?.saveTo(path);
      expect((await readFile(path)).equals(content)).to.equal(true);
      expect((await stat(path)).mode & 0o777).to.equal(0o600);
      const again = await rejection(form.file(name)?.saveTo(path) ?? never());
      expect(again).to.be.instanceOf(UsageError).with.property('reason', 'policy');
      await form.file(name)?.saveTo(path, { overwrite: true, mode: 0o644 });
      expect((await stat(path)).mode & 0o777).to.equal(0o644);
    }
    // what a link points to is never written to
    await writeFile(join(folder, 'target'), 'mine');
    await symlink(join(folder, 'target'), join(mine, 'link'));
    expect(await rejection(form.file('small')?.saveTo(join(mine, 'link')) ?? never())).to.be.instanceOf(UsageError);
    await form.file('small')?.saveTo(join(mine, 'link'), { overwrite: true });
    expect(await readFile(join(folder, 'target'), 'utf8')).to.equal('mine');
    expect((await readdir(mine)).sort()).to.deep.equal(['large', 'link', 'small']);
  });
});

function never(): never {
  throw new Error('there is no such file');
}
