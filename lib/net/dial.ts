/**
 * How a connection comes to be: directly, by a Unix socket, by a command, or through a proxy. What comes out is a
 * connected stream that nobody has read from.
 */
import { connect, isIP, type NetConnectOpts, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { ConnectionError, excerpt, UsageError } from '../core/errors.ts';
import { type ConnectOptions, TIMEOUTS } from '../core/options.ts';
import { abandon } from './abandon.ts';
import { Deadline, type Destination } from './deadline.ts';
import { type Goal, race } from './eyeballs.ts';
import { checkAddress, checkTarget } from './policy.ts';
import { chooseProxy, type Environment, type ProxyServer, proxyName, resolvesNames } from './proxy.ts';
import { type Lookup, normalHost, overrides, resolve, systemLookup } from './resolve.ts';

/** Where received bytes are put, and who is told of them; see `onread` of `net.connect`. */
export interface OnRead {
  buffer: () => Uint8Array;
  callback: (bytes: number, memory: Uint8Array) => boolean;
}

/** A connected stream, paused. `onread` tells whether the OnRead is in effect; else the stream is read as usual. */
export interface Dialed {
  readonly stream: Duplex;
  readonly onread: boolean;
}

/** What dialling needs of the world. */
export interface World {
  readonly lookup: Lookup;
  readonly connect: (options: NetConnectOpts) => Socket;
  readonly env: Environment;
}

const WORLD: World = { lookup: systemLookup, connect, env: process.env };

/** How long a connection is silent before TCP asks whether it is still there, in milliseconds. */
const KEEP_ALIVE = 30_000;

/** What all ways to the target have in common. */
interface Way {
  readonly host: string;
  readonly port: number;
  readonly options: ConnectOptions;
  readonly deadline: Deadline;
  readonly world: World;
}

/**
 * Connects to a host and port; the first that is given of `unixSocket`, `via`, `proxy` is the way. Names are resolved,
 * and proxies asked, within `timeouts.connect`. `to.scheme` matters to the policy `public` only: to its own ports. The stream is paused, without delay (Nagle), kept alive, and without
 * listeners of ours.
 * Throws UsageError (`argument`, `policy`), ConnectionError (`resolve`, `connect`, `proxy`), TimeoutError, ReplyError
 * and ProtocolError of a proxy, the reason of the signal.
 */
export async function dial(
  to: { readonly host: string; readonly port: number; readonly scheme?: string | undefined },
  options: ConnectOptions = {},
  onread?: OnRead,
  world: World = WORLD,
): Promise<Dialed> {
  const { port } = to;
  const host = normalHost(to.host);
  if (!(Number.isInteger(port) && port > 0 && port < 65_536))
    throw new UsageError('a port is a number from 1 to 65535', { host });
  checkOptions(options, { host, port });
  if (options.policy === 'public') checkTarget(host, port, to.scheme);
  const deadline = new Deadline(options.timeouts?.connect ?? TIMEOUTS.connect, 'connect', { host, port }, options);
  const way = { host, port, options, deadline, world };
  try {
    if (options.unixSocket !== undefined)
      return { stream: await local(options.unixSocket, way, onread), onread: !!onread };
    if (options.via !== undefined) {
      const { runVia } = await import('./via.ts');
      return { stream: await runVia(options.via, host, port, deadline), onread: false };
    }
    const proxy = options.proxy ? chooseProxy(options, host, port, world.env) : undefined;
    if (proxy) return { stream: await proxied(proxy, way), onread: false };
    const socket = await reach(host, port, way, { name: `${host} port ${port}`, phase: 'connect' }, onread);
    if (options.policy === 'public') recheck(socket, way);
    return { stream: socket, onread: !!onread };
  } finally {
    deadline.end();
  }
}

/** What no connection can be made with. */
function checkOptions({ localAddress, policy, via, unixSocket }: ConnectOptions, to: Destination): void {
  if (localAddress !== undefined && !isIP(localAddress))
    throw new UsageError(`localAddress is not an address: ${excerpt(localAddress)}`, to);
  if (policy === 'public' && via !== undefined && unixSocket === undefined)
    throw new UsageError('a command may connect to anything: it does not go with the policy public', {
      ...to,
      reason: 'policy',
    });
}

async function local(path: string, way: Way, onread: OnRead | undefined): Promise<Socket> {
  const { host, port, options, deadline, world } = way;
  if (options.policy === 'public')
    throw new UsageError('a Unix socket is not a public address', { host, port, reason: 'policy' });
  return race([path], () => world.connect({ path, onread }), deadline, { name: path, phase: 'connect' });
}

/** Resolves a host and connects to it, be it the target or a proxy. */
async function reach(host: string, port: number, way: Way, goal: Goal, onread?: OnRead): Promise<Socket> {
  const { options, deadline, world } = way;
  const { localAddress, keepAlive = true } = options;
  const addresses = await resolve(host, port, options, deadline, world.lookup);
  if (goal.phase === 'connect') checkAddresses(addresses, way);
  const open = (address: string): Socket =>
    world.connect({
      host: address,
      port,
      localAddress,
      noDelay: true,
      ...(keepAlive && { keepAlive, keepAliveInitialDelay: KEEP_ALIVE }),
      onread,
    });
  return race(addresses, open, deadline, goal);
}

function checkAddresses(addresses: readonly string[], { options, deadline }: Way): void {
  if (options.policy !== 'public') return;
  for (const address of addresses) if (isIP(address)) checkAddress(address, deadline.to);
}

/** The address that it did connect to. */
function recheck(socket: Socket, { deadline }: Way): void {
  try {
    checkAddress(socket.remoteAddress ?? '', deadline.to);
  } catch (error) {
    abandon(socket);
    throw error;
  }
}

/**
 * Through a proxy: to each address in turn where names are resolved here, to the name where the proxy does it. With the
 * policy `public` it is done here, always: what a proxy makes of a name nobody can check.
 */
async function proxied(proxy: ProxyServer, way: Way): Promise<Duplex> {
  // before there is a socket that nobody would listen to meanwhile
  const { ask } = await import('./ask.ts');
  const { host, port, options, deadline, world } = way;
  const family = proxy.scheme.startsWith('socks4') ? 4 : options.family;
  const here = { family, resolve: options.resolve };
  const known =
    overrides(host, port, options) ?? (resolvesNames(proxy) && options.policy !== 'public' ? [host] : undefined);
  const addresses = known ?? (await resolve(host, port, here, deadline, world.lookup));
  checkAddresses(addresses, way);
  const failures: ConnectionError[] = [];
  for (const address of addresses) {
    const stream = await reach(normalHost(proxy.host), proxy.port, way, { name: proxyName(proxy), phase: 'proxy' });
    const refusal = await ask(stream, proxy, { host: address, port }, deadline);
    if (!refusal) return stream;
    failures.push(refusal);
  }
  const [first, ...more] = failures;
  if (first && more.length === 0) throw first;
  throw new ConnectionError(`${first?.message} (${addresses.length} addresses tried)`, {
    ...deadline.detail('proxy', new AggregateError(failures, 'every attempt failed')),
    reason: 'proxy',
  });
}
