/** A server of XML-RPC in a test: its methods, beside other routes. */
import assert from 'node:assert/strict';
import { http } from 'netkit';
import { xmlRpcRoute } from 'netkit/testing';
import { XmlRpcDispatcher, XmlRpcFault } from 'netkit/xmlrpc';

const dispatcher = new XmlRpcDispatcher()
  .register('add', (a, b) => Number(a) + Number(b), { help: 'The sum of two numbers.' })
  .register('fail', () => {
    throw new XmlRpcFault(42, 'no such thing');
  });

await using server = await http.mock({ '/RPC2': xmlRpcRoute(dispatcher), 'GET /': 'nothing but methods here\n' });

await using client = await http.connect(server.url);
const rpc = await client.xmlrpc('/RPC2');
console.log(await rpc.call('add', [1, 2]));
await assert.rejects(rpc.call('fail'), XmlRpcFault);
