import { getEventListeners } from 'node:events';
import { expect } from 'chai';
import { ConnectionError, ProtocolError, TimeoutError, UsageError } from '../../lib/core/errors.ts';
import { Connection, type ConnectionOptions } from '../../lib/net/connection.ts';
import { connectionOver } from '../../lib/net/index.ts';
import { Transcript } from '../../lib/net/transcript.ts';
import { command } from '../../lib/wire/command.ts';
import { AtMost, DotBlock, Exactly } from '../../lib/wire/framing.ts';
import { all, rejection } from '../helpers.ts';
import { type Half, pair } from '../pair.ts';

describe('a connection', () => {
  let peer: Half;
  let near: Half;
  let connection: Connection;

  const begin = (options: ConnectionOptions = {}): Connection => {
    [near, peer] = pair();
    peer.on('error', () => {});
    connection = new Connection(near, options);
    return connection;
  };
  /** What the peer has received so far, once there is something. */
  const received = async (): Promise<string> => {
    if (peer.readableLength === 0) await new Promise<void>((resolve) => void peer.once('readable', () => resolve()));
    let text = '';
    for (let chunk = peer.read(); chunk !== null; chunk = peer.read()) text += chunk;
    return text;
  };

  afterEach(async () => {
    await connection.close();
    peer.destroy();
  });

  describe('receives', () => {
    it('a line, without its end, however it comes', async () => {
      begin();
      peer.write('one\r');
      const line = connection.readLine();
      peer.write('\ntwo\nthr');
      expect([await line, await connection.readLine()]).to.deep.equal(['one', 'two']);
      const third = connection.readLine();
      peer.write('ee\r\n');
      expect(await third).to.equal('three');
    });
    it('lines until the peer ends', async () => {
      begin();
      peer.end('one\r\n\r\ntwo\n');
      expect(await all(connection.lines())).to.deep.equal(['one', '', 'two']);
    });
    it('so many octets, and leaves the others', async () => {
      begin();
      peer.write('abcdef\r\n');
      expect((await connection.readExactly(4)).toString()).to.equal('abcd');
      expect(await connection.readLine()).to.equal('ef');
    });
    it('what comes next, and then the end', async () => {
      begin();
      peer.write('abc');
      expect(String(await connection.read())).to.equal('abc');
      peer.end();
      expect(await connection.read()).to.equal(undefined);
      expect(await connection.read()).to.equal(undefined);
    });
    it('what a taker makes of it', async () => {
      begin();
      const taken = connection.receive((bytes) => (bytes.length >= 3 ? bytes.takeAll().toString('hex') : undefined));
      peer.write('a');
      peer.write('bc');
      expect(await taken).to.equal('616263');
    });
    it('what came before the peer went away', async () => {
      begin();
      peer.end('one\r\nrest');
      expect(await connection.readLine()).to.equal('one');
      const error = await rejection(connection.readLine());
      expect(error).to.be.instanceOf(ConnectionError).and.to.include({ reason: 'truncated' });
    });
    it('an error when the peer ends instead of answering', async () => {
      begin();
      peer.end();
      expect(await rejection(connection.readLine())).to.include({ reason: 'closed', code: 'NETKIT_CONNECTION' });
    });
    it('an error when the connection is lost', async () => {
      begin();
      const line = connection.readLine();
      peer.destroy();
      expect(await rejection(line)).to.include({ reason: 'reset' });
      expect(await rejection(connection.write(Buffer.from('x')))).to.include({ reason: 'reset' });
      expect(connection.usable).to.equal(false);
    });
    it('no line beyond its limit, and nothing after it', async () => {
      begin({ maxLine: 10 });
      peer.write('0123456789abc');
      expect(await rejection(connection.readLine()))
        .to.be.instanceOf(ProtocolError)
        .and.to.include({ reason: 'limit' });
      expect(near.destroyed).to.equal(true);
      expect(await rejection(connection.readLine())).to.be.instanceOf(ProtocolError);
    });
    it('by one reader at a time', async () => {
      begin();
      const first = connection.readLine();
      expect(await rejection(connection.readLine())).to.be.instanceOf(UsageError);
      peer.write('for the first\r\n');
      expect(await first).to.equal('for the first');
    });
    it('nothing that nobody asked for', async () => {
      begin();
      peer.write('a');
      await new Promise((resolve) => setImmediate(resolve));
      expect([connection.received, connection.unasked]).to.deep.equal([0, 1]);
    });
  });

  describe('receives a body', () => {
    it('in chunks that are the caller’s to keep', async () => {
      begin();
      const body = connection.body(new Exactly(6));
      peer.write('abc');
      const first = await body.pull();
      peer.write('defnext\r\n');
      expect([String(first), String(await body.pull()), await body.pull()]).to.deep.equal(['abc', 'def', undefined]);
      expect(body.complete).to.equal(true);
      expect(await connection.readLine()).to.equal('next');
    });
    it('all at once, and leaves what is behind it', async () => {
      begin();
      peer.write('one\r\n..two\r\n.\r\nnext\r\n');
      let text = '';
      await connection.readDotBlock().each((chunk) => {
        text += chunk;
      });
      expect(text).to.equal('one\r\n.two\r\n');
      expect(await connection.readLine()).to.equal('next');
    });
    it('of which nothing proves that it is whole', async () => {
      begin();
      peer.end('abc');
      const body = connection.readToEnd();
      await body.each(() => {});
      expect(body.complete).to.equal('unknown');
    });
    it('that is cut short', async () => {
      begin();
      peer.end('one\r\n');
      const error = await rejection(connection.body(new DotBlock()).each(() => {}));
      expect(error).to.include({ reason: 'truncated', phase: 'body' });
    });
    it('up to a limit', async () => {
      begin();
      peer.write('x'.repeat(100));
      const error = await rejection(connection.body(new AtMost(new Exactly(200), 50)).each(() => {}));
      expect(error).to.include({ code: 'NETKIT_PROTOCOL', reason: 'limit' });
    });
  });

  describe('sends', () => {
    it('commands, octets and text', async () => {
      begin();
      await connection.write(command`RETR ${1}`);
      await connection.write(Buffer.from('octets'));
      await connection.writeText('grüß\r\n');
      expect(await received()).to.equal('RETR 1\r\noctetsgrüß\r\n');
    });
    it('no faster than the peer takes it', async () => {
      begin();
      const written = connection.write(Buffer.alloc(100_000));
      let done = false;
      void written.then(() => {
        done = true;
      });
      await new Promise((resolve) => setImmediate(resolve));
      expect(done).to.equal(false);
      peer.resume();
      await written;
    });
    it('an error when the peer takes nothing for too long', async () => {
      begin({ timeouts: { idle: 20 } });
      expect(await rejection(connection.write(Buffer.alloc(100_000)))).to.be.instanceOf(TimeoutError);
    });
    it('its end, and hears what the peer still says', async () => {
      begin();
      connection.end();
      peer.on('end', () => peer.end('late\r\n')).resume();
      expect(await connection.readLine()).to.equal('late');
    });
    it('an error once it is closed', async () => {
      begin();
      await connection.close();
      expect(await rejection(connection.write(Buffer.from('x')))).to.include({ reason: 'closed' });
      expect(await rejection(connection.readLine())).to.include({ reason: 'closed' });
    });
    it('an error when the peer has gone', async () => {
      begin();
      peer.destroy();
      await new Promise((resolve) => setImmediate(resolve));
      expect(await rejection(connection.write(Buffer.from('x')))).to.be.instanceOf(ConnectionError);
    });
  });

  describe('is ended', () => {
    it('by closing it: what was written still goes out, and whoever waits is told', async () => {
      begin();
      const line = connection.readLine();
      const written = connection.write(Buffer.from('bye\r\n'));
      const [error] = await Promise.all([rejection(line), connection.close(), written]);
      expect(error).to.include({ reason: 'closed', phase: 'close' });
      expect(await received()).to.equal('bye\r\n');
      await connection.close();
    });
    it('by its signal, with its reason', async () => {
      const controller = new AbortController();
      begin({ signal: controller.signal });
      const line = connection.readLine();
      const reason = new Error('enough');
      controller.abort(reason);
      expect(await rejection(line)).to.equal(reason);
      expect(await rejection(connection.write(Buffer.from('x')))).to.equal(reason);
      expect(near.destroyed).to.equal(true);
    });
    it('by a signal that has been aborted before', async () => {
      begin({ signal: AbortSignal.abort(new Error('before')) });
      expect(String(await rejection(connection.readLine()))).to.include('before');
    });
    it('by silence: of a greeting, of a reply, of a body', async () => {
      begin({ timeouts: { greeting: 20 } });
      expect(await rejection(connection.readLine('greeting'))).to.include({
        code: 'NETKIT_TIMEOUT',
        phase: 'greeting',
      });
      begin({ timeouts: { idle: 20 } });
      expect(await rejection(connection.readLine())).to.include({ code: 'NETKIT_TIMEOUT', phase: 'command' });
      begin({ timeouts: { idle: 20 } });
      expect(await rejection(connection.readExactly(1))).to.include({ code: 'NETKIT_TIMEOUT', phase: 'body' });
    });
    it('by a reply that trickles: it has one limit as a whole', async () => {
      begin({ timeouts: { idle: 60 } });
      const timer = setInterval(() => peer.write('x'), 10);
      expect(await rejection(connection.readLine())).to.be.instanceOf(TimeoutError);
      clearInterval(timer);
    });
    it('not by a body that takes its time', async () => {
      begin({ timeouts: { idle: 60 } });
      const timer = setInterval(() => peer.write('x'), 10);
      expect((await connection.readExactly(10)).length).to.equal(10);
      clearInterval(timer);
    });
    it('by the limit for the whole', async () => {
      begin({ timeouts: { total: 20 } });
      expect(String(await rejection(connection.readLine()))).to.include('the whole took longer than 20 ms');
    });
    it('and leaves no listeners behind on its signal', async () => {
      const { signal } = new AbortController();
      begin({ signal });
      expect(getEventListeners(signal, 'abort').length).to.equal(1);
      await connection.close();
      expect(getEventListeners(signal, 'abort').length).to.equal(0);
    });
  });

  it('tells the dialogue, without secrets, and to whom it is told to', async () => {
    const first = new Transcript();
    const second = new Transcript();
    begin({ transcript: first });
    await connection.write(command`RETR ${1}`);
    await connection.writeText('one\r\n\r\ntwo\r\n');
    peer.write('+OK\r\nabc');
    await connection.readLine();
    connection.reportTo(second);
    await connection.body(new Exactly(3)).each(() => {});
    expect(first.toString()).to.equal('C: RETR 1\nC: one\nC: \nC: two\nS: +OK');
    expect(second.toString()).to.equal('*: 3 octets');
  });

  it('does not put TLS over octets that came in the clear', async () => {
    begin();
    peer.write('+OK begin TLS\r\nplanted');
    await connection.readLine();
    let began = false;
    const error = await rejection(
      connection.upgrade(async (stream) => {
        began = true;
        return stream;
      }),
    );
    expect(error).to.include({ reason: 'tls-injection' });
    expect(began).to.equal(false);
    expect(near.destroyed).to.equal(true);
  });
});

describe('net.connectionOver', () => {
  it('speaks over a stream that is connected already', async () => {
    const [near, far] = pair();
    const [here, there] = await Promise.all([connectionOver(near), connectionOver(far)]);
    await here.writeText('hello\r\n');
    expect(await there.readLine()).to.equal('hello');
    await here.close();
    await there.close();
  });
});
