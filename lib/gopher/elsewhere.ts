import type { ConnectOptions } from '../core/options.ts';

/**
 * The options of one server, as far as they are meant for another that it led to. What was said of the one server stays
 * with it: who we are, by which way it is reached, and by what it is trusted. Where nothing else is said the other must be
 * public.
 */
export function optionsElsewhere(options: ConnectOptions): ConnectOptions {
  const { timeouts, signal, transcript, proxy, noProxy, minRate, keepAlive, family, localAddress, tls } = options;
  return {
    ...{ timeouts, signal, transcript, proxy, noProxy, minRate, family, localAddress },
    ...(keepAlive !== undefined && { keepAlive }),
    ...(tls && { tls: { ca: tls.ca, minVersion: tls.minVersion } }),
    policy: options.policy ?? 'public',
  };
}
