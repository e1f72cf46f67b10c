import { expect } from 'chai';
import { ConnectionError, UsageError } from '../../lib/core/errors.ts';
import { type Fault, FaultPlan } from '../../lib/mock/faults.ts';
import { connect } from '../../lib/net/connect.ts';
import { rejection } from '../helpers.ts';
import { ask, LineServer } from './lines.ts';

describe('a fault plan', () => {
  /** Which of these commands, in session 1, a fault befalls. */
  const befallen = (fault: Fault, ...lines: string[]): number[] => {
    const plan = new FaultPlan();
    plan.add(fault);
    return lines.flatMap((line, i) => (plan.take(1, line) ? [i] : []));
  };

  it('picks a verb, whatever its case, once', () => {
    expect(befallen({ verb: 'retr', hangUp: true }, 'STAT', 'RETRO 1', 'RETR 1', 'RETR 2')).to.deep.equal([2]);
  });
  it('picks a command line by a pattern', () => {
    expect(befallen({ match: /1$/g, hangUp: true, times: 2 }, 'RETR 2', 'RETR 1', 'DELE 1', 'TOP 1')).to.deep.equal([
      1, 2,
    ]);
  });
  it('picks any command', () => {
    expect(befallen({ verb: '*', stall: true }, 'a', 'b')).to.deep.equal([0]);
    expect(befallen({ stall: true, times: Number.POSITIVE_INFINITY }, 'a', 'b')).to.deep.equal([0, 1]);
  });
  it('picks only the Nth', () => {
    expect(befallen({ verb: 'a', nth: 2, stall: true }, 'a', 'b', 'a', 'a')).to.deep.equal([2]);
  });
  it('picks only one session', () => {
    const plan = new FaultPlan();
    plan.add({ session: 2, stall: true });
    expect([plan.take(1, 'a'), plan.take(2, 'a')?.stall]).to.deep.equal([undefined, true]);
  });
  it('takes the first that fits, and counts what happened', () => {
    const plan = new FaultPlan();
    const [first, second] = plan.add({ verb: 'a', reply: '1' }, { verb: 'a', reply: '2' });
    expect([plan.take(1, 'a')?.reply, plan.take(1, 'a')?.reply, plan.take(1, 'a')]).to.deep.equal([
      '1',
      '2',
      undefined,
    ]);
    expect([first?.hits, second?.hits]).to.deep.equal([1, 1]);
  });
  it('lets faults be taken out again', () => {
    const plan = new FaultPlan();
    const [planned] = plan.add({ verb: 'a', stall: true }, { verb: 'b', stall: true });
    planned?.remove();
    expect([plan.take(1, 'a'), plan.take(1, 'b')?.stall]).to.deep.equal([undefined, true]);
    plan.add({ stall: true });
    plan.clear();
    expect(plan.take(1, 'a')).to.equal(undefined);
  });
  it('refuses a fault that does nothing, or ends in two ways', () => {
    expect(() => new FaultPlan().add({ verb: 'a' })).to.throw(UsageError);
    expect(() => new FaultPlan().add({ hangUp: true, reset: true })).to.throw(UsageError);
  });
});

