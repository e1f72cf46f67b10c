/** XML-RPC with Python: our client and its server, our server and its client. */
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { HttpClient } from '../../../lib/http/client.ts';
import {
  type Sendable,
  XmlRpcClient,
  XmlRpcDispatcher,
  XmlRpcFault,
  type XmlRpcValue,
  xmlRpcHandler,
} from '../../../lib/http/xmlrpc/index.ts';
import { http as HTTP, ReplyError, UsageError } from '../../../lib/index.ts';
import { HttpMockServer } from '../../../lib/testing.ts';
import { rejection } from '../../helpers.ts';
import { begin, curl, output, type Running, run } from '../run.ts';
import { xmlRpcPage } from './site.ts';
import { VALUES, type Value } from './values.ts';
import { CLIENT, SERVER } from './xmlrpclib.ts';

const PYTHON = '/usr/bin/python3';
const SAYABLE = Object.values(VALUES).filter(({ isSayable = true }) => isSayable);

/** What we make of a value when Python says it. */
function told({ sent, told: other = sent }: Value): Sendable {
  return other;
}

interface Served {
  readonly url: string;
  /** What is to be trusted, as a file; empty where there is no TLS. */
  readonly ca: string;
  close(): Promise<void>;
}

/** Where a dispatcher can stand. */
const SERVERS: Readonly<Record<string, (dispatcher: XmlRpcDispatcher) => Promise<Served>>> = {
  'a server of Node': async (dispatcher) => {
    const server = createServer(xmlRpcHandler(dispatcher, { page: 'Our methods' }));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const close = async (): Promise<void> => {
      server.close();
      server.closeAllConnections();
    };
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/RPC2`, ca: '', close };
  },
  'our server': async (dispatcher) => {
    const server = await HttpMockServer.start(xmlRpcPage(dispatcher));
    return { url: new URL('/RPC2', server.url).href, ca: '', close: () => server.close() };
  },
  'our server with TLS': async (dispatcher) => {
    const folder = await mkdtemp(join(tmpdir(), 'netkit-interop-'));
    const server = await HttpMockServer.start(xmlRpcPage(dispatcher), { tls: 'implicit' });
    const ca = join(folder, 'ca.pem');
    await writeFile(ca, server.ca ?? '');
    const close = async (): Promise<void> => {
      await server.close();
      await rm(folder, { recursive: true });
    };
    return { url: new URL('/RPC2', server.url).href, ca, close };
  },
};

describe('XML-RPC with Python', () => {
  describe('its server', () => {
    let server: Running;
    let http: HttpClient;
    let client: XmlRpcClient;

    before(async () => {
      server = begin(PYTHON, ['-I', '-c', SERVER]);
      http = await HTTP.connect(`http://127.0.0.1:${await server.firstLine}`);
      client = new XmlRpcClient(async (body, options) => {
        return (await http.post('/RPC2', { ...options, body, type: 'text/xml' })).text();
      });
    });

    after(async () => {
      await http?.close();
      server?.kill('SIGTERM');
      await server?.ended;
    });

    for (const [name, value] of Object.entries(VALUES)) {
      it(`understands ${name}`, async () => {
        const isLong = /\*/.test(value.python);
        const described = await client.call('describe', [value.sent]);
        const expected = isLong
          ? await client.call('describe', [await client.call('say', [value.python])])
          : value.python;
        expect(described).to.equal(expected);
      });

      if (value.isSayable === false) {
        it(`cannot say ${name}, which is its fault`, async () => {
          const error = await rejection(client.call('say', [value.python]));
          expect(error).to.be.instanceOf(XmlRpcFault);
          expect(String(error)).to.include('int exceeds XML-RPC limits');
        });
      } else {
        it(`says ${name}`, async () => {
          expect(await client.call('say', [value.python])).to.deep.equal(told(value));
        });
      }
    }

    it('fails with the fault that a method wants', async () => {
      const text = 'a <fault> & "more" €';
      const error = await rejection(client.call('fault', [4, text]));
      expect(error).to.be.instanceOf(XmlRpcFault).and.include({ faultCode: 4, faultString: text, reason: 'refused' });
    });

    it('fails with what went wrong in a method, and with a method that there is not', async () => {
      const failed = await rejection(client.call('fail', ['over & out']));
      expect(failed).to.be.instanceOf(ReplyError).and.include({ faultCode: 1 });
      expect(failed).to.have.property('faultString', "<class 'ValueError'>:over & out");
      const missing = await rejection(client.call('nobody'));
      expect(String(missing)).to.include('method "nobody" is not supported');
      expect(await rejection(client.call('unsayable'))).to.be.instanceOf(XmlRpcFault);
    });

    it('is asked what there is', async () => {
      expect(await client.listMethods()).to.include.members(['describe', 'math.add', 'system.multicall']);
      expect(await client.methodHelp('describe')).to.equal('Gives what Python makes of a value.');
      expect(await client.methodSignature('describe')).to.equal(undefined);
    });

    it('runs several calls at once, each with its own result', async () => {
      const results = await client.multicall([
        { method: 'math.add', params: [1, 2] },
        { method: 'fault', params: [17, 'of one'] },
        { method: 'say', params: ["{'a': [b'x']}"] },
        { method: 'nobody' },
      ]);
      expect(results[0]).to.equal(3);
      expect(results[1]).to.be.instanceOf(XmlRpcFault).and.include({ faultCode: 17, faultString: 'of one' });
      expect(results[2]).to.deep.equal({ a: [Buffer.from('x')] });
      expect(results[3]).to.be.instanceOf(XmlRpcFault);
    });

    it('is called by names', async () => {
      const proxy = client.proxy();
      expect(await proxy['math']?.['add']?.(1, 2, 3)).to.equal(6);
    });

    it('answers hundred calls that are on their way at once', async () => {
      const sums = await Promise.all(Array.from({ length: 100 }, (_, i) => client.call('math.add', [i, 1])));
      expect(sums).to.deep.equal(Array.from({ length: 100 }, (_, i) => i + 1));
    });

    it('has no method at another path, which is an answer of HTTP', async () => {
      const error = await rejection(http.post('/elsewhere', { body: Buffer.from('x'), type: 'text/xml' }));
      expect(error).to.be.instanceOf(ReplyError).and.include({ status: 404, reason: 'missing' });
    });
  });

  describe('its client', () => {
    for (const [name, serve] of Object.entries(SERVERS)) {
      it(`exchanges every value with ${name}, and finds all else that there is`, async () => {
        const received: XmlRpcValue[] = [];
        const errors: unknown[] = [];
        const dispatcher = new XmlRpcDispatcher({ onError: (error) => errors.push(error) });
        const exchange = (number: XmlRpcValue, value: XmlRpcValue): Sendable => {
          if (typeof number !== 'number' || number < 0) return value;
          received[number] = value;
          return SAYABLE[number]?.sent ?? null;
        };
        dispatcher
          .register('exchange', (number = 0, value = null) => exchange(number, value))
          .register('math.add', (...numbers) => numbers.reduce((sum: number, each) => sum + Number(each), 0), {
            help: 'Adds numbers.',
            signatures: [['int', 'int', 'int']],
          })
          .register('fault', (code, text) => {
            throw new XmlRpcFault(Number(code), String(text));
          })
          .register('nothing', () => {})
          .register('failing', () => {
            throw new TypeError('a secret of ours');
          });
        const { url, ca, close } = await serve(dispatcher);
        try {
          const args = ['-I', '-c', CLIENT, url, ca, JSON.stringify(SAYABLE.map(({ python }) => python))];
          const found: unknown = JSON.parse(output(await run(PYTHON, args)).toString());
          expect(found).to.deep.equal({
            different: [],
            methods: [
              ...['exchange', 'failing', 'fault', 'math.add', 'nothing'],
              ...['system.listMethods', 'system.methodHelp', 'system.methodSignature', 'system.multicall'],
            ],
            help: 'Adds numbers.',
            signature: [['int', 'int', 'int']],
            unsigned: 'signatures not supported',
            add: 42,
            nothing: null,
            fault: [4, '<text> & €'],
            missing: [-32601, 'there is no method nobody'],
            failing: [-32500, 'internal error'],
            batch: [3, [17, 'of one'], 7],
            binary: ['Binary', '00ff0d0a'],
            moment: ['DateTime', '19980717T14:08:55'],
            latin: 'Grüße',
            large: 1_000_000,
          });
          expect(received).to.deep.equal(SAYABLE.map(told));
          expect(errors.map(String)).to.deep.equal(['TypeError: a secret of ours']);
          const trust = ca === '' ? [] : ['--cacert', ca];
          expect(output(await curl(...trust, url)).toString()).to.include('math.add');
        } finally {
          await close();
        }
      });
    }

    it('is never sent what XML-RPC cannot say', () => {
      const dispatcher = new XmlRpcDispatcher();
      expect(() => dispatcher.register('no name', () => 1)).to.throw(UsageError);
    });
  });
});
