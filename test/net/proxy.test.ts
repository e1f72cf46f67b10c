import { connect } from 'node:net';
import { inspect } from 'node:util';
import { expect } from 'chai';
import { ConnectionError, ProtocolError, ReplyError, TimeoutError, UsageError } from '../../lib/core/errors.ts';
import { addressOctets } from '../../lib/net/address.ts';
import { type Dialed, dial, type World } from '../../lib/net/dial.ts';
import { chooseProxy, parseProxy, proxyFromEnv } from '../../lib/net/proxy.ts';
import { failure } from './failure.ts';
import { FakeSocket, fakeWorld } from './fake-socket.ts';
import { deadPort, Loopback } from './loopback.ts';
import { startProxy } from './proxy-server.ts';

const TO = { host: 'server.example', port: 70 };

async function textOf({ stream }: Dialed): Promise<string> {
  let received = '';
  for await (const chunk of stream) received += chunk;
  return received;
}

describe('dial through a proxy', () => {
  const WAYS = [
    ['socks5', 'socks5h', '', { host: 'server.example', port: 70 }],
    [
      'socks5',
      'socks5h',
      'ann:p%40s%3As%20%C3%BC@',
      { host: 'server.example', port: 70, user: 'ann', password: 'p@s:s ü' },
    ],
    ['socks5', 'socks5', '', { host: '10.1.2.3', port: 70 }],
    ['socks4', 'socks4a', 'ann@', { host: 'server.example', port: 70, user: 'ann' }],
    ['socks4', 'socks4', '', { host: '10.1.2.3', port: 70 }],
    ['http', 'http', '', { host: 'server.example', port: 70 }],
    ['http', 'http', 'ann:p%25w@', { host: 'server.example', port: 70, user: 'ann', password: 'p%w' }],
  ] as const;
  for (const [kind, scheme, userinfo, expected] of WAYS) {
    it(`reaches the server through ${scheme}://${userinfo}…, and loses nothing of its greeting`, async () => {
      await using server = await Loopback.start((socket) => void socket.end('hello, here is the server'));
      const login = 'password' in expected ? `${expected.user}:${expected.password}` : undefined;
      const { server: relay, asked } = await startProxy(kind, { port: server.port, ...(login && { login }) });
      await using _ = relay;
      const lookup: World['lookup'] = (_host, _family, found) => found(null, ['10.1.2.3']);
      const world = { lookup, connect, env: {} };
      const given = { buffer: () => Buffer.alloc(1), callback: () => true };
      const dialed = await dial(TO, { proxy: `${scheme}://${userinfo}127.0.0.1:${relay.port}` }, given, world);
      expect(dialed.onread).to.equal(false);
      expect(dialed.stream.isPaused()).to.equal(true);
      for (const event of ['data', 'end', 'error', 'connect']) {
        expect(dialed.stream.listeners(event).filter((l) => l.name !== 'onReadableStreamEnd').length, event).to.equal(
          0,
        );
      }
      expect(await textOf(dialed)).to.equal('hello, here is the server');
      expect(asked).to.deep.equal([expected]);
    });
  }

  for (const [kind, scheme] of [
    ['socks5', 'socks5h'],
    ['socks4', 'socks4a'],
    ['http', 'http'],
  ] as const) {
    it(`tells ${scheme} a checked address instead of a name when only what is public is allowed`, async () => {
      await using server = await Loopback.start((socket) => void socket.end('hello'));
      const { server: relay, asked } = await startProxy(kind, { port: server.port });
      await using _ = relay;
      let address = '10.1.2.3';
      const lookup: World['lookup'] = (_host, _family, found) => found(null, [address]);
      const world = { lookup, connect, env: {} };
      const options = { proxy: `${scheme}://127.0.0.1:${relay.port}`, policy: 'public' } as const;
      expect(await failure(dial(TO, options, undefined, world)))
        .to.be.instanceOf(UsageError)
        .and.to.include({ reason: 'policy' });
      address = '192.0.1.1';
      expect(await textOf(await dial(TO, options, undefined, world))).to.equal('hello');
      expect(asked).to.deep.equal([{ host: '192.0.1.1', port: 70 }]);
    });
  }

  it('tries the addresses of a name in turn where it resolves it', async () => {
    const sockets: FakeSocket[] = [];
    const world = scripted(() => {
      const no = sockets.length === 0;
      sockets.push(new FakeSocket([[Buffer.of(5, 0)], [Buffer.of(5, no ? 4 : 0, 0, 1, 0, 0, 0, 0, 0, 0)]]));
      return sockets.at(-1);
    }, ['2001:db8::1', '10.1.2.3']);
    const { stream } = await dial(TO, { proxy: 'socks5://127.0.0.1' }, undefined, world);
    expect(stream).to.equal(sockets[1]);
    expect(sockets[0]?.destroyed).to.equal(true);
    expect(sockets.map((s) => s.written[1]?.toString('hex'))).to.deep.equal([
      '0501000420010db80000000000000000000000010046',
      '050100010a0102030046',
    ]);
  });

  it('gives the proxy the address of `resolve` instead of the name', async () => {
    const socket = new FakeSocket([[Buffer.from('HTTP/1.1 200 OK\r\n\r\n')]]);
    const options = { proxy: 'http://127.0.0.1', resolve: { 'server.example': '::1' } };
    await dial(
      TO,
      options,
      undefined,
      scripted(() => socket),
    );
    expect(String(socket.written[0])).to.match(/^CONNECT \[::1\]:70 HTTP\/1\.1\r\nHost: \[::1\]:70\r\n\r\n$/);
  });

  it('says that it is the proxy that cannot be reached', async () => {
    const port = await deadPort();
    const error = await failure(dial(TO, { proxy: `socks5h://ann:geheim@127.0.0.1:${port}` }));
    expect(error).to.be.instanceOf(ConnectionError);
    expect(error).to.include({ reason: 'proxy', phase: 'proxy', host: 'server.example', port: 70 });
    expect(error)
      .to.have.property('message')
      .that.matches(/^the proxy socks5h:\/\/127\.0\.0\.1:\d+: nothing listens there/);
  });

  it('waits for the answer of a proxy no longer than its deadline', async () => {
    for (const proxy of ['socks5h', 'socks4a', 'http']) {
      await using silent = await Loopback.start((socket) => void socket.resume());
      const options = { proxy: `${proxy}://127.0.0.1:${silent.port}`, timeouts: { connect: 60 } };
      const error = await failure(dial(TO, options));
      expect(error).to.be.instanceOf(TimeoutError);
      expect(error).to.include({ phase: 'proxy', host: 'server.example', port: 70 });
    }
  });

  it('is aborted while it waits for the answer of a proxy', async () => {
    const controller = new AbortController();
    await using server = await Loopback.start(
      (socket) => void socket.once('data', () => controller.abort(new Error('enough'))),
    );
    const options = { proxy: `http://127.0.0.1:${server.port}`, signal: controller.signal };
    expect(await failure(dial(TO, options))).to.have.property('message', 'enough');
  });
});

