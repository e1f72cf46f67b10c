import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { ProtocolError, UsageError } from '../../lib/core/errors.ts';
import { optionsElsewhere } from '../../lib/gopher/elsewhere.ts';
import { gopher } from '../../lib/gopher/index.ts';
import { all, rejection } from '../helpers.ts';
import { answering } from './answering.ts';

describe('A Gopher entry of another server', () => {
  it('is not private, also where the policy is given as undefined', async () => {
    const other = await answering('secret\r\n.\r\n');
    const client = await gopher.connect('gopher://127.0.0.1:7070', { policy: undefined });
    const error = await rejection(client.follow({ url: `${other.url}/0/a` }));
    expect(error).to.be.instanceOf(UsageError).with.property('reason', 'policy');
    expect(other.connections()).to.equal(0);
    await other.close();
  });

  it('is reached by its own way, not by that of the server that named it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'netkit-'));
    const unixSocket = join(folder, 'socket');
    const here = createServer((socket) => void socket.end('wrong\r\n.\r\n'));
    await new Promise<void>((resolve) => here.listen(unixSocket, resolve));
    const other = await answering('right\r\n.\r\n');
    const ways = [{ unixSocket }, { via: 'echo wrong' }, { resolve: { '127.0.0.1': '127.0.0.9' } }];
    for (const way of ways) {
      const client = await gopher.connect('gopher://here.example', { policy: 'any', ...way });
      const resource = await client.follow({ url: `${other.url}/0/a` });
      expect(await resource.text(), JSON.stringify(way)).to.equal('right\r\n');
    }
    await other.close();
    here.close();
    await rm(folder, { recursive: true });
  });

  it('is told nothing of who we are, and is trusted only as any server is', () => {
    const tls = { ca: 'CA', cert: 'CERT', key: 'KEY', servername: 'here', pins: ['x'], insecure: true };
    const timeouts = { idle: 5 };
    const kept = optionsElsewhere({ timeouts, tls, user: 'joe', password: 'x', proxy: 'env', minRate: 3 });
    expect(JSON.parse(JSON.stringify(kept))).to.deep.equal({
      ...{ timeouts, tls: { ca: 'CA' }, proxy: 'env', minRate: 3, policy: 'public' },
    });
    expect(optionsElsewhere({ policy: 'any' }).policy).to.equal('any');
  });

  it('is not followed with a user in its URL', async () => {
    const other = await answering('x\r\n.\r\n');
    const client = await gopher.connect(other.url);
    const url = `${other.url.replace('://', '://joe:hunter2@')}/0/a`;
    expect(await rejection(client.follow({ url }))).to.be.instanceOf(UsageError);
    expect(other.connections()).to.equal(0);
    await other.close();
  });
});

describe('A walk through Gopher menus', () => {
  const endless = async (): Promise<{ url: string; gone: Promise<void>; close: () => Promise<void> }> => {
    let left: () => void = () => {};
    const gone = new Promise<void>((resolve) => {
      left = resolve;
    });
    // the menu goes on: its end is not told
    const server = await answering((socket: Socket) => {
      const { port } = socket.address() as { port: number };
      socket.on('close', () => left());
      socket.write(`1a\t/a\t127.0.0.1\t${port}\r\n1b\t/b\t127.0.0.1\t${port}\r\n`);
    });
    return { url: server.url, gone, close: server.close };
  };

  it('that is broken off leaves no connection open', async () => {
    const { url, gone, close } = await endless();
    for await (const entry of (await gopher.connect(url)).walk()) {
      expect(entry.name).to.equal('a');
      break;
    }
    await gone;
    await close();
  });

  it('that ends at its limit leaves no connection open', async () => {
    const { url, gone, close } = await endless();
    const error = await rejection(all((await gopher.connect(url)).walk('/', { maxMenus: 2 })));
    expect(error).to.be.instanceOf(ProtocolError).with.property('reason', 'limit');
    await gone;
    await close();
  });
});
