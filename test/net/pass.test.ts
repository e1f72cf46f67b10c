import { expect } from 'chai';
import { ReplyError, UsageError } from '../../lib/core/errors.ts';
import type { Flow } from '../../lib/core/resource.ts';
import { connect, listen } from '../../lib/net/index.ts';
import { type Order, pass } from '../../lib/net/pass.ts';
import { type Grammar, Pipeline } from '../../lib/net/pipeline.ts';
import { command } from '../../lib/wire/command.ts';
import { rejection } from '../helpers.ts';

const grammar: Grammar = {
  parse: (line) => ({ ok: line.startsWith('+OK'), code: '', text: line.slice(4).trim() }),
  refusal: (reply, asked) => new ReplyError(`refused ${asked}: ${reply.text}`, { reply }),
};

const orders = (count: number, size = 100): Order[] =>
  Array.from({ length: count }, (_, i) => ({ size, command: command`GET ${i + 1}` }));

/** A server whose bodies are as long as `size` says, in chunks of 64 KiB, and that refuses 3. */
async function serve(size: number, work: (line: Pipeline) => Promise<void>): Promise<void> {
  const chunk = Buffer.alloc(64 * 1024, 'x');
  const server = await listen({}, async (connection) => {
    for await (const line of connection.lines()) {
      if (!line.startsWith('GET ') || line === 'GET 3') await connection.writeText(`-ERR ${line}\r\n`);
      else {
        await connection.writeText(`+OK ${line}\r\n`);
        for (let left = size; left > 0; left -= chunk.length) await connection.write(chunk.subarray(0, left));
        await connection.writeText('\r\n.\r\n');
      }
    }
  });
  const connection = await connect({ host: server.host, port: server.port });
  const line = new Pipeline(connection, grammar);
  line.window = 8;
  try {
    await work(line);
  } finally {
    await connection.close();
    await server.close();
  }
}

describe('many bodies in one pass', () => {
  let kept: Flow | undefined;

  for (const size of [0, 10, 200_000]) {
    it(`come in their order, refusals too, of ${size} octets each`, async () => {
      await serve(size, async (line) => {
        const seen: string[] = [];
        for await (const answers of pass(line, orders(12))) {
          for (const { reply, body } of answers) {
            let length = 0;
            await body?.each((part) => {
              length += part.length;
            });
            seen.push(body ? `${reply.text} ${length}` : reply.text);
          }
        }
        expect(seen).to.have.length(12);
        expect(seen[2]).to.equal('GET 3');
        expect(seen[11]).to.equal(`GET 12 ${size + 2}`);
        expect(String(await rejection(line.say(command`NOOP`)))).to.include('refused NOOP: NOOP');
      });
    });
  }

  it('leave the connection in step when somebody leaves early', async () => {
    await serve(200_000, async (line) => {
      for await (const _ of pass(line, orders(12))) break;
      expect(String(await rejection(line.say(command`NOOP`)))).to.include('refused NOOP: NOOP');
    });
  });

  it('end the connection where a body is still being read by somebody else', async () => {
    await serve(20_000_000, async (line) => {
      const readers: Promise<unknown>[] = [];
      const misuse = async (): Promise<void> => {
        for await (const answers of pass(line, orders(4))) {
          for (const { body } of answers) if (body) readers.push(body.each(() => {}).catch(() => {}));
        }
      };
      expect(await rejection(misuse())).to.be.instanceOf(UsageError);
      await Promise.all(readers);
      expect(line.connection.usable).to.equal(false);
      expect(await rejection(line.say(command`NOOP`))).to.be.instanceOf(UsageError);
    });
  });

  it('let nobody wait behind them, but say so at once', async () => {
    await serve(200_000, async (line) => {
      const waiting = pass(line, orders(4));
      await waiting.next();
      expect(await rejection(line.say(command`NOOP`))).to.have.property('reason', 'unread-body');
      await waiting.return();
      expect(String(await rejection(line.say(command`NOOP`)))).to.include('refused NOOP: NOOP');
    });
  });

  it('are not whole, and not empty, for who kept one of them', async () => {
    await serve(2_000_000, async (line) => {
      for await (const [first] of pass(line, orders(4))) {
        const body = first?.body;
        await body?.pull();
        kept = body;
        break;
      }
      expect(kept?.complete).to.equal(false);
      expect(await rejection(async () => kept?.each(() => {}))).to.be.instanceOf(UsageError);
    });
  });

  it('are not all let come when somebody leaves early', async () => {
    await serve(40_000_000, async (line) => {
      for await (const _ of pass(line, orders(8, 0))) break;
      expect(line.connection.received).to.be.below(160_000_000);
      expect(line.connection.usable).to.equal(false);
    });
  });
});
