import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { expect } from 'chai';
import { UsageError } from '../../lib/core/errors.ts';
import type { BodyOptions } from '../../lib/http/body.ts';
import { HttpClient } from '../../lib/http/client.ts';
import { rejection } from '../helpers.ts';

/** What a server of Node's own got. */
interface Got {
  readonly type: string | undefined;
  readonly length: string | undefined;
  readonly coding: string | undefined;
  readonly body: Buffer;
}

describe('a body that is sent', () => {
  let folder: string;
  let got: Got | undefined;
  const server = createServer(async (request: IncomingMessage, response) => {
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk);
    } catch {
      return;
    }
    const { 'content-type': type, 'content-length': length, 'transfer-encoding': coding } = request.headers;
    got = { type, length, coding, body: Buffer.concat(chunks) };
    response.end('ok');
  });
  let client: HttpClient;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'netkit-'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    client = await HttpClient.connect({ scheme: 'http', host: '127.0.0.1', port, tls: 'none' });
  });
  after(async () => {
    await client.close();
    await new Promise((resolve) => server.close(resolve));
    await rm(folder, { recursive: true });
  });
  beforeEach(() => {
    got = undefined;
  });

  async function sent(options: BodyOptions): Promise<Got | undefined> {
    await (await client.post('/', options)).bytes();
    return got;
  }

  const rows: [what: string, options: () => BodyOptions, got: Omit<Got, 'body'> & { readonly body: string }][] = [
    ['text', () => ({ body: 'é' }), { type: undefined, length: '2', coding: undefined, body: 'é' }],
    ['nothing', () => ({ body: '' }), { type: undefined, length: '0', coding: undefined, body: '' }],
    ['JSON', () => ({ json: [1] }), { type: 'application/json', length: '3', coding: undefined, body: '[1]' }],
    [
      'a form',
      () => ({ form: { a: 'b&c' } }),
      { type: 'application/x-www-form-urlencoded', length: '7', coding: undefined, body: 'a=b%26c' },
    ],
    ['a Blob', () => ({ body: new Blob(['abc']) }), { type: undefined, length: '3', coding: undefined, body: 'abc' }],
    [
      'a stream',
      () => ({ body: Readable.from(['ab', 'c']), type: 'text/plain' }),
      { type: 'text/plain', length: undefined, coding: 'chunked', body: 'abc' },
    ],
  ];
  for (const [what, options, expected] of rows) {
    it(`comes as it was given: ${what}`, async () => {
      const { body, ...rest } = (await sent(options())) ?? {};
      expect({ ...rest, body: body?.toString() }).to.deep.equal(expected);
    });
  }

  it('comes as it was given: a form with a file of the disk, with its length', async () => {
    const file = join(folder, 'large.bin');
    await writeFile(file, Buffer.alloc(3_000_000, 'abc'));
    const { type, length, body } =
      (await sent({
        multipart: [
          { name: 'a', value: 'b' },
          { name: 'file', file },
        ],
      })) ?? {};
    expect(length).to.equal(`${body?.length}`);
    const form = await new Response(body, { headers: { 'content-type': type ?? '' } }).formData();
    expect(form.get('a')).to.equal('b');
    expect(form.get('file')).to.have.property('size', 3_000_000);
  });

  it('is an error of the sender where its stream fails, and the server does not take half of it for the whole', async () => {
    async function* failing(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('half');
      throw new Error('the disk is gone');
    }
    const error = await rejection(sent({ body: failing() }));
    expect(error).to.be.instanceOf(UsageError).with.property('cause').that.has.property('message', 'the disk is gone');
    expect(await rejection(sent({ body: Readable.from([1]) }))).to.be.instanceOf(UsageError);
    expect(got).to.equal(undefined);
  });

  it('is never longer or shorter than was said', async () => {
    for (const size of [2, 4]) {
      const file = Readable.from([Buffer.from('abc')]);
      const part = { name: 'a', file, filename: 'a', size };
      expect(await rejection(sent({ multipart: [part] }))).to.be.instanceOf(UsageError);
      expect(got).to.equal(undefined);
    }
  });
});
