import { expect } from 'chai';
import { ConnectionError, ProtocolError, UsageError } from '../../lib/core/errors.ts';
import { EventParser, type ServerEvent } from '../../lib/http/event-parser.ts';
import type { EventOptions } from '../../lib/http/events.ts';
import { all, everyCut, rejection } from '../helpers.ts';
import { Peer, reply, type Said } from './peer.ts';

type Row = [type: string, data: string, id: string];

function rowOf({ type, data, id }: ServerEvent): Row {
  return [type, data, id];
}

describe('events out of a stream', () => {
  const streams: [what: string, text: string, rows: Row[]][] = [
    ['one', 'data: a\n\n', [['message', 'a', '']]],
    ['several lines', 'data: YHOO\ndata: +2\ndata:10\n\n', [['message', 'YHOO\n+2\n10', '']]],
    [
      'a remark, an identifier, and what takes it back',
      ': x\n\ndata: first\nid: 1\n\ndata:second\nid\n\ndata:  third\n\n',
      [
        ['message', 'first', '1'],
        ['message', 'second', ''],
        ['message', ' third', ''],
      ],
    ],
    [
      'empty data',
      'data\n\ndata\ndata\n\ndata:',
      [
        ['message', '', ''],
        ['message', '\n', ''],
      ],
    ],
    [
      'white space, of which one is left out',
      'data:test\n\ndata: test\n\ndata:\ttest\n\n',
      [
        ['message', 'test', ''],
        ['message', 'test', ''],
        ['message', '\ttest', ''],
      ],
    ],
    [
      'types',
      'event: add\ndata: 1\n\nevent: x\nevent:\ndata: 2\n\nevent: none\n\ndata: 3\n\n',
      [
        ['add', '1', ''],
        ['message', '2', ''],
        ['message', '3', ''],
      ],
    ],
    [
      'an identifier that stays',
      'id: 7\n\ndata: a\n\ndata: b\n\n',
      [
        ['message', 'a', '7'],
        ['message', 'b', '7'],
      ],
    ],
    [
      'an identifier with NUL, which is none',
      'id: 1\ndata: a\n\nid: 2\0\ndata: b\n\n',
      [
        ['message', 'a', '1'],
        ['message', 'b', '1'],
      ],
    ],
    [
      'a mark at the beginning, and only there',
      '\ufeffdata: a\n\n\ufeffdata: b\n\ndata: \ufeffc\n\n',
      [
        ['message', 'a', ''],
        ['message', '\ufeffc', ''],
      ],
    ],
    ['other letters than ASCII', 'data: é€🐝\nevent: ü\n\n', [['ü', 'é€🐝', '']]],
    ['unknown fields', 'foo: bar\nDATA: x\n data: y\ndata: z\n\n', [['message', 'z', '']]],
    ['what ends in the middle', 'data: a\n\ndata: b\n', [['message', 'a', '']]],
    ['nothing', '', []],
  ];
  for (const [what, text, rows] of streams) {
    it(`are read: ${what}`, () => {
      for (const end of ['\n', '\r\n', '\r']) {
        for (const chunks of everyCut(Buffer.from(text.replaceAll('\n', end)))) {
          const parser = new EventParser('', 1000);
          expect(chunks.flatMap((chunk) => [...parser.push(chunk)]).map(rowOf)).to.deep.equal(
            rows.map(([type, data, id]) => [type, data, id]),
          );
        }
      }
    });
  }

  it('are bounded: a line, and all lines of one', () => {
    for (const text of [
      `data: ${'x'.repeat(1000)}`,
      `:${'x'.repeat(1001)}`,
      'data: 12345678\n'.repeat(200),
      'data\n'.repeat(1001),
    ]) {
      for (const chunks of [[Buffer.from(text)], Array.from(Buffer.from(text), (octet) => Uint8Array.of(octet))]) {
        const parser = new EventParser('', 1000);
        expect(() => chunks.map((chunk) => [...parser.push(chunk)]))
          .to.throw(ProtocolError)
          .with.property('reason', 'limit');
      }
    }
  });

  it('say how long to wait, in digits only', () => {
    const said = (text: string): number | undefined => {
      const parser = new EventParser('', 1000);
      for (const _ of parser.push(Buffer.from(`retry:${text}\n`)));
      return parser.retry;
    };
    expect([said('1500'), said(' 0')]).to.deep.equal([1500, 0]);
    expect(['', '-1', '1e3', '1.5', '0x10', '9'.repeat(16)].map(said)).to.deep.equal(Array(6).fill(undefined));
  });
});

