import type { Scheme } from '../core/endpoint.ts';
import { UsageError } from '../core/errors.ts';
import type { AnyProtocol, Mock } from '../core/protocol.ts';
import { parsePort } from '../core/url.ts';
import type { MockOptions } from '../mock/server.ts';
import type { Call } from './command.ts';
import { EXIT } from './exit.ts';
import { put } from './io.ts';
import { jsonLine } from './records.ts';
import { didYouMean } from './suggest.ts';
import { harmlessLine } from './terminal.ts';

/**
 * `netkit PROTOCOL serve [FOLDER]`, `netkit serve PROTOCOL...`: servers for tests, until SIGINT, SIGTERM or SIGHUP. Says where
 * each listens, and how to log in, when it does.
 */
export async function serve(call: Call): Promise<number> {
  const { io, signal, values, given } = call;
  const { protocols, folder } = whatToServe(call);
  const port = typeof given['port'] === 'number' && given['port'] > 0 ? parsePort(`${given['port']}`) : 0;
  if (port > 0 && protocols.length > 1)
    throw new UsageError('--port is for one server: with several, each gets a free one');
  const options = {
    port,
    ...(given['host'] !== undefined && { host: given['host'] }),
    ...tlsOf(call, protocols),
    ...(values.verbose && { transcript: call.reporter }),
  };
  const servers: Mock[] = [];
  try {
    for (const protocol of protocols) {
      const fixture: unknown = folder === undefined ? await protocol.demo?.fixture?.() : await load(protocol, folder);
      const server: Mock = await protocol.mock(fixture, options);
      servers.push(server);
      await put(io.stdout, values.json ? jsonLine(record(protocol, server)) : announcement(protocol, server));
    }
    await aborted(signal);
  } finally {
    await closeAll(servers);
  }
  return EXIT.ok;
}

/** TLS from the first byte, or by an upgrade, where every protocol has one. */
function tlsOf({ values }: Call, protocols: readonly AnyProtocol[]): Pick<MockOptions, 'tls' | 'requireTls'> {
  const upgrade = values.starttls !== undefined && values.starttls !== 'off';
  if (!upgrade) return values.tls ? { tls: 'implicit' } : {};
  if (values.tls) throw new UsageError('--tls and --starttls exclude each other: TLS is there once');
  for (const { name, schemes } of protocols) {
    if (!Object.values<Scheme>(schemes).some(({ tls }) => tls === 'upgrade'))
      throw new UsageError(`${name} has no upgrade to TLS: --tls has it from the start`, { reason: 'unsupported' });
  }
  return { tls: 'upgrade', requireTls: values.starttls === 'required' };
}

function whatToServe({ protocol, protocols, operands }: Call): {
  readonly protocols: readonly AnyProtocol[];
  readonly folder: string | undefined;
} {
  if (protocol) {
    const [folder, ...more] = operands;
    if (more.length > 0) throw new UsageError(`${protocol.name} serve takes one folder`);
    return { protocols: [protocol], folder };
  }
  if (operands.length === 0) throw new UsageError(`say what to serve: ${Object.keys(protocols).join(', ')}`);
  const named = operands.map((name) => {
    const found = Object.hasOwn(protocols, name) ? protocols[name] : undefined;
    if (!found) throw new UsageError(`there is no protocol ${name}${didYouMean(name, Object.keys(protocols))}`);
    return found;
  });
  return { protocols: named, folder: undefined };
}

async function load(protocol: AnyProtocol, folder: string): Promise<unknown> {
  if (!protocol.serve) throw new UsageError(`${protocol.name} serves no folders`, { reason: 'unsupported' });
  return protocol.serve.load(folder);
}

function record({ name }: AnyProtocol, { url, login, ca }: Mock): Readonly<Record<string, unknown>> {
  return { protocol: name, url, user: login?.user, password: login?.password, ca };
}

function announcement({ name }: AnyProtocol, { url, login }: Mock): string {
  const who = login ? `, user ${login.user}, password ${login.password}` : '';
  return `${harmlessLine(`${name}: ${url}${who}`)}\n`;
}

async function aborted(signal: AbortSignal): Promise<void> {
  // A promise keeps no process alive; listening servers do.
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
}

/** Closes all, also when one cannot; throws what the first could not. */
async function closeAll(servers: readonly Mock[]): Promise<void> {
  const ends = await Promise.allSettled(servers.map((server) => server.close()));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}
