import type { HttpRoutes } from '../fixture.ts';
import { XmlRpcDispatcher } from '../xmlrpc/dispatcher.ts';
import { xmlRpcRoute } from './xmlrpc-route.ts';

const dispatcher = new XmlRpcDispatcher()
  .register('add', (a, b) => (typeof a === 'number' && typeof b === 'number' ? a + b : null), {
    help: 'The sum of two integers.',
    signatures: [['int', 'int', 'int']],
  })
  .register('echo', (...params) => params, { help: 'What it is told.', signatures: [] });

export const xmlrpc: HttpRoutes = { '/xmlrpc': xmlRpcRoute(dispatcher, { page: 'Methods of this server' }) };