describe('the events of a client', () => {
  const TYPE = { 'Content-Type': 'text/event-stream; charset=utf-8', Connection: 'close' };
  const stream = (text: string): Said => reply('200 OK', TYPE, text);
  const NO_MORE = reply('204 No', {});
  const GONE: EventOptions = { reconnect: { delay: 0 } };

  async function eventsOf(peer: Peer, options?: EventOptions): Promise<string[]> {
    return (await all((await peer.client()).events('/e', options))).map(({ data }) => data);
  }

  it('are asked for as such, and end where the stream ends', async () => {
    await using peer = await Peer.open(() => stream('data: a\n\ndata: b\n\n'));
    expect(await eventsOf(peer)).to.deep.equal(['a', 'b']);
    const { headers } = peer.asked[0] ?? {};
    expect([headers?.get('accept'), headers?.get('cache-control'), headers?.has('last-event-id')]).to.deep.equal([
      'text/event-stream',
      'no-store',
      false,
    ]);
    expect(await eventsOf(peer, { lastEventId: '7é', method: 'POST', json: { a: 1 } })).to.deep.equal(['a', 'b']);
    const [, second] = peer.asked;
    expect([second?.method, second?.body, second?.headers.get('last-event-id')]).to.deep.equal([
      'POST',
      '{"a":1}',
      Buffer.from('7é').toString('latin1'),
    ]);
  });

  it('go on behind the last when the stream ends or is lost, until there are no more', async () => {
    const said: Said[] = [
      stream('id: 1\nretry: 0\ndata: a\n\n'),
      {
        cut: 'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: 99\r\n\r\nid: 2\ndata: b\n\nid: 3\ndata: lost',
      },
      reply('503 Busy', {}),
      { reset: '' },
      stream(': nothing\n\n'),
      NO_MORE,
    ];
    await using peer = await Peer.open((_, count) => said[count - 1] ?? '');
    expect(await eventsOf(peer, GONE)).to.deep.equal(['a', 'b']);
    expect(peer.asked.map(({ headers }) => headers.get('last-event-id'))).to.deep.equal([
      undefined,
      '1',
      '2',
      '2',
      '2',
      '2',
    ]);
  });

  it('are given up after so many failures in a row', async () => {
    await using peer = await Peer.open((_, count) => (count === 1 ? stream('data: a\n\n') : { reset: '' }));
    const got: string[] = [];
    const client = await peer.client();
    const error = await rejection(async () => {
      for await (const { data } of client.events('/', { reconnect: { max: 2, delay: 0 } })) got.push(data);
    });
    expect(error).to.be.instanceOf(ConnectionError);
    expect([got, peer.asked.length]).to.deep.equal([['a'], 3]);
  });

  it('fail where the stream is cut, unless it is gone on with', async () => {
    const cut = 'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: 99\r\n\r\ndata: a\n\n';
    await using peer = await Peer.open(() => ({ cut }));
    expect(await rejection(eventsOf(peer)))
      .to.be.instanceOf(ConnectionError)
      .with.property('reason', 'truncated');
  });

  const wrong: [what: string, said: Said][] = [
    ['another type', reply('200 OK', { 'Content-Type': 'text/html' }, 'data: a\n\n')],
    ['no type', reply('200 OK', {}, 'data: a\n\n')],
    ['another status', reply('206 OK', TYPE, 'data: a\n\n')],
    ['an event that is too large', stream(`data: ${'x'.repeat(100)}\n\n`)],
  ];
  for (const [what, said] of wrong) {
    it(`are none with ${what}, and nobody asks again`, async () => {
      await using peer = await Peer.open(() => said);
      expect(await rejection(eventsOf(peer, { ...GONE, maxEvent: 50 }))).to.be.instanceOf(ProtocolError);
      expect(peer.asked).to.have.length(1);
    });
  }

  it('are not asked for again where the server says no for good', async () => {
    await using peer = await Peer.open(() => reply('404 No', {}));
    expect(await rejection(eventsOf(peer, GONE))).to.have.property('status', 404);
    expect(peer.asked).to.have.length(1);
  });

  it('end with their reader, with the signal, and with the client', async () => {
    await using peer = await Peer.open((_, count) =>
      count === 1
        ? 'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: a\n\n'
        : stream('retry: 50000\ndata: b\n\n'),
    );
    const client = await peer.client();
    for await (const { data } of client.events('/')) {
      expect(data).to.equal('a');
      break;
    }
    const controller = new AbortController();
    const waiting = client.events('/', { reconnect: true, signal: controller.signal });
    expect((await waiting.next()).value).to.have.property('data', 'b');
    const next = waiting.next();
    controller.abort(new Error('enough'));
    expect(String(await rejection(next))).to.include('enough');
    const other = client.events('/', { reconnect: true });
    await other.next();
    const last = rejection(other.next());
    await new Promise((resolve) => setImmediate(resolve));
    await client.close();
    expect(await last).to.be.instanceOf(ConnectionError);
  });

  it('refuse what is no wait', async () => {
    await using peer = await Peer.open(() => NO_MORE);
    for (const delay of [-1, Number.NaN, 2 ** 31])
      expect(await rejection(eventsOf(peer, { reconnect: { delay } }))).to.be.instanceOf(UsageError);
  });
});
