/** XML-RPC, by the client's and the server's side. */
export { type BatchedCall, XmlRpcClient, type XmlRpcProxy } from './client.ts';
export { type DispatcherOptions, type Method, type MethodInfo, XmlRpcDispatcher } from './dispatcher.ts';
export { FAULTS, XmlRpcFault } from './fault.ts';
export { formatCall, formatFault, formatResponse } from './format.ts';
export {
  answerXmlRpc,
  type XmlRpcAnswer,
  type XmlRpcHandlerOptions,
  type XmlRpcRequest,
  xmlRpcHandler,
} from './handler.ts';
export { type XmlRpcOptions, xmlRpcAt } from './over-http.ts';
export { methodsPage } from './page.ts';
export { parseCall, parseResponse, type XmlRpcCall } from './parse.ts';
export { DateTime, Double, type Sendable, type XmlRpcStruct, type XmlRpcValue } from './value.ts';
