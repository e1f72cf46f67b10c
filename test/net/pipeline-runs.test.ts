import { getEventListeners } from 'node:events';
import { expect } from 'chai';
import { ConnectionError, ProtocolError, ReplyError } from '../../lib/core/errors.ts';
import type { ConnectOptions } from '../../lib/core/options.ts';
import { connect, listen } from '../../lib/net/index.ts';
import { type Grammar, Pipeline } from '../../lib/net/pipeline.ts';
import { Transcript } from '../../lib/net/transcript.ts';
import { command } from '../../lib/wire/command.ts';
import { rejection } from '../helpers.ts';

const grammar: Grammar = {
  parse(line) {
    if (!/^(?:\+OK|-ERR)/.test(line)) throw new ProtocolError(`this is no reply: ${line}`);
    const ok = line.startsWith('+OK');
    return { ok, code: ok ? '+OK' : '-ERR', text: line.slice(ok ? 4 : 5) };
  },
  refusal: (reply, asked) => new ReplyError(`refused ${asked}: ${reply.text}`, { reply }),
};

/** The number of a message that does not come at once. */
const LARGE = 200_000;

const message = (n: number): string => `message ${n}\r\n${'x'.repeat(n * 7)}\r\n`;

/** A server that answers `GET n` with a block, refuses 13, and answers everything else with one line. */
async function serve(
  work: (pipeline: Pipeline, transcript: Transcript) => Promise<void>,
  options: ConnectOptions = {},
  answer?: (line: string) => string | undefined,
): Promise<void> {
  const server = await listen({}, async (connection) => {
    for await (const line of connection.lines()) {
      const n = Number(line.slice(4));
      const usual = n === 13 ? '-ERR unlucky\r\n' : n > 0 ? `+OK ${n}\r\n${message(n)}.\r\n` : `+OK ${line}\r\n`;
      await connection.writeText(answer?.(line) ?? usual);
    }
  });
  const transcript = new Transcript();
  const connection = await connect({ host: server.host, port: server.port }, { transcript, ...options });
  try {
    await work(new Pipeline(connection, grammar), transcript);
  } finally {
    await connection.close();
    await server.close();
  }
}

function* gets(from: number, to: number) {
  for (let n = from; n <= to; n++) yield command`GET ${n}`;
}

describe('a run of commands', () => {
  for (const window of [1, 2, 7, 1024]) {
    it(`gives every answer in order, refusals too, with ${window} unanswered`, async () => {
      await serve(async (pipeline, transcript) => {
        pipeline.window = window;
        const seen: string[] = [];
        await pipeline.each(gets(1, 40), ({ ok, text }, octets, index) => {
          seen.push(ok ? `${index} ${octets}` : `${index} ${text}`);
        });
        expect(seen).to.have.length(40);
        expect(seen[4]).to.equal(`4 ${message(5)}`);
        expect(seen[12]).to.equal('12 unlucky');
        // and never more of them than that
        let most = 0;
        let now = 0;
        for (const { from, text } of transcript.lines) {
          if (from === 'C') now++;
          if (from === 'S' && /^(?:\+OK|-ERR)/.test(text)) now--;
          most = Math.max(most, now);
        }
        expect(most).to.be.at.most(window);
        expect((await pipeline.say(command`NOOP`)).text).to.equal('NOOP');
      });
    });
  }

  it('may have no commands, and may bring no blocks', async () => {
    await serve(async (pipeline) => {
      await pipeline.each([], () => expect.fail());
      const texts: string[] = [];
      await pipeline.each([command`A`, command`B`], ({ text }) => texts.push(text), { block: false });
      expect(texts).to.deep.equal(['A', 'B']);
    });
  });

  it('makes its commands when there is room for them', async () => {
    await serve(async (pipeline) => {
      pipeline.window = 4;
      let made = 0;
      let seen = 0;
      const commands = (function* () {
        for (const each of gets(20, 60)) {
          made++;
          yield each;
        }
      })();
      await pipeline.each(commands, () => expect(made - ++seen).to.be.at.most(5));
      expect(seen).to.equal(41);
    });
  });

  it('ends the connection when its visitor throws, for other answers are on their way', async () => {
    await serve(async (pipeline) => {
      pipeline.window = 8;
      const reason = new Error('enough');
      const stop = (): never => {
        throw reason;
      };
      expect(await rejection(pipeline.each(gets(1, 40), stop))).to.equal(reason);
      expect(pipeline.connection.usable).to.equal(false);
    });
  });

  it('has blocks of a bounded size', async () => {
    await serve(async (pipeline) => {
      const error = await rejection(pipeline.each(gets(1, 40), () => {}, { max: 100 }));
      expect(error).to.be.instanceOf(ProtocolError).with.property('reason', 'limit');
    });
  });

  it('is aborted by its signal, which nobody listens to afterwards', async () => {
    await serve(async (pipeline) => {
      const { signal } = new AbortController();
      await pipeline.each(gets(1, 5), () => {}, { signal });
      expect(getEventListeners(signal, 'abort')).to.have.length(0);
      const controller = new AbortController();
      const reason = new Error('enough');
      const visit = (): void => controller.abort(reason);
      expect(await rejection(pipeline.each(gets(1, 40), visit, { signal: controller.signal }))).to.equal(reason);
      expect(await rejection(pipeline.say(command`NOOP`))).to.equal(reason);
    });
  });
});

