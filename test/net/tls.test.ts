import { createHash, X509Certificate } from 'node:crypto';
import { getEventListeners, once } from 'node:events';
import { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { TLSSocket, type TLSSocketOptions } from 'node:tls';
import { expect } from 'chai';
import { ConnectionError, TimeoutError, UsageError } from '../../lib/core/errors.ts';
import type { ConnectOptions, TlsOptions } from '../../lib/core/options.ts';
import { Secret } from '../../lib/core/secret.ts';
import { type Certificate, certificate } from '../../lib/mock/certificate.ts';
import { dial } from '../../lib/net/dial.ts';
import { secure } from '../../lib/net/tls.ts';
import { closedCleanly } from '../../lib/net/tls-end.ts';
import { failure } from './failure.ts';
import { Loopback } from './loopback.ts';

/** A server that begins TLS at once, and then does what `serve` says. */
function tlsServer(
  own: Certificate,
  serve: (socket: TLSSocket, raw: Socket) => void = () => {},
  options: TLSSocketOptions = {},
): Promise<Loopback> {
  return Loopback.start((raw) => {
    const socket = new TLSSocket(raw, { isServer: true, key: own.key, cert: own.cert, ...options });
    socket.on('error', () => {});
    serve(socket, raw);
  });
}

async function connected(server: Loopback): Promise<Duplex> {
  return (await dial({ host: '127.0.0.1', port: server.port })).stream;
}

/** Connects to a server with TLS as `host`. */
async function begin(
  server: Loopback,
  tls: TlsOptions,
  host = 'localhost',
  more: ConnectOptions = {},
): Promise<TLSSocket> {
  return secure(await connected(server), host, { ...more, tls }, server.port);
}

async function bytesOf(stream: Duplex): Promise<number> {
  let count = 0;
  stream.on('data', (chunk: Buffer) => {
    count += chunk.length;
  });
  stream.resume();
  await once(stream, 'end');
  return count;
}

describe('TLS', () => {
  const usual = certificate();

  it('verifies the server, by its name or its address, and gives a paused stream', async () => {
    await using server = await tlsServer(usual, (socket) => void socket.end('hello'));
    for (const host of ['localhost', 'LOCALHOST.', '127.0.0.1', '::1']) {
      const socket = await begin(server, { ca: usual.ca }, host);
      expect([socket.authorized, socket.isPaused()]).to.deep.equal([true, true]);
      for (const event of ['secureConnect', 'data']) expect(socket.listenerCount(event)).to.equal(0);
      expect(socket.getProtocol()).to.equal('TLSv1.3');
      expect(await bytesOf(socket)).to.equal(5);
    }
  });

  it('names the server (SNI) by its name, without a dot, and never by an address', async () => {
    const names: unknown[] = [];
    await using server = await tlsServer(usual, (socket) => {
      socket.on('secure', () => {
        names.push(socket.servername);
        socket.end();
      });
    });
    await bytesOf(await begin(server, { ca: usual.ca }, 'localhost.'));
    await bytesOf(await begin(server, { ca: usual.ca }, '127.0.0.1'));
    await bytesOf(await begin(server, { ca: usual.ca, servername: 'localhost' }, 'other.example'));
    expect(names).to.deep.equal(['localhost', false, 'localhost']);
  });

  const expired = certificate({ expired: true });
  const self = certificate({ selfSigned: true });
  const other = certificate({ hosts: ['other.invalid'] });
  for (const [what, own, tls, message] of [
    ['has expired', expired, { ca: expired.ca }, /has expired/],
    ['is self-signed', self, {}, /self-signed.*give it.*as ca/],
    ['is from an unknown authority', usual, {}, /(?:authority.*not known|self-signed).*as ca/],
    ['is for another host', other, { ca: other.ca }, /not for this name but for "other\.invalid"/],
    ['is for another host than servername', usual, { ca: usual.ca, servername: 'wrong.example' }, /not for this name/],
  ] as const) {
    it(`refuses a certificate that ${what}`, async () => {
      let heard = '';
      await using server = await tlsServer(own, (socket) => socket.on('data', (chunk) => (heard += chunk)));
      const stream = await connected(server);
      const error = await failure(secure(stream, 'localhost', { tls }, server.port));
      expect(error).to.be.instanceOf(ConnectionError);
      expect(error).to.include({ reason: 'tls', phase: 'tls', host: 'localhost', port: server.port, temporary: false });
      expect(error).to.have.property('message').that.matches(message);
      expect([stream.destroyed, heard]).to.deep.equal([true, '']);
    });

    it(`accepts with \`insecure\` a certificate that ${what}`, async () => {
      await using server = await tlsServer(own);
      const socket = await begin(server, { ...tls, insecure: true });
      expect(socket.authorized).to.equal(false);
    });
  }

  it('refuses an address that is not in the certificate', async () => {
    const named = certificate({ hosts: ['localhost'] });
    await using server = await tlsServer(named);
    expect(await failure(begin(server, { ca: named.ca }, '127.0.0.1'))).to.include({ reason: 'tls' });
  });

  it('wants one of the pinned keys, also when it is insecure', async () => {
    await using server = await tlsServer(usual);
    const pin = createHash('sha256')
      .update(new X509Certificate(usual.cert).publicKey.export({ type: 'spki', format: 'der' }))
      .digest('base64');
    const wrong = createHash('sha256').update('another').digest('base64');
    await begin(server, { ca: usual.ca, pins: [wrong, pin] });
    await begin(server, { ca: usual.ca, pins: [`sha256//${pin}`] });
    await begin(server, { insecure: true, pins: [pin] });
    for (const tls of [{ ca: usual.ca }, { insecure: true }]) {
      const error = await failure(begin(server, { ...tls, pins: [wrong] }));
      expect(error).to.include({ reason: 'tls', phase: 'tls' });
      expect(error).to.have.property('message').that.includes(pin);
    }
    for (const pins of [[], ['x'], [`${pin}=`]])
      expect(await failure(begin(server, { ca: usual.ca, pins }))).to.be.instanceOf(UsageError);
  });

  it('does not begin where the environment turns verification off', async () => {
    await using server = await tlsServer(usual);
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
    try {
      const stream = await connected(server);
      const error = await failure(secure(stream, 'localhost'));
      expect(error).to.be.instanceOf(UsageError).with.property('reason', 'policy');
      expect(stream.destroyed).to.equal(true);
      await begin(server, { insecure: true });
    } finally {
      delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
    }
  });

  it('shows a client certificate', async () => {
    const client = certificate({ hosts: ['client.example'] });
    let peer: unknown;
    await using server = await tlsServer(
      usual,
      (socket) =>
        socket.on('secure', () => {
          peer = socket.getPeerCertificate().subjectaltname;
          socket.end();
        }),
      { requestCert: true, rejectUnauthorized: false },
    );
    await bytesOf(await begin(server, { ca: usual.ca, cert: client.cert, key: Buffer.from(client.key) }));
    expect(peer).to.equal('DNS:client.example');
  });

  it('refuses certificates and keys that are none', async () => {
    await using server = await tlsServer(usual);
    for (const tls of [
      { cert: 'x' },
      { key: 'x' },
      { cert: usual.cert, key: other.key },
      { key: usual.key, passphrase: new Secret('x'), ca: 'x', cert: 'y' },
    ]) {
      expect(await failure(begin(server, tls)))
        .to.be.instanceOf(UsageError)
        .with.property('host', 'localhost');
    }
  });

  it('agrees on a protocol (ALPN), or says that there is none', async () => {
    await using server = await tlsServer(usual, undefined, { ALPNProtocols: ['pop3', 'imap'] });
    expect((await begin(server, { ca: usual.ca, alpn: ['imap'] })).alpnProtocol).to.equal('imap');
    expect(await failure(begin(server, { ca: usual.ca, alpn: ['nntp'] }))).to.include({ reason: 'tls' });
  });

  it('speaks no TLS before 1.2, and none before `minVersion`', async () => {
    await using old = await tlsServer(usual, undefined, {
      minVersion: 'TLSv1',
      maxVersion: 'TLSv1.1',
      ciphers: 'ALL:@SECLEVEL=0',
    } as TLSSocketOptions);
    expect(await failure(begin(old, { ca: usual.ca }))).to.include({ reason: 'tls', temporary: false });
    await using two = await tlsServer(usual, undefined, { maxVersion: 'TLSv1.2' } as TLSSocketOptions);
    expect((await begin(two, { ca: usual.ca })).getProtocol()).to.equal('TLSv1.2');
    const error = await failure(begin(two, { ca: usual.ca, minVersion: 'TLSv1.3' }));
    expect(error)
      .to.have.property('message')
      .that.matches(/no version of TLS that is allowed/);
  });
});

describe('a TLS handshake', () => {
  it('is cut when the server closes or resets', async () => {
    for (const leave of ['end', 'destroy', 'resetAndDestroy'] as const) {
      await using server = await Loopback.start((socket) => socket.once('data', () => socket[leave]()));
      const error = await failure(begin(server, {}));
      expect(error).to.be.instanceOf(ConnectionError);
      expect(error).to.include({ reason: 'tls', phase: 'tls', host: 'localhost', temporary: true });
      expect(error)
        .to.have.property('message')
        .that.matches(/closed the connection during the TLS handshake/);
    }
  });

  it('meets plain text instead', async () => {
    for (const text of [
      '+OK POP3 server ready\r\n',
      '220 mail.example ESMTP\r\n',
      'HTTP/1.1 400 Bad Request\r\n\r\n',
    ]) {
      await using server = await Loopback.start((socket) => void socket.write(text));
      const error = await failure(begin(server, {}));
      expect(error).to.include({ reason: 'tls', temporary: false });
      expect(error)
        .to.have.property('message')
        .that.matches(/does not speak TLS here/);
    }
  });

  it('is waited for no longer than its deadline', async () => {
    await using server = await Loopback.start((socket) => void socket.resume());
    const stream = await connected(server);
    const error = await failure(secure(stream, 'localhost', { timeouts: { tls: 60 } }, server.port));
    expect(error).to.be.instanceOf(TimeoutError);
    expect(error).to.include({ phase: 'tls', host: 'localhost', port: server.port });
    expect(stream.destroyed).to.equal(true);
  });

  it('is aborted, and leaves no listener', async () => {
    const controller = new AbortController();
    await using server = await Loopback.start((socket) =>
      socket.once('data', () => controller.abort(new Error('enough'))),
    );
    const stream = await connected(server);
    const error = await failure(secure(stream, 'localhost', { signal: controller.signal }));
    expect(error).to.have.property('message', 'enough');
    expect(stream.destroyed).to.equal(true);
    expect(getEventListeners(controller.signal, 'abort').length).to.equal(0);
    expect(await failure(secure(await connected(server), 'localhost', { signal: controller.signal }))).to.equal(error);
  });

  it('fails on a stream that has ended', async () => {
    await using server = await tlsServer(certificate());
    const stream = await connected(server);
    stream.destroy();
    expect(await failure(secure(stream, 'localhost'))).to.include({ reason: 'tls', phase: 'tls' });
  });
});

describe('the end of TLS', () => {
  const own = certificate();
  const SIZES = [0, 1, 16_384, 65_537, 1_500_000];

  /** Sends as many bytes as it is told, and ends with close_notify, or only the connection beneath. */
  function sender(): Promise<Loopback> {
    return tlsServer(own, (socket, raw) => {
      socket.once('data', (chunk: Buffer) => {
        const [how, size] = String(chunk).split(' ');
        socket.write(Buffer.alloc(Number(size)), () => {
          if (how === 'clean') socket.end();
          else Socket.prototype._final.call(raw, () => {}); // FIN, and nothing of TLS
        });
      });
    });
  }

  for (const [kind, wrap] of [
    ['a socket', (stream: Duplex) => stream],
    ['any other stream', (stream: Duplex) => new Pass(stream)],
  ] as const) {
    it(`is told from a cut, over ${kind}, however it is read`, async () => {
      await using server = await sender();
      for (const how of ['clean', 'cut']) {
        for (const size of SIZES) {
          for (const reader of [bytesOf, slowBytesOf, lateBytesOf]) {
            const socket = await secure(wrap(await connected(server)), 'localhost', { tls: { ca: own.ca } });
            expect(closedCleanly(socket)).to.equal(false);
            socket.write(`${how} ${size}`);
            const what = `${how} ${size} ${reader.name}`;
            expect(await reader(socket), what).to.equal(size);
            expect(closedCleanly(socket), what).to.equal(how === 'clean');
            socket.destroy();
          }
        }
      }
    });
  }

  it('is as it should be for a stream that is not TLS', async () => {
    await using server = await Loopback.start((socket) => void socket.end());
    const stream = await connected(server);
    await bytesOf(stream);
    expect(closedCleanly(stream)).to.equal(true);
  });

  it('is known also after an upgrade of a stream that puts its bytes where the caller wants them', async () => {
    await using server = await Loopback.start((raw) => {
      raw.once('data', () => {
        raw.write('go\r\n');
        const socket = new TLSSocket(raw, { isServer: true, key: own.key, cert: own.cert });
        socket.on('error', () => {});
        socket.once('data', () => socket.end('secret'));
      });
    });
    const space = Buffer.alloc(64);
    let clear = '';
    const { stream, onread } = await dial(
      { host: '127.0.0.1', port: server.port },
      {},
      {
        buffer: () => space,
        callback: (count) => {
          clear += space.toString('latin1', 0, count);
          stream.emit('clear');
          return true;
        },
      },
    );
    expect(onread).to.equal(true);
    stream.write('STLS\r\n');
    stream.resume();
    await once(stream, 'clear');
    stream.pause();
    const socket = await secure(stream, 'localhost', { tls: { ca: own.ca } });
    socket.write('x');
    expect(await bytesOf(socket)).to.equal(6);
    expect([clear, closedCleanly(socket)]).to.deep.equal(['go\r\n', true]);
  });
});

async function slowBytesOf(stream: Duplex): Promise<number> {
  stream.on('data', () => {
    stream.pause();
    void setImmediate().then(() => stream.resume());
  });
  return bytesOf(stream);
}

/** Reads only when as much has come as the stream takes. */
async function lateBytesOf(stream: Duplex): Promise<number> {
  const ended = once(stream, 'end');
  let count = 0;
  await Promise.race([once(stream, 'readable'), ended]);
  for (let i = 0; i < 20; i++) await setImmediate();
  stream.on('data', (chunk: Buffer) => {
    count += chunk.length;
  });
  stream.resume();
  await ended;
  return count;
}

/** A stream that is no socket. */
class Pass extends Duplex {
  readonly #under: Duplex;

  constructor(under: Duplex) {
    super();
    this.#under = under;
    under.on('data', (chunk) => {
      if (!this.push(chunk)) under.pause();
    });
    under.on('end', () => this.push(null));
    under.on('error', (error) => this.destroy(error));
    under.pause();
  }

  override _read(): void {
    this.#under.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    this.#under.write(chunk, callback);
  }

  override _final(callback: () => void): void {
    this.#under.end(callback);
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#under.destroy();
    callback(error);
  }
}
