/**
 * What may be connected to when the target came from a server: a menu, a redirect. Only public addresses, and no port
 * where another protocol would take our words for its own.
 */
import { BlockList, isIP } from 'node:net';
import { UsageError } from '../core/errors.ts';
import type { Destination } from './deadline.ts';

/** IANA's special-purpose registry for IPv4 (RFC 6890), multicast, and 6to4's relay. */
const LOCAL4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
];

/** In IPv6 it is the other way round: global unicast, and NAT64's prefix, which has an IPv4 address at its end. */
const PUBLIC6 = ['2000::/3', '64:ff9b::/96'];

/** And what is not public in there: protocol assignments (Teredo is one), documentation, 6to4. */
const LOCAL6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'];

interface Lists {
  readonly local: BlockList;
  readonly public6: BlockList;
}

let lists: Lists | undefined;

function build(): Lists {
  const nat64 = LOCAL4.map((net) =>
    net.replace(/^(.*)\/(\d+)$/, (_, address, bits) => `64:ff9b::${address}/${96 + +bits}`),
  );
  return { local: blockList([...LOCAL4, ...LOCAL6, ...nat64]), public6: blockList(PUBLIC6) };
}

/** A list of networks in CIDR notation. */
function blockList(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', bits] = network.split('/');
    list.addSubnet(address, Number(bits), address.includes(':') ? 'ipv6' : 'ipv4');
  }
  return list;
}

/** Whether an address can be reached by everyone: not loopback, private, link-local, shared, multicast, reserved, embedded. */
export function isPublic(address: string): boolean {
  lists ??= build();
  const plain = address.replace(/%.*$/, '');
  if (isIP(plain) === 4) return !lists.local.check(plain, 'ipv4');
  return isIP(plain) === 6 && lists.public6.check(plain, 'ipv6') && !lists.local.check(plain, 'ipv6');
}

/** Throws UsageError `policy` for an address that is not public. */
export function checkAddress(address: string, to: Destination): void {
  if (isPublic(address)) return;
  const from = address === to.host ? '' : `${to.host} is at `;
  throw new UsageError(`${from}${address} is not a public address: if it is what you want, name it yourself`, {
    ...to,
    reason: 'policy',
  });
}

/**
 * Throws UsageError `policy` for a port that belongs to another protocol than `scheme`, and for an address or a name
 * that is not public as it is written.
 */
export function checkTarget(host: string, port: number, scheme: string | undefined): void {
  const to = { host, port };
  const owner = OWNERS.get(port);
  if (owner !== undefined && owner !== familyOf(scheme))
    throw new UsageError(`port ${port} belongs to another protocol: if it is what you want, name it yourself`, {
      ...to,
      reason: 'policy',
    });
  if (isIP(host)) checkAddress(host, to);
  else if (/(?:^|\.)localhost\.?$/.test(host))
    throw new UsageError(`${host} is this machine: if it is what you want, name it yourself`, {
      ...to,
      reason: 'policy',
    });
}

/** `ftps` and `ftp` are one protocol, `news` is nntp. */
function familyOf(scheme = ''): string {
  return scheme === 'news' ? 'nntp' : scheme.replace(/s?(?:\+.*)?$/, '');
}

/** Ports where a stranger's protocol is spoken (the Fetch standard's list, and stores of data), and whose they are. */
const OWNERS: ReadonlyMap<number, string> = new Map([
  ...Array.from({ length: 25 }, (_, i): [number, string] => [i + 1, '']),
  ...[
    37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109, 111, 113, 115, 117, 123, 135, 137, 138, 139, 161, 162,
    179, 389, 427, 445, 512, 513, 514, 515, 526, 530, 531, 532, 540, 548, 554, 556, 601, 636, 873, 1433, 1521, 1719,
    1720, 1723, 2049, 2375, 2376, 2379, 3306, 3389, 3659, 4045, 4190, 5060, 5061, 5432, 5672, 6000, 6379, 6566, 6665,
    6666, 6667, 6668, 6669, 6679, 6697, 8125, 9042, 9100, 9200, 9300, 10080, 11211, 27017,
  ].map((port): [number, string] => [port, '']),
  ...[20, 21, 989, 990].map((port): [number, string] => [port, 'ftp']),
  [23, 'telnet'],
  [992, 'telnet'],
  ...[25, 465, 587].map((port): [number, string] => [port, 'smtp']),
  ...[110, 995].map((port): [number, string] => [port, 'pop3']),
  ...[119, 433, 563].map((port): [number, string] => [port, 'nntp']),
  ...[143, 993].map((port): [number, string] => [port, 'imap']),
]);
