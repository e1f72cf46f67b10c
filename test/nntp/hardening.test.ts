/** What a hostile news server may say, and what callers may pass: each row of the threats, by its number. */
import { expect } from 'chai';
import { ConnectionError, ProtocolError, ReplyError, TimeoutError, UsageError } from '../../lib/core/errors.ts';
import { nntp } from '../../lib/nntp/index.ts';
import { all, rejection } from '../helpers.ts';
import { against, CAPABILITIES, pour, type Rules, ruled } from './client-rules.ts';

const limit = { code: 'NETKIT_PROTOCOL', reason: 'limit' };

/** What connecting fails with, to a server with this greeting. */
async function greeted(greeting: Parameters<typeof ruled>[1], rules: Rules = {}, options = {}): Promise<unknown> {
  const server = await ruled(rules, greeting);
  try {
    return await rejection(nntp.connect(server.url, options));
  } finally {
    await server.close();
  }
}

describe('an NNTP client and its arguments', () => {
  // A1, A2, A3; nntp-i01 to nntp-i07
  const EVIL: readonly string[] = ['\r\nQUIT', '\nQUIT', '\rQUIT', '\0'];

  it('refuses CR, LF and NUL in every argument before anything is said (A1)', async () => {
    const { asked } = await against({}, async (client) => {
      await client.group('misc.test');
      for (const end of EVIL) {
        const calls: (() => Promise<unknown>)[] = [
          () => client.group(`misc.test${end}`),
          () => client.listGroup(`misc.test${end}`),
          () => client.article(`<a@b>${end}`),
          () => client.article(`<a@b${end}>`),
          () => client.stat(`<a@b${end}>`),
          () => client.bodyOf(`<a@b${end}>`),
          () => client.each([`<a@b${end}>`], () => {}),
          () => all(client.over(`<a@b${end}>`)),
          () => client.hdr(`Subject${end}`, 1),
          () => client.xpat('Subject', 1, `a${end}`),
          () => client.listActive(`misc.*${end}`),
          () => client.newsgroups(`misc.*${end}`),
          () => client.newNews(`misc.*${end}`, new Date(0)),
          () => client.ihave(`<a@b>${end}`, 'x'),
          () => client.command(`DATE${end}`),
          () => client.login({ user: `joe${end}`, password: 'hunter2' }),
          () => client.login({ user: 'joe', password: `hunter2${end}` }),
        ];
        for (const call of calls) expect(await rejection(call), `${call}`).to.be.instanceOf(UsageError);
      }
      for (const range of [{ low: Number.NaN }, { low: -1 }, { low: 1.5 }, { low: 1, high: 1e15 }]) {
        expect(await rejection(all(client.over(range)))).to.be.instanceOf(UsageError);
      }
    });
    expect(asked).to.deep.equal(['CAPABILITIES', 'GROUP misc.test', 'LIST OVERVIEW.FMT', 'QUIT']);
  });

  it('never lets characters beyond ASCII become the end of a line (A2)', async () => {
    const { asked } = await against({ GROUP: '411 no\r\n' }, async (client) => {
      for (const text of ['\u010d\u010aQUIT', '\u560d\u560aQUIT']) {
        await client.group(`misc.test${text}`).catch(() => {});
        await client.listActive(`*${text}`).catch(() => {});
      }
    });
    expect(asked.filter((line) => line === 'QUIT')).to.have.length(1);
  });

  it('refuses what is percent-encoded and must not be said, in a URL (A3)', async () => {
    for (const path of ['/misc.test%0d%0aQUIT', '/misc.test/1%0AQUIT', '/a%00@b', '/a@b%0d%0a']) {
      const { asked } = await against({}, async (client) => {
        expect(await rejection(client.fetch(path))).to.be.instanceOf(UsageError);
        expect(await rejection(all(client.list(path)))).to.be.instanceOf(UsageError);
      });
      expect(asked).to.deep.equal(['CAPABILITIES', 'QUIT']);
    }
  });
});

