import { expect } from 'chai';
import { ConnectionError, TimeoutError, UsageError } from '../../lib/core/errors.ts';
import { type UdpOptions, type UdpSocket, udp } from '../../lib/net/udp.ts';
import { rejection } from '../helpers.ts';

describe('udp', () => {
  const sockets: UdpSocket[] = [];
  const open = async (options?: UdpOptions): Promise<UdpSocket> => {
    const socket = await udp(options);
    sockets.push(socket);
    return socket;
  };
  afterEach(async () => {
    for (const socket of sockets.splice(0)) await socket.close();
  });

  it('sends and receives datagrams, and says from where they came', async () => {
    const [here, there] = [await open(), await open()];
    await here.send('question', there.local);
    const { data, from } = await there.receive();
    expect(data.toString()).to.equal('question');
    expect(from).to.deep.equal(here.local);
    await there.send(Buffer.from([0, 255]), from);
    expect([...(await here.receive()).data]).to.deep.equal([0, 255]);
  });

  it('fails who is sending when it is closed', async () => {
    const here = await open();
    const sending = rejection(here.send('hello', { host: 'localhost', port: here.local.port }));
    await here.close();
    expect(await sending)
      .to.be.instanceOf(ConnectionError)
      .and.to.include({ reason: 'closed' });
  });

  it('refuses what is no port', async () => {
    for (const port of [70_000, -1, 1.5]) expect(await rejection(open({ port }))).to.be.instanceOf(UsageError);
  });

  it('takes a host name', async () => {
    const [here, there] = [await open(), await open()];
    await here.send('hello', { host: 'localhost', port: there.local.port });
    expect((await there.receive()).data.toString()).to.equal('hello');
  });

  it('keeps datagrams until they are asked for, but not too many', async () => {
    const [here, there] = [await open(), await open({ maxQueue: 2 })];
    for (const text of ['a', 'b', 'c']) await here.send(text, there.local);
    while (there.dropped === 0) await new Promise((resolve) => setImmediate(resolve));
    expect([(await there.receive()).data, (await there.receive()).data].join('')).to.equal('ab');
    expect(there.dropped).to.equal(1);
  });

  it('gives datagrams to whoever asked first', async () => {
    const [here, there] = [await open(), await open()];
    const both = [there.receive(), there.receive()];
    for (const text of ['a', 'b']) await here.send(text, there.local);
    expect((await Promise.all(both)).map(({ data }) => data.toString())).to.deep.equal(['a', 'b']);
  });

  it('can be iterated until it is closed', async () => {
    const [here, there] = [await open(), await open()];
    for (const text of ['a', 'b']) await here.send(text, there.local);
    const texts: string[] = [];
    for await (const { data } of there) {
      texts.push(data.toString());
      if (texts.length === 2) void there.close();
    }
    expect(texts).to.deep.equal(['a', 'b']);
  });

  it('waits only so long', async () => {
    const socket = await open();
    expect(await rejection(socket.receive({ timeout: 20 }))).to.be.instanceOf(TimeoutError);
    const reason = new Error('enough');
    const controller = new AbortController();
    const waiting = socket.receive({ signal: controller.signal });
    controller.abort(reason);
    expect(await rejection(waiting)).to.equal(reason);
    expect(await rejection(socket.receive({ signal: controller.signal }))).to.equal(reason);
  });

  it('is ended by its signal', async () => {
    const reason = new Error('enough');
    const controller = new AbortController();
    const socket = await open({ signal: controller.signal });
    const waiting = socket.receive();
    controller.abort(reason);
    expect(await rejection(waiting)).to.equal(reason);
    expect(await rejection(socket.send('x', socket.local))).to.equal(reason);
    expect(await rejection(udp({ signal: controller.signal }))).to.equal(reason);
  });

  it('says what is wrong', async () => {
    const socket = await open();
    expect(await rejection(udp({ port: socket.local.port }))).to.be.instanceOf(ConnectionError);
    expect(await rejection(socket.send('x', { host: '127.0.0.1', port: 0 }))).to.be.instanceOf(UsageError);
    expect(await rejection(socket.send(Buffer.alloc(70_000), socket.local))).to.be.instanceOf(ConnectionError);
    await socket.close();
    expect(await rejection(socket.receive())).to.be.instanceOf(ConnectionError);
    expect(await rejection(socket.send('x', socket.local))).to.be.instanceOf(ConnectionError);
  });

  it('speaks IPv6', async function () {
    const here = await open({ host: '::1' }).catch(() => undefined);
    if (!here) return this.skip();
    await here.send('hello', here.local);
    expect((await here.receive()).from).to.deep.equal(here.local);
  });
});
