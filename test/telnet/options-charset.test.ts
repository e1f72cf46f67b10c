import { expect } from 'chai';
import { UsageError } from '../../lib/core/errors.ts';
import { parseRequest } from '../../lib/telnet/options/charset.ts';
import type { TelnetServerSettings } from '../../lib/telnet/settings.ts';
import { End, eventsOf, hears, octets, same, speak, sub, wills } from './option-end.ts';

const [REQUEST, ACCEPTED, REJECTED, TTABLE_IS, TTABLE_REJECTED] = [1, 2, 3, 4, 5];
const request = (list: string): Buffer => sub('CHARSET', REQUEST, list);
const accepted = (name: string): Buffer => sub('CHARSET', ACCEPTED, name);
const rejected = sub('CHARSET', REJECTED);

const agreed = (charset: string | undefined) => [{ type: 'charset', charset }];

describe('The names that a peer proposes (CHARSET, RFC 2066)', () => {
  const rows: readonly (readonly [data: Buffer, names: readonly string[]])[] = [
    [octets(1, ';UTF-8;ISO-8859-1'), ['UTF-8', 'ISO-8859-1']],
    [octets(1, ' UTF-8 US-ASCII'), ['UTF-8', 'US-ASCII']],
    [octets(1, 1, 'UTF-8', 1, 'KOI8-R'), ['UTF-8', 'KOI8-R']],
    [octets(1, 0xff, 'UTF-8'), ['UTF-8']],
    [octets(1, ';UTF-8;'), ['UTF-8']],
    [octets(1, ';;UTF-8'), ['UTF-8']],
    [octets(1, '[TTABLE]', 1, ';UTF-8;CP437'), ['UTF-8', 'CP437']],
    [octets(1, '[UTF-8[CP437'), ['UTF-8', 'CP437']],
    // without a separator, as some write it
    [octets(1, 'UTF-8'), ['TF-8', 'UTF-8']],
    [octets(1, ';a b;UTF-8;\x1b[2J;é'), ['UTF-8']],
    [octets(1, `;${'a'.repeat(41)};UTF-8`), ['UTF-8']],
    [octets(1, ';'), []],
    [octets(1, '[TTABLE]'), []],
    [octets(1, '[TTABLE]', 1), []],
    [octets(1), []],
  ];
  for (const [data, names] of rows) {
    it(`are read from ${JSON.stringify(data.toString('latin1', 1).slice(0, 30))}`, () => {
      expect(parseRequest(data)).to.deep.equal(names);
    });
  }

  it('are 256 at most', () => {
    expect(parseRequest(octets(1, ';x'.repeat(2000)))).to.have.length(256);
  });
});

describe('A client whose server proposes character sets', () => {
  const proposed = (list: string, charset?: string) =>
    hears(() => End.client({ charset }), wills('WILL', 'CHARSET'), request(list));

  for (const [what, list, charset, name] of [
    ['the first that it can', ';EBCDIC-US;KOI8-R;UTF-8', 'GBK', 'KOI8-R'],
    ['its own, wherever it stands', ';KOI8-R;utf-8;CP437', 'UTF-8', 'utf-8'],
    ['UTF-8, unless it was told otherwise', ' ISO-8859-1 UTF-8', undefined, 'UTF-8'],
  ] as const) {
    it(`takes ${what}, as it was written`, () => {
      const { said, events } = proposed(list, charset);
      same(said, wills('DO', 'CHARSET'), accepted(name));
      expect(events).to.deep.equal(agreed(name));
    });
  }

  for (const list of [';UTF-16;UTF-7;EBCDIC-US;base64', ';', '', ';__proto__;constructor;toString']) {
    it(`rejects ${JSON.stringify(list)}`, () => {
      const { said, events } = proposed(list);
      same(said, wills('DO', 'CHARSET'), rejected);
      expect(events).to.deep.equal(agreed(undefined));
    });
  }

  it('has no translation tables', () => {
    const { said } = hears(
      () => End.client(),
      wills('WILL', 'CHARSET'),
      sub('CHARSET', REQUEST, '[TTABLE]', 1, ';X-OWN'),
      sub('CHARSET', TTABLE_IS, 1, 'a;b'),
    );
    same(said, wills('DO', 'CHARSET'), rejected, sub('CHARSET', TTABLE_REJECTED));
  });

  it('answers a server that asks and then proposes itself, as if the roles were the other way round', () => {
    const { said, events } = hears(() => End.client(), wills('DO', 'CHARSET'), request(' KOI8-R CP437'), rejected);
    same(said, wills('WILL', 'CHARSET'), request(';UTF-8'), accepted('KOI8-R'));
    expect(events).to.deep.equal(agreed('KOI8-R'));
  });
});

