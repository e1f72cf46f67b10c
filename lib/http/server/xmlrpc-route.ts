import type { HttpHandler } from '../fixture.ts';
import type { XmlRpcDispatcher } from '../xmlrpc/dispatcher.ts';
import { answerXmlRpc, type XmlRpcHandlerOptions } from '../xmlrpc/handler.ts';

/** The methods of a dispatcher, as what a route serves. */
export function xmlRpcRoute(dispatcher: XmlRpcDispatcher, options?: XmlRpcHandlerOptions): HttpHandler {
  return (request) => {
    const header = (name: string): string | undefined => request.headers.get(name);
    return answerXmlRpc(dispatcher, { method: request.method, header, body: request }, options);
  };
}
