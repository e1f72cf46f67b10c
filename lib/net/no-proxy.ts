import { BlockList, isIP } from 'node:net';

/**
 * Whether a list like NO_PROXY has the host: `*` is every host; a name is itself and all names below it, with or
 * without a leading dot; an address is itself; a CIDR block is all addresses in it; each may have a `:port`.
 * The list is divided by commas or spaces. `host` is in lower case, an IPv6 address without brackets.
 */
export function exempts(list: string, host: string, port: number): boolean {
  const name = host.replace(/\.$/, '').replace(/%.*$/, '');
  return list
    .toLowerCase()
    .split(/[\s,]+/)
    .some((entry) => entry !== '' && matches(entry, name, port));
}

function matches(entry: string, host: string, port: number): boolean {
  if (entry === '*') return true;
  const { pattern, only } = splitEntry(entry);
  if (only !== undefined && only !== port) return false;
  const family = isIP(host);
  if (family) return holds(pattern, host, family);
  const suffix = pattern.replace(/^\*?\./, '').replace(/\.$/, '');
  return suffix !== '' && (host === suffix || host.endsWith(`.${suffix}`));
}

/** `[::1]:80`, `::1`, `host:80`, `10.0.0.0/8`: more than one colon without brackets is an IPv6 address. */
function splitEntry(entry: string): { pattern: string; only: number | undefined } {
  const match = /^\[([^\]]*)\](\/\d+)?(?::(\d+))?$/.exec(entry) ?? /^([^:]*)()(?::(\d+))?$/.exec(entry);
  if (!match) return { pattern: entry, only: undefined };
  const [, pattern = '', bits = '', port] = match;
  return { pattern: pattern + bits, only: port === undefined ? undefined : Number(port) };
}

/** Whether an address or a CIDR block has the address. What is neither has none. */
function holds(pattern: string, host: string, family: number): boolean {
  const [network = '', bits, more] = pattern.split('/');
  const kind = isIP(network) === 4 ? 'ipv4' : 'ipv6';
  const most = kind === 'ipv4' ? 32 : 128;
  if (!isIP(network) || more !== undefined || (bits !== undefined && (!/^\d{1,3}$/.test(bits) || +bits > most)))
    return false;
  const list = new BlockList();
  list.addSubnet(network, bits === undefined ? most : Number(bits), kind);
  return list.check(host, family === 4 ? 'ipv4' : 'ipv6');
}
