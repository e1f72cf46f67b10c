import { expect } from 'chai';
import { ConnectionError } from '../../lib/core/errors.ts';
import { Tamper, type Weather } from '../../lib/mock/tamper.ts';
import { connect } from '../../lib/net/connect.ts';
import type { Connection } from '../../lib/net/connection.ts';
import { type Listening, listen } from '../../lib/net/listen.ts';
import { rejection } from '../helpers.ts';

describe('Tamper', () => {
  let server: Listening;
  let tamper: Tamper;
  let client: Connection;

  /** A client of a server that says ten digits, behind this weather. */
  const begin = async (weather: Weather): Promise<void> => {
    server = await listen({}, async (connection) => {
      await connection.readLine();
      await connection.writeText('0123456789');
    });
    tamper = await Tamper.before(server.port, weather);
    client = await connect({ host: '127.0.0.1', port: tamper.port }, { timeouts: { idle: 100 } });
    await client.writeText('go\r\n');
  };
  /** The pieces in which it comes. */
  const pieces = async (): Promise<string[]> => {
    const all: string[] = [];
    for (let piece = await client.read(); piece; piece = await client.read()) all.push(piece.toString());
    return all;
  };

  afterEach(async () => {
    await client.close();
    await tamper.close();
    await server.close();
  });

  it('hands everything on in good weather, and counts it', async () => {
    await begin({});
    expect((await pieces()).join('')).to.equal('0123456789');
    expect(tamper.count).to.equal(10);
  });
  it('ends the connection after so many octets', async () => {
    await begin({ cut: { after: 4, how: 'fin' } });
    expect((await pieces()).join('')).to.equal('0123');
    expect(tamper.count).to.equal(4);
  });
  it('ends a later connection at once', async () => {
    await begin({ cut: { after: 10, how: 'fin' } });
    await pieces();
    const later = await connect({ host: '127.0.0.1', port: tamper.port });
    expect(await later.read()).to.equal(undefined);
    await later.close();
  });
  it('resets the connection after so many octets', async () => {
    await begin({ cut: { after: 4, how: 'rst' } });
    expect((await client.readExactly(4)).toString()).to.equal('0123');
    expect(await rejection(client.read()))
      .to.be.instanceOf(ConnectionError)
      .and.to.include({ reason: 'reset' });
  });
  it('falls silent after so many octets', async () => {
    await begin({ cut: { after: 0, how: 'stall' } });
    expect(await rejection(client.read())).to.include({ code: 'NETKIT_TIMEOUT' });
  });
  it('parts what comes', async () => {
    await begin({ split: 3 });
    expect(await pieces()).to.deep.equal(['012', '3456789']);
  });
  it('lets it drip', async () => {
    await begin({ drip: { bytes: 4, every: 5 } });
    expect(await pieces()).to.deep.equal(['0123', '4567', '89']);
  });
  it('lets it come late', async () => {
    const since = performance.now();
    await begin({ latency: 30 });
    expect((await pieces()).join('')).to.equal('0123456789');
    expect(performance.now() - since).to.be.greaterThan(25);
  });
  it('hands on a reset of the server', async () => {
    await begin({});
    await pieces();
    for (const connection of server.connections) connection.destroy(new Error('test'));
    const dead = await Tamper.before(1);
    const lost = await connect({ host: '127.0.0.1', port: dead.port });
    expect(await rejection(lost.read())).to.be.instanceOf(ConnectionError);
    await lost.close();
    await dead.close();
  });
});
