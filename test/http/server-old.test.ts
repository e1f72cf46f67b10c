import { once } from 'node:events';
import { connect } from 'node:net';
import { expect } from 'chai';
import { HttpMockServer } from '../../lib/http/mock-server.ts';

async function told(request: string): Promise<string> {
  const parts = async function* (): AsyncGenerator<string> {
    yield 'one ';
    yield 'two';
  };
  const route = () => ({ information: [{ status: 103 }], body: parts(), trailers: { 'X-Sum': '42' } });
  await using server = await HttpMockServer.start({ '/': route });
  const socket = connect(server.port, '127.0.0.1');
  const chunks: Buffer[] = [];
  socket.on('data', (chunk) => chunks.push(chunk)).write(request);
  await once(socket, 'close');
  return Buffer.concat(chunks).toString('latin1');
}

describe('an HTTP server', () => {
  it('tells a client of HTTP/1.0 no interim answers, no chunks and no trailers', async () => {
    const text = await told('GET / HTTP/1.0\r\n\r\n');
    expect(text).to.match(/^HTTP\/1\.1 200 OK\r\n/);
    expect(text.slice(text.indexOf('\r\n\r\n') + 4)).to.equal('one two');
    expect(text).not.to.match(/trailer|chunked|X-Sum/i);
  });

  it('tells one of HTTP/1.1 all of them', async () => {
    const text = await told('GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n');
    expect(text).to.match(/^HTTP\/1\.1 103 Early Hints\r\n\r\nHTTP\/1\.1 200 OK\r\n/);
    expect(text)
      .to.match(/Trailer: X-Sum\r\n/)
      .and.match(/\r\n0\r\nX-Sum: 42\r\n\r\n$/);
  });
});