describe('a pipeline', () => {
  it('gives a block as a whole, however many are asked for at once', async () => {
    await serve(async (pipeline) => {
      pipeline.window = 16;
      const numbers = Array.from({ length: 300 }, (_, i) => i + 20);
      const all = await Promise.all(numbers.map((n) => pipeline.gather(command`GET ${n}`)));
      expect(all.map(({ octets }) => `${octets}`)).to.deep.equal(numbers.map(message));
    });
  });

  it('gives the lines of a block in pieces, with a limit for all of them', async () => {
    await serve(async (pipeline) => {
      let text = '';
      await pipeline.blocks(command`GET ${5000}`, (piece) => {
        text += piece;
      });
      expect(text).to.equal(message(5000));
      expect(await rejection(pipeline.lines(command`GET ${5000}`, { size: 1000 }))).to.have.property('reason', 'limit');
    });
  });

  it('says nothing else while steps that belong together are taken', async () => {
    await serve(async (pipeline, transcript) => {
      pipeline.window = 8;
      const before = pipeline.say(command`BEFORE`);
      const steps = pipeline.alone(async (talk) => {
        await talk.say(command`ONE`);
        return (await talk.say(command`TWO`)).text;
      });
      const behind = pipeline.say(command`BEHIND`);
      expect(await Promise.all([before, steps, behind].map(async (each) => (await each) && true))).to.have.length(3);
      expect(await steps).to.equal('TWO');
      const said = transcript.lines.map(({ from, text }) => `${from}: ${text}`).join(' ');
      expect(said).to.equal('C: BEFORE S: +OK BEFORE C: ONE S: +OK ONE C: TWO S: +OK TWO C: BEHIND S: +OK BEHIND');
    });
  });

  it('goes on behind steps that were refused', async () => {
    const refusing = (line: string) => (line === 'TWO' ? '-ERR no\r\n' : undefined);
    await serve(
      async (pipeline) => {
        const steps = pipeline.alone(async (talk) => talk.say(command`TWO`));
        const behind = pipeline.say(command`BEHIND`);
        expect(await rejection(steps)).to.be.instanceOf(ReplyError);
        expect((await behind).text).to.equal('BEHIND');
      },
      {},
      refusing,
    );
  });

  it('forgets what was aborted before it was said', async () => {
    await serve(async (pipeline, transcript) => {
      const controller = new AbortController();
      const first = pipeline.gather(command`GET ${50}`);
      const second = pipeline.say(command`NEVER`, { signal: controller.signal });
      const third = pipeline.say(command`THIRD`);
      controller.abort(new Error('enough'));
      expect(String(await rejection(second))).to.include('enough');
      expect((await first).octets.toString()).to.equal(message(50));
      expect((await third).text).to.equal('THIRD');
      expect(String(transcript)).to.not.include('NEVER');
    });
  });

  it('forgets steps that were aborted before the first of them', async () => {
    await serve(async (pipeline) => {
      pipeline.window = 8;
      const controller = new AbortController();
      const first = pipeline.gather(command`GET ${50}`);
      const steps = pipeline.alone(async () => expect.fail(), { signal: controller.signal });
      const third = pipeline.say(command`THIRD`);
      controller.abort(new Error('enough'));
      expect(String(await rejection(steps))).to.include('enough');
      expect((await first).octets.toString()).to.equal(message(50));
      expect((await third).text).to.equal('THIRD');
    });
  });

  it('ends the connection when what was said is aborted, also while its body is read', async () => {
    await serve(async (pipeline) => {
      const controller = new AbortController();
      const { signal } = controller;
      const { body } = await pipeline.ask(command`GET ${LARGE}`, { signal });
      controller.abort(new Error('enough'));
      expect(String(await rejection(body.each(() => {})))).to.include('enough');
      expect(String(await rejection(pipeline.say(command`NEXT`)))).to.include('enough');
      expect(getEventListeners(signal, 'abort')).to.have.length(0);
    });
  });

  it('lets who closes a body wait for who is reading it, and then for the rest', async () => {
    const slow = await listen({}, async (connection) => {
      for await (const line of connection.lines()) {
        if (line === 'NOOP') await connection.writeText('+OK done\r\n');
        else {
          await connection.writeText('+OK 1\r\nhalf\r\n');
          await new Promise((resolve) => setImmediate(resolve));
          await connection.writeText('+OK 7 777\r\n.\r\n');
        }
      }
    });
    const connection = await connect({ host: slow.host, port: slow.port });
    const pipeline = new Pipeline(connection, grammar);
    const { body } = await pipeline.ask(command`GET ${1}`);
    const parts: Buffer[] = [];
    await Promise.all([body.pull(), body.pull(), body.each((part) => parts.push(Buffer.from(part)))]);
    // not the line of the body that looks like a reply
    expect((await pipeline.say(command`NOOP`)).text).to.equal('done');
    await connection.close();
    await slow.close();
  });

  it('writes what is asked behind what was given up', async () => {
    await serve(
      async (pipeline) => {
        pipeline.window = 4;
        const { body } = await pipeline.ask(command`GET ${LARGE}`);
        const behind = pipeline.each([], () => {});
        expect(await rejection(behind)).to.have.property('reason', 'unread-body');
        await body.each(() => {});
        expect((await pipeline.say(command`NOOP`)).text).to.equal('NOOP');
      },
      { timeouts: { idle: 100 } },
    );
  });

  it('lets nobody wait for a body that has come as a whole', async () => {
    await serve(async (pipeline) => {
      const { body } = await pipeline.ask(command`GET ${50}`);
      expect((await pipeline.say(command`NOOP`)).text).to.equal('NOOP');
      expect(String(await body.pull())).to.equal(message(50));
      expect([await body.pull(), body.complete]).to.deep.equal([undefined, true]);
    });
  });

  it('leaves no listener for a body that nobody read', async () => {
    const { signal } = new AbortController();
    await serve(async (pipeline) => {
      await pipeline.ask(command`GET ${LARGE}`, { signal });
      await pipeline.connection.close();
      await new Promise((resolve) => setImmediate(resolve));
      expect(getEventListeners(signal, 'abort')).to.have.length(0);
    });
  });

  it('tells a cut in a block from a cut between replies', async () => {
    for (const [said, reason] of [
      ['+OK 1\r\nhalf', 'truncated'],
      ['+OK 1\r\nwhole\r\n.\r\n', 'closed'],
    ]) {
      const server = await listen({}, async (connection) => {
        await connection.readLine();
        await connection.writeText(`${said}`);
      });
      const connection = await connect({ host: server.host, port: server.port });
      const pipeline = new Pipeline(connection, grammar);
      pipeline.window = 2;
      const [, second] = await Promise.allSettled([1, 2].map((n) => pipeline.gather(command`GET ${n}`)));
      const error = second?.status === 'rejected' ? second.reason : undefined;
      expect(error).to.be.instanceOf(ConnectionError).with.property('reason', reason);
      await connection.close();
      await server.close();
    }
  });
});
