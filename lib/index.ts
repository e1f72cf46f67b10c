/**
 * netkit: the classic Internet protocols, with the same verbs for all. Each protocol is a room of its own; the verbs
 * here find it by the scheme of the URL.
 */
import { hasScheme } from './core/endpoint.ts';
import { UsageError } from './core/errors.ts';
import type { ConnectOptions } from './core/options.ts';
import type { AnyProtocol } from './core/protocol.ts';
import type { Body, Entry, Listing, Receipt, Resource } from './core/resource.ts';
import { splitUrl } from './core/url.ts';
import type { Dialogue, Verbs } from './core/verbs.ts';
import { gopher } from './gopher/index.ts';
import { http } from './http/index.ts';
import { nntp } from './nntp/index.ts';
import { pop3 } from './pop3/index.ts';
import { telnet } from './telnet/index.ts';

export type { Endpoint, Scheme, Target } from './core/endpoint.ts';
export {
  ConnectionError,
  NetkitError,
  type Outcome,
  type Phase,
  ProtocolError,
  type Reason,
  type Reply,
  ReplyError,
  TimeoutError,
  UsageError,
} from './core/errors.ts';
export type { CallOptions, ConnectOptions, Timeouts, TlsOptions } from './core/options.ts';
export {
  type Body,
  type Complete,
  type Entry,
  type Kind,
  type Listing,
  type Receipt,
  Resource,
} from './core/resource.ts';
export { Secret } from './core/secret.ts';
export type {
  Can,
  Client,
  Dialogue,
  Expected,
  Found,
  Report,
  TerminalCommand,
  TerminalDialogue,
  TerminalState,
  Verbs,
  VerbsOf,
  WaitOptions,
} from './core/verbs.ts';
export * as net from './net/index.ts';
export { Transcript, type TranscriptLine } from './net/transcript.ts';
export { gopher, http, nntp, pop3, telnet };

/** All protocols by name. A new one is a folder, and a word here. */
export const protocols = { gopher, http, nntp, pop3, telnet };

type Protocols = typeof protocols;
type SchemeWith<V> = {
  [N in keyof Protocols]: V extends keyof Protocols[N]['verbs'] ? keyof Protocols[N]['schemes'] & string : never;
}[keyof Protocols];

/** A URL that has the verb: a literal is checked by the compiler, a URL object when it is used. */
export type TargetFor<V extends keyof Verbs> = `${SchemeWith<V>}:${string}` | URL;

/** The protocol of a URL. Throws UsageError when no protocol has its scheme. */
export function protocolOf(target: string | URL): AnyProtocol {
  const text = typeof target === 'string' ? target : target.href;
  const scheme = hasScheme(text) ? splitUrl(text).scheme : undefined;
  if (scheme === undefined) throw new UsageError('a target without a protocol: start it with scheme://');
  const found = Object.values<AnyProtocol>(protocols).find(({ schemes }) => Object.hasOwn(schemes, scheme));
  if (!found) throw new UsageError(`no protocol here speaks ${scheme}:`, { reason: 'unsupported' });
  return found;
}

/** A verb of the protocol of a URL. */
function verb(target: string | URL, name: keyof Verbs): (...args: unknown[]) => unknown {
  const protocol = protocolOf(target);
  const method = Object.hasOwn(protocol.verbs, name) ? protocol[name] : undefined;
  if (!method) {
    throw new UsageError(`${protocol.name} has no ${name}: it has ${Object.keys(protocol.verbs).join(', ')}`, {
      reason: 'unsupported',
    });
  }
  return method;
}

/** The entries of a container. */
export async function* list(target: TargetFor<'list'>, options?: ConnectOptions): Listing {
  return yield* verb(target, 'list')(target, options) as Listing;
}

/** A document, a message, a file: a body and what is known of it. */
export async function fetch(target: TargetFor<'fetch'>, options?: ConnectOptions): Promise<Resource> {
  return verb(target, 'fetch')(target, options) as Promise<Resource>;
}

/** What is known of something, without its body. */
export async function info(target: TargetFor<'info'>, options?: ConnectOptions): Promise<Entry> {
  return verb(target, 'info')(target, options) as Promise<Entry>;
}

/** What the server finds. */
export async function* search(target: TargetFor<'search'>, query: string, options?: ConnectOptions): Listing {
  return yield* verb(target, 'search')(target, query, options) as Listing;
}

export async function send(target: TargetFor<'send'>, body: Body, options?: ConnectOptions): Promise<Receipt> {
  return verb(target, 'send')(target, body, options) as Promise<Receipt>;
}

export async function remove(target: TargetFor<'remove'>, options?: ConnectOptions): Promise<void> {
  await verb(target, 'remove')(target, options);
}

export async function open(target: TargetFor<'open'>, options?: ConnectOptions): Promise<Dialogue> {
  return verb(target, 'open')(target, options) as Promise<Dialogue>;
}
