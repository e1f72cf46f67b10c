import { expect } from 'chai';
import { ConnectionError, ProtocolError, ReplyError, UsageError } from '../../lib/core/errors.ts';
import { Secret } from '../../lib/core/secret.ts';
import { connect, listen } from '../../lib/net/index.ts';
import { type Grammar, Pipeline } from '../../lib/net/pipeline.ts';
import { Transcript } from '../../lib/net/transcript.ts';
import { command } from '../../lib/wire/command.ts';
import { rejection } from '../helpers.ts';

/** The grammar of POP3, which is the shortest. */
const grammar: Grammar = {
  parse(line) {
    if (!/^(?:\+OK|-ERR)/.test(line)) throw new ProtocolError(`this is no reply: ${line}`);
    const ok = line.startsWith('+OK');
    return { ok, code: ok ? '+OK' : '-ERR', text: line.slice(ok ? 4 : 5) };
  },
  refusal: (reply, command) => new ReplyError(`refused ${command}: ${reply.text}`, { reply }),
};

/** Says a greeting, and then what a table says to each line; a function speaks for itself. */
async function talk(
  answers: Record<string, string>,
  work: (pipeline: Pipeline, transcript: Transcript) => Promise<void>,
  timeouts = {},
): Promise<void> {
  const server = await listen({}, async (connection) => {
    await connection.writeText('+OK hello\r\n');
    for await (const line of connection.lines()) {
      await connection.writeText(answers[line] ?? '-ERR unknown\r\n');
      if (line === 'QUIT') return;
    }
  });
  const transcript = new Transcript();
  const connection = await connect({ host: server.host, port: server.port }, { transcript, timeouts });
  try {
    await work(new Pipeline(connection, grammar), transcript);
  } finally {
    await connection.close();
    await server.close();
  }
}

const ANSWERS = {
  STAT: '+OK 2 300\r\n',
  LIST: '+OK\r\n1 100\r\n2 200\r\n.\r\n',
  EMPTY: '+OK\r\n.\r\n',
  'RETR 1': '+OK\r\nSubject: x\r\n\r\n..dot\r\n.\r\n',
  // more than comes at once
  'RETR 2': `+OK\r\n${'x'.repeat(2_000_000)}\r\n.\r\n`,
  QUIT: '+OK bye\r\n',
};

