import { UsageError } from '../../core/errors.ts';

/**
 * What a server can do, by the names of CAPA (RFC 2449 6): with arguments, without (true), or not (false). STLS counts
 * only where there is TLS to upgrade to. Names that are not known here are told, and do nothing. CAPA and APOP are here
 * too, although no server lists them: APOP may have the stamp of the greeting as its argument.
 */
export type Capabilities = Readonly<Record<string, boolean | string>>;

/** `minimal` is what RFC 1939 demands; `typical` what most servers have; `full` all that there is. */
export type Profile = 'minimal' | 'typical' | 'full';

const TYPICAL: Capabilities = {
  CAPA: true,
  TOP: true,
  UIDL: true,
  'RESP-CODES': true,
  'AUTH-RESP-CODE': true,
  PIPELINING: true,
  STLS: true,
  USER: true,
  // without -PLUS, which few servers have, and with which mutt 2.2 loses its way over TLS 1.3
  SASL: 'PLAIN LOGIN CRAM-MD5 SCRAM-SHA-1 SCRAM-SHA-256 XOAUTH2 OAUTHBEARER',
};

const PROFILES: Readonly<Record<Profile, Capabilities>> = {
  minimal: { USER: true },
  typical: TYPICAL,
  full: {
    ...TYPICAL,
    APOP: true,
    SASL: `${TYPICAL['SASL']} SCRAM-SHA-1-PLUS SCRAM-SHA-256-PLUS EXTERNAL ANONYMOUS`,
    UTF8: 'USER',
    LANG: true,
    EXPIRE: 'NEVER',
    'LOGIN-DELAY': '0',
    IMPLEMENTATION: 'netkit',
  },
};

/** The capabilities of a profile, with changes. Throws UsageError for what cannot be told in a line. */
export function capabilitiesOf(profile: Profile, changes: Capabilities = {}): ReadonlyMap<string, string> {
  const capabilities = new Map<string, string>();
  for (const [name, value] of Object.entries({ ...PROFILES[profile], ...changes })) {
    if (!/^[\x21-\x7e]+$/.test(name) || (typeof value === 'string' && !/^[\x20-\x7e]*$/.test(value)))
      throw new UsageError('the name of a capability is ASCII without spaces, its arguments are ASCII');
    if (value !== false) capabilities.set(name.toUpperCase(), value === true ? '' : value);
  }
  return capabilities;
}