describe('A client whose server asks for character sets', () => {
  const asked = (...answers: readonly Buffer[]) =>
    hears(() => End.client({ charset: 'KOI8-R' }), wills('DO', 'CHARSET'), ...answers);

  it('proposes its own', () => {
    const { said, events } = asked(accepted('koi8-r'));
    same(said, wills('WILL', 'CHARSET'), request(';KOI8-R'));
    expect(events).to.deep.equal(agreed('KOI8-R'));
  });

  it('is told that there is none', () => {
    expect(asked(rejected).events).to.deep.equal(agreed(undefined));
  });

  it('takes no answer to what it did not propose', () => {
    expect(asked(accepted('UTF-16'), accepted('UTF-8'), accepted('')).events).to.deep.equal([]);
    expect(hears(() => End.client(), wills('WILL', 'CHARSET'), accepted('UTF-8'), rejected).events).to.deep.equal([]);
  });

  it('proposes none that could not be negotiated', () => {
    for (const charset of ['utf-16le', 'KOI8 R', 'nonsense']) {
      same(hears(() => End.client({ charset }), wills('DO', 'CHARSET')).said, wills('WILL', 'CHARSET'));
    }
  });

  it('can propose others later', () => {
    const client = End.client();
    const { charset } = client.options;
    expect(() => charset.request(client.machine, ['UTF-8'])).to.throw(UsageError, 'does not take');
    client.receive(octets(wills('DO', 'CHARSET')));
    expect(() => charset.request(client.machine, ['CP437'])).to.throw(UsageError, 'not been answered');
    client.receive(accepted('UTF-8'));
    client.said();
    charset.request(client.machine, ['CP437', 'KOI8-R']);
    same(client.said(), request(';CP437;KOI8-R'));
    client.receive(accepted('KOI8-R'));
    expect(eventsOf(client, 'charset')).to.deep.equal([...agreed('UTF-8'), ...agreed('KOI8-R')]);
  });

  for (const names of [[], ['UTF-16'], ['UTF-8;x'], ['a\xff\xf0b'], ['UTF-8\r\n'], ['UTF 8']]) {
    it(`never proposes ${JSON.stringify(names)}`, () => {
      const client = End.client();
      client.receive(octets(wills('DO', 'CHARSET'), rejected));
      expect(() => client.options.charset.request(client.machine, names)).to.throw(UsageError, 'no character sets');
    });
  }
});

describe('When both ends propose a character set at once', () => {
  const both: TelnetServerSettings = { asks: ['CHARSET'], offers: ['CHARSET'], charsets: ['KOI8-R', 'UTF-8'] };

  it('the server rejects that of the client', () => {
    const server = () => End.server(both);
    const { said, events } = hears(server, wills('DO', 'CHARSET'), request(';UTF-8'), accepted('UTF-8'));
    same(said, wills('WILL', 'CHARSET'), request(';KOI8-R;UTF-8'), rejected);
    expect(events).to.deep.equal(agreed('UTF-8'));
  });

  it('the client answers that of the server, and forgets its own', () => {
    const { said, events } = hears(
      () => End.client({ charset: 'CP437' }),
      wills('DO', 'CHARSET'),
      wills('WILL', 'CHARSET'),
      request(';KOI8-R;UTF-8'),
      rejected,
    );
    same(said, wills('WILL', 'CHARSET'), request(';CP437'), wills('DO', 'CHARSET'), accepted('KOI8-R'));
    expect(events).to.deep.equal(agreed('KOI8-R'));
  });

  for (const [charset, name] of [
    ['UTF-8', 'UTF-8'],
    ['CP437', 'KOI8-R'],
  ] as const) {
    it(`they agree on ${name} where the client would have ${charset}`, () => {
      const [client, server] = [End.client({ charset }), End.server(both)];
      server.machine.begin();
      speak(client, server);
      expect(eventsOf(client, 'charset')).to.deep.equal(agreed(name));
      expect(eventsOf(server, 'charset')).to.deep.equal(agreed(name));
    });
  }
});

describe('A server and character sets', () => {
  it('takes what a client proposes, when it can', () => {
    const server = () => End.server({ asks: ['CHARSET'], offers: [], charsets: ['UTF-8'] });
    const { said, events } = hears(server, wills('WILL', 'CHARSET'), request(';CP437;UTF-8'));
    same(said, wills('DO', 'CHARSET'), accepted('UTF-8'));
    expect(events).to.deep.equal(agreed('UTF-8'));
  });

  it('has no names that could not be negotiated', () => {
    expect(() => End.server({ charsets: ['UTF-8', 'UTF-16'] })).to.throw(UsageError, 'no character sets');
  });

  it('asks a client that is not asked for anything else', () => {
    const [client, server] = [End.client(), End.server({ asks: [], offers: ['CHARSET'], charsets: ['CP437'] })];
    server.machine.begin();
    speak(client, server);
    expect(eventsOf(client, 'charset')).to.deep.equal(agreed('CP437'));
  });
});