describe('a fault', () => {
  /** What a client is told when this befalls its first command. */
  const told = async (fault: Fault, ...lines: string[]): Promise<string> => {
    await using server = await LineServer.start();
    server.faults.add({ match: /^(?!greeting)/, ...fault });
    const said = await ask(server.url, ...(lines.length > 0 ? lines : ['list']), 'say next');
    return said.replace(/^hello\r\n/, '');
  };
  const LIST = '+OK\r\none\r\n..two\r\n.\r\n';
  const NEXT = 'next\r\n';

  it('says something else', async () => {
    expect(await told({ reply: '-ERR later' })).to.equal(`-ERR later\r\n${NEXT}`);
    expect(await told({ reply: 'a\r\nb\n' })).to.equal(`a\r\nb\n${NEXT}`);
    expect(await told({ reply: Buffer.from([0xff, 0x00]) })).to.equal(`\xff\x00${NEXT}`);
  });
  it('says it late', async () => {
    const since = performance.now();
    expect(await told({ delay: 30 })).to.equal(LIST + NEXT);
    expect(performance.now() - since).to.be.greaterThan(25);
  });
  it('hangs up instead of answering', async () => {
    expect(await told({ hangUp: true })).to.equal('');
  });
  it('hangs up after it has said something else', async () => {
    expect(await told({ reply: 'bye', hangUp: true })).to.equal('bye\r\n');
  });
  it('resets the connection', async () => {
    const error = await rejection(told({ reset: true }));
    expect(error).to.be.instanceOf(ConnectionError).and.to.include({ reason: 'reset' });
  });
  it('stalls until the client has had enough', async () => {
    await using server = await LineServer.start();
    server.faults.add({ verb: 'list', stall: true });
    const client = await connect(server.url, { timeouts: { idle: 50 } });
    await client.writeText('list\r\n');
    expect(await client.readLine()).to.equal('hello');
    expect(await rejection(client.readLine())).to.include({ code: 'NETKIT_TIMEOUT' });
  });
  it('truncates a reply, and hangs up', async () => {
    for (const truncate of [0, 1, 5, LIST.length - 1, LIST.length]) {
      expect(await told({ truncate })).to.equal(LIST.slice(0, truncate));
    }
  });
  it('truncates a reply, and resets', async () => {
    const error = await rejection(told({ truncate: 3, reset: true }));
    expect(error).to.include({ reason: 'reset' });
  });
  it('says garbage before the reply', async () => {
    expect(await told({ garbage: '\x00\xff?' })).to.equal(`\x00\xc3\xbf?${LIST}${NEXT}`);
  });
  it('ends a block, or a line, otherwise', async () => {
    expect(await told({ terminator: '' })).to.equal(`${LIST.slice(0, -3)}${NEXT}`);
    expect(await told({ terminator: '.\n' })).to.equal(`${LIST.slice(0, -3)}.\n${NEXT}`);
    expect(await told({ terminator: '\n' }, 'say one')).to.equal(`one\n${NEXT}`);
    expect(await told({ terminator: '!' }, 'say ab.')).to.equal(`ab.!${NEXT}`);
    expect(await told({ terminator: '!' }, 'say .')).to.equal(`!${NEXT}`);
  });
  it('lets a reply drip', async () => {
    expect(await told({ drip: 1 })).to.equal(LIST + NEXT);
    expect(await told({ drip: { bytes: 7, every: 2 } })).to.equal(LIST + NEXT);
  });
  it('does several of these at once', async () => {
    expect(await told({ garbage: '??', terminator: '!', truncate: 22, drip: 4 })).to.equal(
      '??+OK\r\none\r\n..two\r\n!',
    );
  });
  it('befalls the greeting', async () => {
    await using server = await LineServer.start();
    server.faults.add({ verb: 'greeting', reply: 'go away', hangUp: true });
    expect(await ask(server.url, 'list')).to.equal('go away\r\n');
    expect(server.transcript.toString()).to.equal('*: fault: reply, hangUp\nS: go away');
  });
  it('works over TLS', async () => {
    await using server = await LineServer.start({}, { tls: 'implicit' });
    server.faults.add({ verb: 'list', reset: true }, { verb: 'list', truncate: 5 });
    const options = { tls: { ca: server.ca } };
    const first = await connect(server.url, options);
    await first.writeText('list\r\n');
    await first.readLine();
    expect(await rejection(first.readLine())).to.include({ reason: 'reset' });
    const second = await connect(server.url, options);
    await second.writeText('list\r\n');
    expect([await second.readLine(), await second.readLine()]).to.deep.equal(['hello', '+OK']);
    expect(await second.read()).to.equal(undefined);
    await second.close();
  });
  it('does not keep a server from closing', async () => {
    const server = await LineServer.start();
    server.faults.add({ verb: 'list', delay: 60_000 }, { verb: 'list', drip: { bytes: 1, every: 60_000 } });
    const clients = [await connect(server.url), await connect(server.url)];
    for (const client of clients) await client.writeText('list\r\n');
    await server.waitFor('fault: delay');
    await server.waitFor('fault: drip');
    await server.close();
    for (const client of clients) await client.close();
  });
});
