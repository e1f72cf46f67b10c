import { UsageError } from './errors.ts';
import type { Secret } from './secret.ts';

/** What every call takes. */
export interface CallOptions {
  /** Ends the call: its promise rejects with `signal.reason`. */
  readonly signal?: AbortSignal | undefined;
}

/** How long each kind of wait may last, in milliseconds. `Infinity` is no limit. */
export interface Timeouts {
  /** Name resolution, proxies and TCP together. Default 10,000. */
  readonly connect: number;
  /** The TLS handshake. Default 10,000. */
  readonly tls: number;
  /** The server's greeting, as a whole. Default 15,000. */
  readonly greeting: number;
  /** Nothing received, or nothing of ours taken. Default 60,000. */
  readonly idle: number;
  /** The polite end of a session. Default 2,000. */
  readonly close: number;
  /** The whole life of the connection. Default: no limit. */
  readonly total: number;
}

export const TIMEOUTS: Timeouts = {
  connect: 10_000,
  tls: 10_000,
  greeting: 15_000,
  idle: 60_000,
  close: 2_000,
  total: Number.POSITIVE_INFINITY,
};

/** The longest wait that a timer can have; a longer one would be over at once. */
const LONGEST = 2 ** 31 - 1;

/** A limit in milliseconds, as a timer can have it: above 24 days it is none. Throws UsageError for what is no duration. */
export function durationOf(milliseconds: number): number {
  if (!(milliseconds > 0)) throw new UsageError(`a duration is a positive number of milliseconds, not ${milliseconds}`);
  return milliseconds > LONGEST ? Number.POSITIVE_INFINITY : milliseconds;
}

/** TLS: certificates are always verified, unless `insecure` says otherwise for this one connection. */
export interface TlsOptions {
  /** Certificate authorities to trust instead of the system's, in PEM. */
  readonly ca?: string | Uint8Array | readonly (string | Uint8Array)[] | undefined;
  /** A client certificate, in PEM, and its key. */
  readonly cert?: string | Uint8Array | undefined;
  readonly key?: string | Uint8Array | undefined;
  readonly passphrase?: Secret | undefined;
  /** The name to ask for (SNI) and to verify, where it is not the host's. */
  readonly servername?: string | undefined;
  readonly minVersion?: 'TLSv1.2' | 'TLSv1.3' | undefined;
  /** Base64 SHA-256 digests of public keys (SPKI); the server's must be among them. Checked also when `insecure`. */
  readonly pins?: readonly string[] | undefined;
  readonly alpn?: readonly string[] | undefined;
  /** Accept any certificate. For this connection only; there is no global switch. */
  readonly insecure?: boolean | undefined;
}

/** Somebody who wants the dialogue: see `net/transcript.ts`. */
export interface Listener {
  add(from: 'C' | 'S' | '*', text: string): void;
}

/** What every connection takes. */
export interface ConnectOptions extends CallOptions {
  readonly timeouts?: Partial<Timeouts> | undefined;
  /** Octets per second that a body must bring on average over the idle timeout. Default 0. */
  readonly minRate?: number | undefined;
  readonly tls?: TlsOptions | undefined;
  /** For protocols that upgrade: what to do where TLS is not implicit. Default: `required`, but `off` towards loopback. */
  readonly starttls?: 'required' | 'try' | 'off' | undefined;
  /** Who logs in, where the URL does not say. */
  readonly user?: string | undefined;
  readonly password?: string | Secret | undefined;
  /** An OAuth 2.0 bearer token, instead of a password. */
  readonly token?: string | Secret | undefined;
  /** On behalf of whom, where that is not who logs in. */
  readonly authzid?: string | undefined;
  /** The one SASL mechanism to log in with, where the URL does not say (`;AUTH=…`); `*` is any, as by default. */
  readonly auth?: string | undefined;
  /** Send a password also where somebody can listen. Default false. */
  readonly insecureLogin?: boolean | undefined;
  /** `socks5://`, `socks5h://`, `socks4a://` or `http://` with host, port and credentials. `env` reads ALL_PROXY and NO_PROXY. */
  readonly proxy?: string | undefined;
  /** Hosts to be reached without the proxy: names, `.suffixes`, addresses, CIDR blocks, `*`; comma-separated. */
  readonly noProxy?: string | undefined;
  /** Addresses to use for `host:port`, or for `host`, instead of asking the resolver. */
  readonly resolve?: Readonly<Record<string, string | readonly string[]>> | undefined;
  /** Connect to this Unix socket; the host still names the server (for TLS). */
  readonly unixSocket?: string | undefined;
  /** A command whose standard input and output are the connection; `%h` and `%p` are host and port. */
  readonly via?: string | undefined;
  /** Whether the system asks a silent peer every 30 seconds if it is still there. Default true. */
  readonly keepAlive?: boolean | undefined;
  readonly family?: 4 | 6 | undefined;
  /** The local address to connect from. */
  readonly localAddress?: string | undefined;
  /**
   * `public` refuses loopback, private and link-local addresses, and ports of other protocols. Default `any`; but what a
   * public server names in a redirect must be public, unless `any` is said.
   */
  readonly policy?: 'any' | 'public' | undefined;
  /** Receives the dialogue, without secrets. */
  readonly transcript?: Listener | undefined;
}