describe('a pipeline', () => {
  it('gives each command its reply, in lockstep until it is told otherwise', async () => {
    await talk(ANSWERS, async (pipeline, transcript) => {
      expect((await pipeline.greeting()).text).to.equal('hello');
      const [stat, lines] = await Promise.all([pipeline.say(command`STAT`), pipeline.lines(command`LIST`)]);
      expect(stat.text).to.equal('2 300');
      expect(lines).to.deep.equal(['1 100', '2 200']);
      expect(await pipeline.lines(command`EMPTY`)).to.deep.equal([]);
      expect(String(transcript)).to.contain('C: STAT\nS: +OK 2 300\nC: LIST\nS: +OK');
    });
  });

  it('sends commands together where it may', async () => {
    await talk(ANSWERS, async (pipeline, transcript) => {
      await pipeline.greeting();
      pipeline.window = 256;
      const replies = await Promise.all([
        pipeline.say(command`STAT`),
        pipeline.say(command`STAT`),
        pipeline.lines(command`LIST`),
      ]);
      expect(replies).to.have.length(3);
      expect(String(transcript)).to.contain('C: STAT\nC: STAT\nC: LIST\nS: +OK 2 300');
    });
  });

  it('goes on after a reply that says no', async () => {
    await talk(ANSWERS, async (pipeline) => {
      await pipeline.greeting();
      expect(await rejection(pipeline.say(command`NOSUCH`))).to.be.instanceOf(ReplyError);
      expect((await pipeline.say(command`STAT`)).ok).to.equal(true);
    });
  });

  it('lets the next command wait for a body', async () => {
    await talk(ANSWERS, async (pipeline, transcript) => {
      await pipeline.greeting();
      const { body } = await pipeline.ask(command`RETR ${1}`);
      const next = pipeline.say(command`STAT`);
      const chunks: Buffer[] = [];
      for (let chunk = await body.pull(); chunk; chunk = await body.pull()) chunks.push(chunk);
      expect(Buffer.concat(chunks).toString()).to.equal('Subject: x\r\n\r\n.dot\r\n');
      expect((await next).text).to.equal('2 300');
      expect(String(transcript)).to.contain('*: 20 octets\nC: STAT');
    });
  });

  it('tells who forgot to read a body', async () => {
    const work = async (pipeline: Pipeline): Promise<void> => {
      await pipeline.greeting();
      await pipeline.ask(command`RETR ${2}`);
      const error = await rejection(pipeline.say(command`STAT`));
      expect(error).to.be.instanceOf(UsageError).with.property('reason', 'unread-body');
    };
    await talk(ANSWERS, work, { idle: 100 });
  });

  it('gives no reply to the wrong command when one was given up', async () => {
    const work = async (pipeline: Pipeline): Promise<void> => {
      await pipeline.greeting();
      pipeline.window = 256;
      const { body } = await pipeline.ask(command`RETR ${2}`);
      const error = await rejection(pipeline.say(command`STAT`));
      expect(error).to.be.instanceOf(UsageError).with.property('outcome', 'unknown');
      // the reply to STAT will come, so this connection is of no use any more
      expect(await rejection(body.each(() => {}))).to.have.property('reason', 'unread-body');
      expect(await rejection(pipeline.say(command`LIST`))).to.have.property('reason', 'unread-body');
    };
    await talk(ANSWERS, work, { idle: 100 });
  });

  it('lets nobody wait for the body of a connection that is gone', async () => {
    const work = async (pipeline: Pipeline): Promise<void> => {
      await pipeline.greeting();
      await pipeline.ask(command`RETR ${2}`);
      const next = pipeline.say(command`STAT`);
      const reason = new Error('enough');
      pipeline.connection.destroy(reason);
      expect(await rejection(next)).to.equal(reason);
    };
    await talk(ANSWERS, work, { idle: Number.POSITIVE_INFINITY });
  });

  it('shows no secret that the server repeats', async () => {
    await talk({ 'PASS hunter2': "-ERR bad password 'hunter2'\r\n" }, async (pipeline, transcript) => {
      await pipeline.greeting();
      await rejection(pipeline.say(command`PASS ${new Secret('hunter2')}`));
      expect(String(transcript)).to.contain("C: PASS ***\nS: -ERR bad password '***'");
      expect(String(transcript)).to.not.contain('hunter2');
    });
  });

  it('takes no reply that came before its command', async () => {
    const early = { ...ANSWERS, STAT: '+OK 2 300\r\n+OK evil\r\n' };
    await talk(early, async (pipeline) => {
      await pipeline.greeting();
      await pipeline.say(command`STAT`);
      expect(await rejection(pipeline.say(command`STAT`))).to.be.instanceOf(ProtocolError);
      // and the connection is of no use any more
      expect(await rejection(pipeline.say(command`STAT`))).to.be.instanceOf(ProtocolError);
    });
  });

  it('fails every command that waits when the connection is lost', async () => {
    const cut = await listen({}, async (connection) => {
      await connection.writeText('+OK\r\n');
      await connection.readLine();
      await connection.writeText('+OK 2 3');
    });
    const connection = await connect({ host: cut.host, port: cut.port });
    const pipeline = new Pipeline(connection, grammar);
    await pipeline.greeting();
    pipeline.window = 256;
    const commands = [pipeline.say(command`STAT`), pipeline.say(command`STAT`), pipeline.lines(command`LIST`)];
    for (const error of await Promise.all(commands.map(rejection))) expect(error).to.be.instanceOf(ConnectionError);
    await connection.close();
    await cut.close();
  });
});
