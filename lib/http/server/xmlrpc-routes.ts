import type { HttpHandler, HttpRoutes } from '../fixture.ts';
import { XmlRpcDispatcher } from '../xmlrpc/dispatcher.ts';
import { answerXmlRpc, type XmlRpcHandlerOptions } from '../xmlrpc/handler.ts';

/** The methods of a dispatcher as what a route serves. */
export function xmlRpcRoute(dispatcher: XmlRpcDispatcher, options?: XmlRpcHandlerOptions): HttpHandler {
  return (request) => {
    const header = (name: string): string | undefined => request.headers.get(name);
    return answerXmlRpc(dispatcher, { method: request.method, header, body: request }, options);
  };
}

const dispatcher = new XmlRpcDispatcher()
  .register('add', (a, b) => (typeof a === 'number' && typeof b === 'number' ? a + b : null), {
    help: 'The sum of two integers.',
    signatures: [['int', 'int', 'int']],
  })
  .register('echo', (...params) => params, { help: 'What it is told.', signatures: [] });

export const xmlrpc: HttpRoutes = { '/xmlrpc': xmlRpcRoute(dispatcher, { page: 'Methods of this server' }) };
