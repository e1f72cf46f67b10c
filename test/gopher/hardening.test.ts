import { expect } from 'chai';
import { ConnectionError, ProtocolError, ReplyError, TimeoutError, UsageError } from '../../lib/core/errors.ts';
import { gopher } from '../../lib/gopher/index.ts';
import { all, listed, rejection } from '../helpers.ts';
import { answering } from './answering.ts';

type Server = Awaited<ReturnType<typeof answering>>;

describe('Gopher against hostile servers', () => {
  const servers: Server[] = [];
  afterEach(async () => {
    for (const server of servers.splice(0)) await server.close();
  });
  const serve = async (reply: Parameters<typeof answering>[0]): Promise<Server> => {
    const server = await answering(reply);
    servers.push(server);
    return server;
  };
  const names = async (reply: string): Promise<{ names: string[]; complete: unknown }> => {
    const { url } = await serve(reply);
    const { entries, complete } = await listed(gopher.list(`${url}/`));
    return { names: entries.map(({ name }) => name), complete };
  };
  const text = async (reply: string): Promise<{ text: string; complete: unknown }> => {
    const { url } = await serve(reply);
    const resource = await gopher.fetch(`${url}/0/about`);
    return { text: await resource.text(), complete: resource.complete };
  };

  describe('a menu', () => {
    it('without its final dot is told to be perhaps not whole', async () => {
      expect(await names('0About\t/about\t127.0.0.1\t70\r\n')).to.deep.equal({ names: ['About'], complete: 'unknown' });
    });

    it('with its final dot is whole, whatever is behind it', async () => {
      const menu = '0About\t/about\th\t70\r\n.\r\n0Hidden\t/h\th\t70\r\n';
      expect(await names(menu)).to.deep.equal({ names: ['About'], complete: true });
    });

    it('that is cut in the middle of a line is an error', async () => {
      const error = await rejection(names('0Half\t/ha'));
      expect(error).to.be.instanceOf(ConnectionError).with.property('reason', 'truncated');
    });

    it('of nothing at all is an error', async () => {
      expect(await rejection(names('')))
        .to.be.instanceOf(ConnectionError)
        .with.property('reason', 'closed');
    });

    it('that begins with an error item is a reply', async () => {
      const error = await rejection(names('3not found\tfake\t(NULL)\t0\r\n.\r\n'));
      expect(error).to.be.instanceOf(ReplyError);
      expect(error).to.include({ reason: 'missing', protocol: 'gopher' });
      expect((error as ReplyError).reply).to.deep.equal({ ok: false, code: '3', text: 'not found' });
    });

    it('keeps an error item between others as an entry', async () => {
      const { url } = await serve('0a\t/a\th\t70\r\n3gone\t\terror.host\t1\r\n.\r\n');
      expect((await all(gopher.list(`${url}/`))).map(({ kind }) => kind)).to.deep.equal(['item', 'error']);
    });

    it('that is no menu is an error', async () => {
      for (const reply of ['220 smtp.example.org ESMTP\r\n500 what\r\n', 'HTTP/1.1 400 Bad Request\r\n\r\n']) {
        expect(await rejection(names(reply)), reply)
          .to.be.instanceOf(ProtocolError)
          .with.property('reason', 'grammar');
      }
    });

    it('may have lines that are no items', async () => {
      expect((await names('\r\n\t\r\n\t\t\t\r\n0ok\t/\th\t70\r\n.\r\n')).names).to.deep.equal(['ok']);
      const { url } = await serve('0bad\t/\th\t65536\r\n0ok\t/\th\t70\r\n.\r\n');
      const entries = await all(gopher.list(`${url}/`, { info: true }));
      expect(entries.map(({ kind, name }) => [kind, name])).to.deep.equal([
        ['info', '0bad\t/\th\t65536'],
        ['item', 'ok'],
      ]);
    });

    it('gives selectors that are no UTF-8 back as they were', async () => {
      const { url, asked, port } = await serve((socket, line) => {
        const { port } = socket.address() as { port: number };
        socket.end(
          Buffer.from(line.length > 2 ? 'x\r\n.\r\n' : `0caf\xe9\0\t/\xff\t127.0.0.1\t${port}\r\n.\r\n`, 'latin1'),
        );
      });
      const client = await gopher.connect(url);
      const [entry] = await all(client.list());
      if (!entry) throw new Error('no entry');
      expect(entry).to.include({ name: 'café\0', path: '/0/%FF', url: `gopher://127.0.0.1:${port}/0/%FF` });
      await (await client.fetch(entry.path)).bytes();
      await (await gopher.fetch(entry.url)).bytes();
      expect(asked.slice(1)).to.deep.equal(['/\xff\r\n', '/\xff\r\n']);
    });

    it('in CP437 is read as such', async () => {
      expect((await names('0\x81ber \x84\t/\th\t70\r\n.\r\n')).names).to.deep.equal(['über ä']);
    });

    it('in a character set that is named is read in it', async () => {
      const { url } = await serve('0\xcf\xf2\t/\th\t70\r\n.\r\n');
      expect((await all(gopher.list(`${url}/`, { charset: 'koi8-r' })))[0]?.name).to.equal('оР');
      expect(await rejection(all(gopher.list(`${url}/`, { charset: 'no-such' })))).to.be.instanceOf(UsageError);
    });

    it('ends at a line that is too long, without waiting for its end', async () => {
      const { url } = await serve((socket) => pour(socket, 'A'));
      const error = await rejection(all(gopher.list(`${url}/`)));
      expect(error).to.be.instanceOf(ProtocolError).with.property('reason', 'limit');
    });

    it('ends at too many lines', async () => {
      const { url } = await serve((socket) => pour(socket, '0a\t/a\th\t70\r\n'));
      const error = await rejection(all(gopher.list(`${url}/`)));
      expect(error).to.be.instanceOf(ProtocolError).with.property('reason', 'limit');
    });

    it('ends at too many blank lines', async () => {
      const { url } = await serve((socket) => pour(socket, '\r\n'));
      const error = await rejection(all(gopher.list(`${url}/`, { timeouts: { total: 5_000 } })));
      expect(error).to.be.instanceOf(ProtocolError).with.property('reason', 'limit');
    });

    it('of links names them, and sends none to the server', async () => {
      const { url, asked } = await serve(
        'hWeb\tURL:https://example.org/a?b\th\t70\r\n8Board\tguest\tbbs.example\t23\r\n.\r\n',
      );
      const client = await gopher.connect(url);
      const entries = await all(client.list());
      expect(entries.map(({ kind, url }) => [kind, url])).to.deep.equal([
        ['link', 'https://example.org/a?b'],
        ['link', 'telnet://bbs.example/'],
      ]);
      expect(await rejection(client.fetch(entries[0]?.path ?? ''))).to.be.instanceOf(UsageError);
      expect(asked).to.have.length(1);
    });
  });

  describe('a text', () => {
    it('has only doubled dots undone', async () => {
      expect(await text('.x\r\n...\r\n..y\r\n.\r\n')).to.deep.equal({ text: '.x\r\n..\r\n.y\r\n', complete: true });
    });

    it('may end with the connection, and may have bare line feeds', async () => {
      expect(await text('a\nb\n.\n')).to.deep.equal({ text: 'a\nb\n.\n', complete: 'unknown' });
    });

    it('goes on behind a line of one dot when the server does: it does not double dots', async () => {
      expect(await text('a\r\n.\r\nb\r\n')).to.deep.equal({ text: 'a\r\n.\r\nb\r\n', complete: 'unknown' });
      expect(await text('a\r\n.\r\nb\r\n.\r\n')).to.deep.equal({ text: 'a\r\n.\r\nb\r\n', complete: true });
    });

    it('that has ended with a dot is over even if the server does not close', async () => {
      const { url } = await serve((socket) => void socket.write('a\r\n.\r\n'));
      const resource = await gopher.fetch(`${url}/0/a`, { timeouts: { idle: 100 } });
      expect(await resource.text()).to.equal('a\r\n');
      expect(resource.complete).to.equal(true);
    });

    it('that is an error item is a reply, whatever was asked for', async () => {
      for (const error of [
        '3gone\t\terror.host\t1\r\n.\r\n',
        '3gone\tfake\t(NULL)\t0\r\n',
        '3gone\t\th\t70\r\nisorry\t\th\t1\r\n.\r\n',
      ]) {
        for (const path of ['/0/x', '/9/x', '/I/x']) {
          const { url } = await serve(error);
          expect(await rejection(gopher.fetch(url + path)), error)
            .to.be.instanceOf(ReplyError)
            .with.property('reason', 'missing');
        }
      }
    });

    it('that only begins as an error item is a text', async () => {
      for (const reply of ['3 apples\r\n', '3a\tb\tc\t70\r\nand more\r\n', '3', '3a\tb\tc\tnot a port\r\n']) {
        expect((await text(reply)).text).to.equal(reply);
      }
    });

    it('that never ends can be read for ever, but is not gathered past the limit', async () => {
      const { url } = await serve((socket) => pour(socket, `${'x'.repeat(70)}\r\n`));
      const resource = await gopher.fetch(`${url}/0/a`);
      expect(await rejection(resource.bytes(1 << 20)))
        .to.be.instanceOf(ProtocolError)
        .with.property('reason', 'limit');
      const limited = await gopher.fetch(`${url}/0/a`, { maxSize: 1 << 20 });
      expect(await rejection(limited.forEachChunk(() => {})))
        .to.be.instanceOf(ProtocolError)
        .with.property('reason', 'limit');
    });
  });

  describe('a binary', () => {
    it('is left as it is, final dots included, and is never known to be whole', async () => {
      const octets = Buffer.from('89504e470d0a1a0a000d0a2e0d0a00ff', 'hex');
      const { url } = await serve(octets);
      const resource = await gopher.fetch(`${url}/9/f.bin`);
      expect((await resource.bytes()).equals(octets)).to.equal(true);
      expect(resource.complete).to.equal('unknown');
    });

    it('that ends with a reset is an error', async () => {
      const { url } = await serve((socket) => void socket.write('half', () => socket.resetAndDestroy()));
      const error = await rejection(async () => (await gopher.fetch(`${url}/9/f.bin`)).bytes());
      expect(error).to.be.instanceOf(ConnectionError).with.property('reason', 'reset');
    });

    it('keeps the memory as it was, however long it is', async () => {
      const size = 256 << 20;
      const { url } = await serve((socket) => pour(socket, '\0'.repeat(1000), size));
      const resource = await gopher.fetch(`${url}/9/f.bin`);
      let length = 0;
      let most = 0;
      const before = process.memoryUsage().arrayBuffers;
      await resource.forEachChunk((chunk) => {
        length += chunk.length;
        most = Math.max(most, process.memoryUsage().arrayBuffers - before);
      });
      expect(length).to.be.at.least(size);
      expect(most).to.be.lessThan(64 << 20);
    });

    it('that nobody reads makes the server wait', async () => {
      let sent = 0;
      const { url } = await serve((socket) => {
        pour(socket, 'x'.repeat(1 << 16), 256 << 20, (count) => {
          sent += count;
        });
      });
      const resource = await gopher.fetch(`${url}/9/f.bin`);
      let before = -1;
      // until the server has stopped because nothing more is taken
      while (sent !== before) {
        before = sent;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      expect(sent).to.be.lessThan(32 << 20);
      await resource.close();
    });
  });

  describe('time', () => {
    it('is limited while nothing comes', async () => {
      const { url } = await serve(() => {});
      for (const work of [() => gopher.fetch(`${url}/0/a`, QUICK), () => all(gopher.list(`${url}/`, QUICK))]) {
        const began = performance.now();
        const error = await rejection(work());
        expect(error).to.be.instanceOf(TimeoutError);
        expect(performance.now() - began).to.be.within(90, 500);
      }
    });

    it('is limited as a whole, even if a byte comes now and then', async () => {
      const { url } = await serve((socket) => {
        const timer = setInterval(() => socket.write('x'), 20);
        socket.on('close', () => clearInterval(timer));
      });
      const error = await rejection(async () =>
        (await gopher.fetch(`${url}/0/a`, { timeouts: { total: 200 } })).text(),
      );
      expect(error).to.be.instanceOf(TimeoutError);
    });

    it('is limited for a body that only trickles, where a rate is asked for', async () => {
      const { url } = await serve((socket) => {
        const timer = setInterval(() => socket.write('x'), 10);
        socket.on('close', () => clearInterval(timer));
      });
      const error = await rejection(async () =>
        (await gopher.fetch(`${url}/0/a`, { timeouts: { idle: 100 }, minRate: 1000 })).text(),
      );
      expect(error).to.be.instanceOf(TimeoutError).with.property('phase', 'body');
    });
  });

  describe('Gopher+', () => {
    const view = async (reply: string): Promise<string> => {
      const { url } = await serve(reply);
      return (await gopher.fetch(`${url}/0/about`, { view: 'text/plain' })).text();
    };

    it('has just as many octets as it says', async () => {
      expect(await view('+10\r\n0123456789')).to.equal('0123456789');
      expect(await rejection(view(`+5\r\n${'x'.repeat(500)}`)))
        .to.be.instanceOf(ProtocolError)
        .with.property('reason', 'integrity');
      expect(await rejection(view('+5000\r\n0123456789')))
        .to.be.instanceOf(ConnectionError)
        .with.property('reason', 'truncated');
    });

    it('may end with a dot or with the connection', async () => {
      expect(await view('+-1\r\na\r\n..b\r\n.\r\n')).to.equal('a\r\n.b\r\n');
      expect(await view('+-2\r\na\r\n.\r\nb')).to.equal('a\r\n.\r\nb');
      expect(await rejection(view('+-1\r\na\r\n')))
        .to.be.instanceOf(ConnectionError)
        .with.property('reason', 'truncated');
    });

    it('has errors', async () => {
      const error = await rejection(view('--1\r\n1 Admin <a@b>\r\nnot here\r\n.\r\n'));
      expect(error).to.be.instanceOf(ReplyError).with.property('reason', 'missing');
      expect((error as ReplyError).reply).to.deep.equal({ ok: false, code: '1', text: 'not here' });
      expect(await rejection(view('--1\r\n2 Admin\r\nlater\r\n.\r\n'))).to.include({ reason: 'busy', temporary: true });
    });

    it('is not there in a server that does not speak it', async () => {
      expect(await rejection(view('Hello\r\n'))).to.be.instanceOf(ProtocolError);
    });
  });

  describe('what leads elsewhere', () => {
    it('is not followed to private addresses, nor to the ports of other protocols', async () => {
      const { url, connections } = await serve(
        [
          '0Click\t/latest/meta-data\t169.254.169.254\t70',
          '0L\t/\t127.0.0.1\t70',
          '0Z\t/\t0x7f.1\t70',
          '0S\t/\t[::ffff:127.0.0.1]\t70',
          '0Mail\t/\texample.org\t25',
          'hFile\tURL:file:///etc/passwd\th\t70',
          '.',
          '',
        ].join('\r\n'),
      );
      const client = await gopher.connect(url);
      for (const entry of await all(client.list())) {
        const error = await rejection(client.follow(entry));
        expect(error, entry.url).to.be.instanceOf(UsageError);
      }
      expect(connections()).to.equal(1);
    });

    it('is not fetched as if it were here', async () => {
      const { url } = await serve('0a\t/a\telsewhere.example\t70\r\n.\r\n');
      const client = await gopher.connect(url);
      const [entry] = await all(client.list());
      expect(entry?.path).to.equal('gopher://elsewhere.example/0/a');
      expect(await rejection(client.fetch(entry?.path ?? '')))
        .to.be.instanceOf(UsageError)
        .with.property('reason', 'policy');
    });

    it('is not gone through without end', async () => {
      const looping = await serve((socket, line) => {
        const { port } = socket.address() as { port: number };
        const selector = line.toString('latin1').trimEnd();
        socket.end(`1loop\t${selector}/a\t127.0.0.1\t${port}\r\n1away\t/\t127.0.0.2\t${port}\r\n.\r\n`);
      });
      const client = await gopher.connect(looping.url);
      const error = await rejection(all(client.walk('/', { depth: 1000, maxMenus: 50 })));
      expect(error).to.be.instanceOf(ProtocolError).with.property('reason', 'limit');
      expect(looping.connections()).to.be.at.most(50);
      expect(await all(client.walk('/', { depth: 3 }))).to.have.length(6);
    });
  });
});

describe('Gopher refuses before a byte is sent', () => {
  const bad: [string, (url: string) => Promise<unknown>][] = [
    ['CR LF in a selector', (url) => gopher.fetch(`${url}/0/x%0d%0aRCPT%20TO:x`)],
    ['LF in a selector', (url) => gopher.fetch(`${url}/0/x%0ay`)],
    ['NUL in a selector', (url) => gopher.fetch(`${url}/0/x%00y`)],
    ['a TAB outside a search', (url) => gopher.fetch(`${url}/0/x%09y`)],
    ['line ends in a URL', (url) => gopher.fetch(`${url}/0/x\r\ny`)],
    ['line ends in a query', (url) => all(gopher.search(`${url}/7/find`, 'a\r\nb'))],
    ['a TAB in a query', (url) => all(gopher.search(`${url}/7/find`, 'a\tb'))],
    ['line ends in a view', (url) => gopher.fetch(`${url}/0/x`, { view: 'a\r\nb' })],
    ['a view that has no octets', (url) => gopher.fetch(`${url}/0/x`, { view: 'text/plain\u0109+evil' })],
    ['control characters in a view', (url) => gopher.fetch(`${url}/0/x`, { view: 'a\x1bb' })],
    [
      'a user in the URL of an item',
      async (url) => (await gopher.connect(url)).fetch(`${url.replace('://', '://joe:hunter2@')}/0/a`),
    ],
    ['a user in a URL', (url) => gopher.fetch(url.replace('://', '://joe:hunter2@'))],
    ['a search without words', (url) => gopher.fetch(`${url}/7/find`)],
    ['a search of what is none', (url) => all(gopher.search(`${url}/1/find`, 'words'))],
    ['a list of what is no menu', (url) => all(gopher.list(`${url}/0/about`))],
    [
      'a character set that cannot write the query',
      (url) => all(gopher.search(`${url}/7/f`, 'ж', { charset: 'latin1' })),
    ],
  ];
  for (const [title, work] of bad) {
    it(title, async () => {
      const server = await answering('.\r\n');
      const error = await rejection(work(server.url));
      expect(error).to.be.instanceOf(UsageError);
      expect(String(error)).to.not.contain('hunter2');
      expect(server.asked).to.deep.equal([]);
      await server.close();
    });
  }

  it('sends letters whose low bytes are CR and LF as what they are', async () => {
    const server = await answering('x\r\n.\r\n');
    await (await gopher.fetch(`${server.url}/0/x\u010d\u010aFLUSHALL`)).text();
    expect(server.asked).to.deep.equal([Buffer.from('/x\u010d\u010aFLUSHALL\r\n').toString('latin1')]);
    await server.close();
  });

  for (const port of ['0', '70.5', '65536', 'NaN', '-1']) {
    it(`the port ${port}`, async () => {
      expect(await rejection(gopher.fetch(`gopher://127.0.0.1:${port}/`))).to.be.instanceOf(UsageError);
    });
  }
});

const QUICK = { timeouts: { idle: 100 } };

/** Writes without end, or until `size` octets, as fast as they are taken. */
function pour(
  socket: import('node:net').Socket,
  unit: string,
  size = Number.POSITIVE_INFINITY,
  told: (count: number) => void = () => {},
): void {
  const block = Buffer.from(unit.repeat(Math.ceil(65536 / unit.length)), 'latin1');
  let left = size;
  const more = (): void => {
    while (left > 0 && socket.writable) {
      left -= block.length;
      told(block.length);
      if (!socket.write(block)) {
        socket.once('drain', more);
        return;
      }
    }
    if (left <= 0) socket.end();
  };
  more();
}