describe('a hostile NNTP server', () => {
  it('that refuses everybody is believed, once (N12, nntp-s01, nntp-s48)', async () => {
    for (const [line, reason, temporary] of [
      ['400 later\r\n', 'busy', true],
      ['502 never\r\n', 'denied', false],
    ] as const) {
      const server = await ruled({}, line);
      const error = await rejection(nntp.connect(server.url));
      expect(error).to.be.instanceOf(ReplyError);
      expect(error).to.include({ phase: 'greeting', reason, temporary });
      expect(server.connections()).to.equal(1);
      await server.close();
    }
  });

  it('that greets as something else is none (nntp-s02 to nntp-s06)', async () => {
    const lines = ['220 smtp ESMTP', '+OK pop3', 'SSH-2.0-x', '20 short', '2x0 a', '٢٠٠ a', '+200 a', '200-more', ''];
    for (const line of [...lines, '215 list', '211 1 1 1 g', '281 in']) {
      const error = await greeted(`${line}\r\n`);
      expect(error, line).to.be.instanceOf(ProtocolError);
    }
  });

  it('whose line does not end is left at the limit (A11, nntp-s07)', async () => {
    expect(await greeted((socket) => pour(socket, 'A'))).to.include(limit);
    const late = against({ DATE: (socket) => pour(socket, '1') }, (client) => client.date());
    expect(await rejection(late)).to.include(limit);
  });

  it('whose lists do not end is left at the limit (A11, nntp-s25, nntp-s28)', async () => {
    const endless =
      (start: string, line: string) =>
      (socket: Parameters<typeof pour>[0]): void => {
        socket.write(start);
        pour(socket, line);
      };
    const lists: [Rules, (client: Awaited<ReturnType<typeof nntp.connect>>) => Promise<unknown>][] = [
      [{ 'LIST ACTIVE': endless('215 l\r\n', 'a.b 2 1 y\r\n') }, (client) => client.listActive()],
      [{ 'LIST ACTIVE': endless('215 l\r\n', 'A') }, (client) => all(client.list('/'))],
      [{ OVER: endless('224 o\r\n', '1\tone\ta\td\t<1@x>\t\t1\t1\r\n') }, (client) => all(client.list('/misc.test'))],
      [{ OVER: endless('224 o\r\n', '9\t\r\n') }, (client) => all(client.search('/misc.test', 'x'))],
      [{ 'LIST OVERVIEW': endless('215 f\r\n', '__proto__:\r\n') }, (client) => client.overviewFormat()],
      [{ HEAD: endless('221 1 <1@x>\r\n', 'X-A: b\r\n') }, (client) => client.info('/misc.test/1')],
      [{ CAPABILITIES: endless('101 c\r\n', 'X\r\n') }, (client) => client.askCapabilities()],
    ];
    for (const [rules, work] of lists) expect(await rejection(against(rules, work)), `${work}`).to.include(limit);
  });

  it('that sends one byte now and then has the time of one greeting (A12, nntp-s08)', async () => {
    const began = performance.now();
    const drip = (socket: Parameters<typeof pour>[0]): void => {
      const timer = setInterval(() => socket.write('2'), 20);
      socket.on('close', () => clearInterval(timer));
    };
    const error = await greeted(drip, {}, { timeouts: { greeting: 200 } });
    expect(error).to.be.instanceOf(TimeoutError).with.property('phase', 'greeting');
    expect(performance.now() - began).to.be.within(180, 1_500);
  });

  it('that answers before it is asked is not believed (A6, nntp-s16)', async () => {
    const eager = '200 ready\r\n101 list\r\nVERSION 2\r\n.\r\n';
    expect(await greeted(eager)).to.be.instanceOf(ProtocolError);
    const late = against({ DATE: '111 20240101000000\r\n111 20240101000000\r\n' }, async (client) => {
      await client.date();
      await client.date();
    });
    expect(await rejection(late)).to.be.instanceOf(ProtocolError);
  });

  it('cannot put anything in the place of an object (A15, nntp-s27)', async () => {
    const capabilities =
      '101 c\r\nVERSION 2\r\nREADER\r\nOVER\r\nLIST OVERVIEW.FMT\r\n__PROTO__ x\r\n__proto__ polluted\r\nconstructor y\r\n.\r\n';
    const format = `215 f\r\nSubject:\r\nFrom:\r\nDate:\r\nMessage-ID:\r\nReferences:\r\n:bytes\r\n:lines\r\n__proto__:full\r\n.\r\n`;
    const rows = '224 o\r\n1\ta\tb\tc\t<1@x>\t\t1\t1\t__proto__: polluted\r\n.\r\n';
    const { value } = await against(
      { CAPABILITIES: capabilities, 'LIST OVERVIEW': format, OVER: rows },
      async (client) => {
        await client.group('misc.test');
        const [[row] = []] = await all(client.over({ low: 1, high: 1 }));
        return [row?.get('__proto__'), JSON.stringify(row), client.capabilities?.get('CONSTRUCTOR')];
      },
    );
    expect(value[0]).to.equal('polluted');
    expect(value[2]).to.deep.equal(['y']);
    expect(Object.keys(Object.prototype)).to.deep.equal([]);
  });

  it('gets nobody to wait for its regular expressions (A16)', async () => {
    const began = performance.now();
    const nasty = [' '.repeat(8_000), '<'.repeat(8_000), `0${' '.repeat(4_000)}x`, '=?a?q?'.repeat(1_300)];
    for (const text of nasty) {
      const rules = { GROUP: `211 ${text}\r\n`, STAT: `223 ${text}\r\n`, DATE: `111 ${text}\r\n` };
      await against(rules, (client) => client.date()).catch(() => {});
      await against(rules, (client) => client.group('misc.test')).catch(() => {});
      await against(rules, (client) => client.stat('<1@x>')).catch(() => {});
    }
    expect(performance.now() - began).to.be.lessThan(2_000);
  });

  it('whose words hold escapes gives them as they are (A18, nntp-s31)', async () => {
    const { value } = await against(
      { 'LIST NEWSGROUPS': '215 l\r\nmisc.test \x1b]0;owned\x07\r\n.\r\n', XFOO: '500 \x1b[2J\r\n' },
      async (client) => {
        const { items } = await client.newsgroups();
        return [items[0]?.text, `${await rejection(client.command('XFOO'))}`];
      },
    );
    expect(value[0]).to.equal('\x1b]0;owned\x07');
    expect(value[1]).to.not.include('\x1b');
  });

  it('that names groups like paths gives names, and no more (A21, nntp-s29, nntp-s30)', async () => {
    const list = '215 l\r\n.../../../etc/x 1 1 y\r\n/etc/passwd 1 1 y\r\n... 1 1 y\r\na b c d e\r\n.\r\n';
    const { value } = await against({ 'LIST ACTIVE': list }, (client) => all(client.list('/')));
    expect(value.map(({ kind, path }) => [kind, path])).to.deep.equal([
      ['container', '/..%2F..%2F..%2Fetc%2Fx'],
      ['container', '/%2Fetc%2Fpasswd'],
      ['container', '/..'],
      ['error', ''],
    ]);
    const huge = `215 l\r\n${'g'.repeat(2 * 1024 * 1024)} 1 1 y\r\n.\r\n`;
    expect(await rejection(against({ 'LIST ACTIVE': huge }, (client) => all(client.list('/'))))).to.include(limit);
  });
});

