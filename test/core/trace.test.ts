import { tracingChannel } from 'node:diagnostics_channel';
import { expect } from 'chai';
import { gopher } from '../../lib/gopher/index.ts';
import { all, rejection } from '../helpers.ts';

describe('the tracing channel netkit:verb', () => {
  const channel = tracingChannel('netkit:verb');
  const events: string[] = [];
  const note = (event: string) => (message: object) => {
    const { verb, path } = message as { verb: string; path: string };
    events.push(`${event} ${verb} ${path}`);
  };
  const subscribers = {
    start: note('start'),
    end: note('end'),
    asyncStart: note('asyncStart'),
    asyncEnd: note('asyncEnd'),
    error: note('error'),
  };
  beforeEach(() => {
    events.length = 0;
    channel.subscribe(subscribers);
  });
  afterEach(() => channel.unsubscribe(subscribers));

  it('tells of a fetch, and of one that fails', async () => {
    await using server = await gopher.mock({ '/a': 'text' });
    await (await gopher.fetch(`${server.url}/0/a`)).text();
    expect(events).to.include.members(['start fetch /0/a', 'asyncEnd fetch /0/a']);
    expect(events).to.not.include('error fetch /0/a');
    await rejection(gopher.fetch(`${server.url}/0/b`));
    expect(events).to.include('error fetch /0/b');
  });

  it('tells of a list from its beginning to its end, and of one that nobody reads to its end', async () => {
    await using server = await gopher.mock({ '': { menu: [{ type: '0', name: 'a', selector: '/a' }] } });
    await all(gopher.list(server.url));
    expect(events).to.include.members(['start list /', 'asyncEnd list /']);
    events.length = 0;
    for await (const _ of gopher.list(server.url)) break;
    expect(events).to.include.members(['start list /', 'asyncEnd list /']);
  });

  it('is told of a bad target as anybody is', async () => {
    expect(await rejection(gopher.fetch('gopher://h:0/'))).to.have.property('code', 'NETKIT_USAGE');
  });
});
