import { expect } from 'chai';
import { ProtocolError } from '../../lib/core/errors.ts';
import { http } from '../../lib/http/index.ts';
import { HttpError } from '../../lib/http/library.ts';
import { formatResponse, XmlRpcDispatcher, XmlRpcFault } from '../../lib/http/xmlrpc/index.ts';
import { xmlRpcRoute } from '../../lib/testing.ts';

const dispatcher = (): XmlRpcDispatcher =>
  new XmlRpcDispatcher()
    .register('add', (a, b) => Number(a) + Number(b))
    .register('fail', () => {
      throw new XmlRpcFault(7, 'no');
    });

describe('a client of HTTP, for XML-RPC', () => {
  it('calls the methods that are at /RPC2', async () => {
    await using server = await http.mock({ '/RPC2': xmlRpcRoute(dispatcher()) });
    await using client = await http.connect(server.url);
    const rpc = await client.xmlrpc();
    expect(await rpc.call('add', [1, 2])).to.equal(3);
    const { headers } = await server.request('POST /RPC2');
    expect(headers.get('content-type')).to.equal('text/xml');
  });

  it('calls those of another path, with header fields of its own', async () => {
    await using server = await http.mock({ '/other': xmlRpcRoute(dispatcher()) });
    await using client = await http.connect(server.url);
    const rpc = await client.xmlrpc('/other', { headers: { 'X-Key': 'k' } });
    expect(await rpc.call('add', [1, 2])).to.equal(3);
    expect((await server.request('POST /other')).headers.get('x-key')).to.equal('k');
  });

  it('throws what a method says as XmlRpcFault, and what HTTP says as HttpError', async () => {
    await using server = await http.mock({ '/RPC2': xmlRpcRoute(dispatcher()) });
    await using client = await http.connect(server.url);
    const failed: unknown = await (await client.xmlrpc()).call('fail').catch((error: unknown) => error);
    expect(failed).to.be.instanceOf(XmlRpcFault).with.property('faultCode', 7);
    const missing: unknown = await (await client.xmlrpc('/no')).call('add').catch((error: unknown) => error);
    expect(missing).to.be.instanceOf(HttpError).with.property('status', 404);
  });

  it('reads the character set of the header, and of the document', async () => {
    const [start, end] = ['<methodResponse><params><param><value>', '</value></param></params></methodResponse>'];
    const latin = (declared: string): Buffer => Buffer.from(`${declared}${start}caf\u00e9${end}`, 'latin1');
    await using server = await http.mock({
      '/header': { headers: { 'Content-Type': 'text/xml; charset=iso-8859-1' }, body: latin('') },
      '/document': { body: latin('<?xml version="1.0" encoding="iso-8859-1"?>') },
    });
    await using client = await http.connect(server.url);
    for (const path of ['/header', '/document']) {
      expect(await (await client.xmlrpc(path)).call('any')).to.equal('caf\u00e9');
    }
  });

  it('takes an answer of so many octets, and no more', async () => {
    await using server = await http.mock({ '/RPC2': { body: formatResponse('x'.repeat(2_000)) } });
    await using client = await http.connect(server.url);
    const failed: unknown = await (await client.xmlrpc('/RPC2', { maxSize: 1_000 }))
      .call('any')
      .catch((error: unknown) => error);
    expect(failed).to.be.instanceOf(ProtocolError).with.property('reason', 'limit');
  });
});