const SOCKS5_YES = [Buffer.of(5, 0), Buffer.of(5, 0, 0, 1, 1, 2, 3, 4, 5, 6)];

/** Dialogues that end well: what the proxy says after each thing that we say. */
const DIALOGUES: Readonly<Record<string, readonly (readonly [proxy: string, replies: readonly Buffer[]])[]>> = {
  'SOCKS 5': [
    ['socks5h://p', SOCKS5_YES],
    ['socks5h://p', [Buffer.of(5, 0), Buffer.from([5, 0, 0, 3, 3, 97, 98, 99, 0, 70])]],
    ['socks5h://p', [Buffer.of(5, 0), Buffer.concat([Buffer.of(5, 0, 0, 4), Buffer.alloc(18)])]],
    ['socks5h://a:b@p', [Buffer.of(5, 2), Buffer.of(1, 0), Buffer.of(5, 0, 0, 1, 1, 2, 3, 4, 5, 6)]],
    ['socks5h://a:b@p', SOCKS5_YES],
  ],
  'SOCKS 4': [['socks4a://p', [Buffer.of(0, 90, 0, 0, 1, 2, 3, 4)]]],
  CONNECT: [
    ['http://p', [Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n')]],
    ['http://p', [Buffer.from('HTTP/1.0 200\nX: y\n\n')]],
    ['http://p', [Buffer.from('HTTP/1.1 103 Early\r\nA: b\r\n\r\nHTTP/1.1 299 Fine\r\n\r\n')]],
  ],
};

const GREETING = Buffer.from('\r\n\r\n+OK \n\n\0\xff', 'latin1');

describe('the answer of a proxy', () => {
  for (const [name, dialogues] of Object.entries(DIALOGUES)) {
    it(`${name}: is cut at every octet, and nothing of what follows is lost or taken`, async () => {
      for (const [proxy, replies] of dialogues) {
        const whole = [...replies.slice(0, -1), Buffer.concat([replies.at(-1) ?? GREETING, GREETING])];
        for (const [i, reply] of whole.entries()) {
          for (let k = 0; k <= reply.length; k++)
            await converse(proxy, whole, i, [reply.subarray(0, k), reply.subarray(k)]);
          await converse(
            proxy,
            whole,
            i,
            Array.from(reply, (octet) => Buffer.of(octet)),
          );
        }
      }
    });
  }

  async function converse(
    proxy: string,
    whole: readonly Buffer[],
    i: number,
    pieces: readonly Buffer[],
  ): Promise<void> {
    const socket = new FakeSocket(whole.map((reply, n) => (n === i ? pieces : [reply])));
    const { stream } = await dial(
      TO,
      { proxy },
      undefined,
      scripted(() => socket),
    );
    expect(stream).to.equal(socket);
    expect(stream.isPaused()).to.equal(true);
    const received: Buffer[] = [];
    await new Promise<void>((resolve) => {
      stream.on('data', (chunk: Buffer) => {
        received.push(chunk);
        if (Buffer.concat(received).length >= GREETING.length) resolve();
      });
      stream.resume();
    });
    expect(Buffer.concat(received).equals(GREETING)).to.equal(true);
  }

  const REFUSALS: readonly (readonly [string, string, readonly (Buffer | string)[], object, RegExp])[] = [
    ['a SOCKS 5 proxy that wants a login', 'socks5h://p', [Buffer.of(5, 255)], { reason: 'auth' }, /wants a user name/],
    [
      'a SOCKS 5 proxy that wants none',
      'socks5h://a:b@p',
      [Buffer.of(5, 255)],
      { reason: 'auth' },
      /takes no password/,
    ],
    [
      'a wrong password',
      'socks5h://a:b@p',
      [Buffer.of(5, 2), Buffer.of(1, 1)],
      { reason: 'auth' },
      /password is wrong/,
    ],
    ['a rule', 'socks5h://p', [Buffer.of(5, 0), Buffer.of(5, 2)], { reason: 'proxy', temporary: false }, /rules/],
    [
      'a closed port',
      'socks5h://p',
      [Buffer.of(5, 0), Buffer.of(5, 5)],
      { reason: 'proxy', temporary: true },
      /nothing listens/,
    ],
    ['an unknown status', 'socks5h://p', [Buffer.of(5, 0), Buffer.of(5, 99)], { reason: 'proxy' }, /status 99/],
    ['an unoffered method', 'socks5h://p', [Buffer.of(5, 2)], { reason: 'grammar' }, /method/],
    [
      'an unknown address',
      'socks5h://p',
      [Buffer.of(5, 0), Buffer.of(5, 0, 0, 9)],
      { reason: 'grammar' },
      /kind of address/,
    ],
    ['HTTP instead of SOCKS', 'socks5h://p', ['HTTP/1.1 400 Bad'], { reason: 'grammar' }, /write http:/],
    ['SOCKS 4 instead of 5', 'socks5h://p', [Buffer.of(0, 91)], { reason: 'grammar' }, /not SOCKS/],
    ['a SOCKS 4 refusal', 'socks4a://p', [Buffer.of(0, 91)], { reason: 'proxy' }, /refused/],
    ['an identd refusal', 'socks4a://p', [Buffer.of(0, 93)], { reason: 'auth' }, /believe/],
    ['HTTP instead of SOCKS 4', 'socks4a://p', ['HTTP/1.1 400 Bad'], { reason: 'grammar' }, /write http:/],
    ['407', 'http://p', ['HTTP/1.1 407 Who?\r\n\r\n'], { reason: 'auth' }, /wants a user name/],
    [
      '407 to a login',
      'http://a:geheim@p',
      ['HTTP/1.1 407 not geheim\r\n\r\n'],
      { reason: 'auth' },
      /password is wrong/,
    ],
    ['403', 'http://p', ['HTTP/1.1 403 Forbidden\r\n\r\n'], { reason: 'proxy', temporary: false }, /403 "Forbidden"/],
    ['502', 'http://p', ['HTTP/1.1 502 Bad \x1b[2J\r\n\r\n'], { reason: 'proxy', temporary: true }, /502 "Bad \\u001b/],
    ['a redirect', 'http://p', ['HTTP/1.1 302 Found\r\n\r\n'], { reason: 'proxy' }, /302/],
    ['no HTTP', 'http://p', ['SSH-2.0-x\r\n\r\n'], { reason: 'grammar' }, /not HTTP/],
    [
      'a header without end',
      'http://p',
      [`HTTP/1.1 200 OK\r\n${'x: y\r\n'.repeat(12_000)}`],
      { reason: 'limit' },
      /65536/,
    ],
  ];
  for (const [what, proxy, replies, properties, message] of REFUSALS) {
    it(`is an error that says so: ${what}`, async () => {
      const socket = new FakeSocket(replies.map((reply) => [Buffer.from(reply)]));
      const error = await failure(
        dial(
          TO,
          { proxy },
          undefined,
          scripted(() => socket),
        ),
      );
      expect(error).to.be.instanceOf('reason' in properties ? CLASSES[String(properties.reason)] : Error);
      expect(error).to.include({ ...properties, phase: 'proxy', host: 'server.example', port: 70 });
      expect(error).to.have.property('message').that.matches(message);
      expect(inspect(error)).to.not.include('geheim');
      expect(socket.destroyed).to.equal(true);
    });
  }

  it('is an error when it does not come, after any number of octets', async () => {
    for (const [proxy, replies] of Object.values(DIALOGUES).flat()) {
      const last = replies.at(-1) ?? GREETING;
      for (let k = 0; k < last.length; k++) {
        await using relay = await Loopback.start((socket) => {
          const rest = [...replies.slice(0, -1), last.subarray(0, k)];
          socket.on('data', () => {
            const reply = rest.shift();
            if (reply && rest.length > 0) socket.write(reply);
            else socket.end(reply ?? '');
          });
        });
        const error = await failure(dial(TO, { proxy: `${proxy.replace(/p$/, '127.0.0.1')}:${relay.port}` }));
        expect(error).to.be.instanceOf(ConnectionError).and.include({ reason: 'proxy', phase: 'proxy' });
      }
    }
  });

  const CLASSES: Readonly<Record<string, typeof ReplyError | typeof ConnectionError | typeof ProtocolError>> = {
    auth: ReplyError,
    proxy: ConnectionError,
    grammar: ProtocolError,
    limit: ProtocolError,
  };
});

describe('the name of a proxy', () => {
  it('is a URL, with a default port for each scheme', () => {
    expect(parseProxy('socks5h://P.example')).to.include({ scheme: 'socks5h', host: 'p.example', port: 1080 });
    expect(parseProxy('http://p.example/')).to.include({ scheme: 'http', port: 80 });
    expect(parseProxy('p.example:3128')).to.include({ scheme: 'http', host: 'p.example', port: 3128 });
    expect(parseProxy('socks4://[::1]:9')).to.include({ host: '::1', port: 9 });
  });

  for (const text of [
    'https://p',
    'ftp://p',
    'http://',
    'http://p/path',
    'socks5://a%0d:b@p',
    'http://a:%00@p',
    'http://a:%0a@p',
    'http://p:0',
    'a b',
  ]) {
    it(`is not ${text}`, () => expect(() => parseProxy(text)).to.throw(UsageError));
  }

  it('has credentials that are not too long for SOCKS, and never shown', async () => {
    for (const userinfo of [`${'u'.repeat(256)}:p`, `u:${'ü'.repeat(128)}`]) {
      const socket = new FakeSocket([[Buffer.of(5, 2)]]);
      const error = await failure(
        dial(
          TO,
          { proxy: `socks5://${userinfo}@p` },
          undefined,
          scripted(() => socket),
        ),
      );
      expect(error).to.be.instanceOf(UsageError);
      expect(socket.written).to.deep.equal([]);
    }
    expect(inspect(parseProxy('http://ann:geheim@p'))).to.not.include('geheim');
  });

  it('has no password for SOCKS 4, and SOCKS 4 no IPv6', async () => {
    const world = scripted(() => new FakeSocket());
    expect(await failure(dial(TO, { proxy: 'socks4a://a:b@p' }, undefined, world))).to.be.instanceOf(UsageError);
    const six = { host: '::1', port: 70 };
    expect(await failure(dial(six, { proxy: 'socks4a://p' }, undefined, world))).to.be.instanceOf(UsageError);
  });

  it('comes from the environment when it is asked, but not in a CGI program', () => {
    const env = {
      ALL_PROXY: 'socks5h://all',
      gopher_proxy: 'http://own',
      HTTP_PROXY: 'http://evil',
      FTP_PROXY: 'http://ftp',
    };
    expect(proxyFromEnv(env)).to.equal('socks5h://all');
    expect(proxyFromEnv({ ...env, all_proxy: 'http://lower' })).to.equal('http://lower');
    expect(proxyFromEnv(env, 'gopher')).to.equal('http://own');
    expect(proxyFromEnv(env, 'ftp')).to.equal('http://ftp');
    expect(proxyFromEnv(env, 'http')).to.equal('socks5h://all');
    expect(proxyFromEnv({})).to.equal(undefined);
    expect(proxyFromEnv({ ...env, GATEWAY_INTERFACE: 'CGI/1.1' })).to.equal(undefined);
    expect(proxyFromEnv({ ...env, REQUEST_METHOD: 'GET' })).to.equal(undefined);
  });

  it('is chosen by NO_PROXY or `noProxy`', () => {
    const env = { ALL_PROXY: 'socks5h://all', NO_PROXY: 'a.example,10.0.0.0/8' };
    const chosen = (options: object, host: string): string | undefined => chooseProxy(options, host, 70, env)?.host;
    expect(chosen({ proxy: 'env' }, 'b.example')).to.equal('all');
    expect(chosen({ proxy: 'env' }, 'www.a.example')).to.equal(undefined);
    expect(chosen({ proxy: 'env' }, '10.9.8.7')).to.equal(undefined);
    expect(chosen({ proxy: 'env', noProxy: 'b.example' }, 'a.example')).to.equal('all');
    expect(chosen({ proxy: 'http://p' }, 'a.example')).to.equal('p');
    expect(chosen({ proxy: 'http://p', noProxy: '*' }, 'a.example')).to.equal(undefined);
    expect(chosen({}, 'b.example')).to.equal(undefined);
  });

  it('is overridden by NO_PROXY for an address however it is spelt', async () => {
    const world = {
      ...fakeWorld({}, ({ socket }) => void socket.refuse()),
      env: { all_proxy: 'http://p', no_proxy: '127.0.0.0/8' },
    };
    const error = await failure(dial({ host: '0x7f.1', port: 70 }, { proxy: 'env' }, undefined, world));
    expect(error).to.include({ reason: 'connect' });
  });
});

describe('the octets of an address', () => {
  for (const [address, hex] of [
    ['127.0.0.1', '7f000001'],
    ['::', '0'.repeat(32)],
    ['::1', `${'0'.repeat(31)}1`],
    ['2001:db8::', `20010db8${'0'.repeat(24)}`],
    ['1:2:3:4:5:6:7:8', '00010002000300040005000600070008'],
    ['::ffff:1.2.3.4', '00000000000000000000ffff01020304'],
    ['fe80::1%eth0', 'fe800000000000000000000000000001'],
  ] as const) {
    it(`${address} is ${hex}`, () => expect(addressOctets(address).toString('hex')).to.equal(hex));
  }
});

/** A world whose proxy is played by the socket that `make` gives. */
function scripted(make: () => FakeSocket | undefined, addresses: readonly string[] = ['192.0.2.1']): World {
  return {
    env: {},
    lookup: (_host, _family, found) => queueMicrotask(() => found(null, addresses)),
    connect: () => {
      const socket = make() ?? new FakeSocket();
      process.nextTick(() => socket.succeed());
      return socket;
    },
  };
}