describe('a hostile NNTP server and its articles', () => {
  const whole = { ARTICLE: `220 1 <1@x>\r\nFrom: a\r\n` };

  it('that ends inside an article truncates it (N1, nntp-s09, nntp-s10)', async () => {
    const cut: Rules = { ARTICLE: (socket) => void socket.end(whole.ARTICLE) };
    const error = await rejection(against(cut, async (client) => (await client.fetch('/misc.test/1')).bytes()));
    expect(error).to.be.instanceOf(ConnectionError).with.property('reason', 'truncated');
  });

  it('that stalls inside an article has the idle time (N1, nntp-s11)', async () => {
    const error = await rejection(
      against(whole, async (client) => (await client.fetch('/misc.test/1')).bytes(), {
        timeouts: { idle: 150, close: 50 },
      }),
    );
    expect(error).to.be.instanceOf(TimeoutError).with.property('phase', 'body');
  });

  it('may send an article without a body (N1, nntp-s12)', async () => {
    const { value } = await against({ ARTICLE: `${whole.ARTICLE}.\r\n` }, async (client) =>
      (await client.fetch('/misc.test/1')).text(),
    );
    expect(value).to.equal('From: a\r\n');
  });

  it('whose code is not of the command is left (N2, nntp-s14, nntp-s34)', async () => {
    const wrong: [Rules, (client: Awaited<ReturnType<typeof nntp.connect>>) => Promise<unknown>][] = [
      [{ STAT: '220 1 <1@x>\r\nSubject: a\r\n\r\nb\r\n.\r\n' }, (client) => client.stat('<1@x>')],
      [{ ARTICLE: '223 1 <1@x>\r\n' }, (client) => client.article('<1@x>')],
      [{ DATE: '215 list\r\n.\r\n' }, (client) => client.date()],
      [{ GROUP: '220 2 1 2 misc.test\r\n' }, (client) => client.group('misc.test')],
      [{ POST: '240 already\r\n' }, (client) => client.send('/misc.test', 'From: a@b.c\nSubject: d\n\ne\n')],
      [{ QUIT: '215 list\r\n.\r\n' }, (client) => client.quit()],
    ];
    for (const [rules, work] of wrong) {
      const { value } = await against(rules, async (client) => {
        const error = await rejection(work(client));
        return [error, await rejection(client.date())];
      });
      expect(value[0], `${work}`).to.be.instanceOf(ProtocolError);
      expect(value[1], `${work}`).to.equal(value[0]);
    }
  });

  it('that speaks of another article, or another group, is left (N3, nntp-s13, nntp-s20)', async () => {
    const other: [Rules, (client: Awaited<ReturnType<typeof nntp.connect>>) => Promise<unknown>][] = [
      [{ ARTICLE: '220 0 <evil@x>\r\n\r\n.\r\n' }, (client) => client.article('<1@x>')],
      [{ ARTICLE: '220 2 <1@x>\r\n\r\n.\r\n' }, (client) => client.fetch('/misc.test/1')],
      [{ HEAD: '221 2 <2@x>\r\n.\r\n' }, (client) => client.info('/misc.test/1')],
      [{ BODY: '222 0 <evil@x>\r\n.\r\n' }, (client) => client.bodyOf('<1@x>')],
      [{ STAT: '223 0 <evil@x>\r\n' }, (client) => client.stat('<1@x>')],
      [{ GROUP: '211 1 1 1 evil.group\r\n' }, (client) => client.group('misc.test')],
      [{ GROUP: '211 1 1 1 evil.group\r\n' }, (client) => client.fetch('/misc.test/1')],
      [{ LISTGROUP: '211 1 1 1 evil.group\r\n1\r\n.\r\n' }, (client) => client.listGroup('misc.test')],
      [{ ARTICLE: '220 0 <evil@x>\r\n\r\n.\r\n' }, (client) => client.each(['<1@x>'], () => {})],
      [{ ARTICLE: '220 7 <7@x>\r\n\r\n.\r\n' }, (client) => all(client.fetchAll('/misc.test'))],
    ];
    for (const [rules, work] of other) {
      const { value } = await against(rules, async (client) => [
        await rejection(work(client)),
        await rejection(client.date()),
      ]);
      expect(value[0], `${work}`).to.be.instanceOf(ProtocolError);
      expect(value[1], `${work}`).to.equal(value[0]);
    }
  });

  it('that tells of impossible groups gets no memory, and no belief (N4, A13, A14, nntp-s17 to nntp-s21)', async () => {
    const group = async (text: string): Promise<unknown> => {
      const { value } = await against({ GROUP: `211 ${text} misc.test\r\n` }, (client) => client.group('misc.test'));
      return value;
    };
    expect(await group('999999999999 1 999999999999')).to.include({ count: 999_999_999_999, empty: false });
    expect(await group('5 10 9')).to.include({ count: 0, empty: true });
    expect(await group('0 0 0')).to.include({ count: 0, empty: true });
    for (const text of ['many 1 2', '-1 1 2', '1e3 1 2', '99999999999999999999 1 2', '0x10 1 2', '1 2', '']) {
      expect(await rejection(group(text)), text).to.be.instanceOf(ProtocolError);
    }
  });

  it('whose overview is malformed says so, row by row, or is refused when strict (N5, nntp-s22 to nntp-s26)', async () => {
    const rows = `224 o\r\n1\tone\r\n2\r\n\r\n${'1\t'.repeat(10_000)}\r\n7\ta\tb\tc\t<7@x>\t\t1\t1\r\n.\r\n`;
    const { value } = await against({ OVER: rows }, async (client) => {
      await client.group('misc.test');
      const loose = (await all(client.over({ low: 1 }))).flat();
      const strict = await rejection(all(client.over({ low: 1 }, { strict: true })));
      return [loose.map(({ malformed }) => malformed !== undefined), strict];
    });
    expect(value[0]).to.deep.equal([true, true, true, false, false]);
    expect(value[1]).to.be.instanceOf(ProtocolError);
    const { value: listed } = await against({ OVER: rows }, (client) => all(client.list('/misc.test')));
    // what has no number cannot be asked for, and 7 was not asked for
    expect(listed.map(({ kind }) => kind)).to.deep.equal(['item', 'item', 'error', 'item']);
  }).timeout(5_000);

  it('that says OVER and then nothing has the idle time (nntp-s15)', async () => {
    const late = against({ OVER: '224 o\r\n' }, (client) => all(client.list('/misc.test')), {
      timeouts: { idle: 150, close: 50 },
    });
    expect(await rejection(late)).to.be.instanceOf(TimeoutError);
  });

  it('with headers without end is left when they are read (nntp-s49)', async () => {
    const head = `221 1 <1@x>\r\n${'X-A: b\r\n'.repeat(200_000)}.\r\n`;
    expect(await rejection(against({ HEAD: head }, (client) => client.info('/misc.test/1')))).to.include(limit);
  });

  it('offers no more than the client asks for', async () => {
    const { asked } = await against(
      { CAPABILITIES: CAPABILITIES.replace('READER', 'READER\r\nCOMPRESS DEFLATE') },
      (client) => client.date(),
    );
    expect(asked).to.deep.equal(['CAPABILITIES', 'DATE', 'QUIT']);
  });
});
