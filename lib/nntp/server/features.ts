/** What a news server can do: each thing can be switched, and what is off is refused as if nobody had heard of it. */

/** `minimal` is a server of 1986 with logins, `typical` one for readers, `full` takes feeds too. */
export type Profile = 'minimal' | 'typical' | 'full';

/** Where each begins. LIST has its keywords behind it. */
const FEATURES = {
  READER: 'minimal',
  POST: 'minimal',
  NEWNEWS: 'minimal',
  'LIST ACTIVE': 'minimal',
  'LIST NEWSGROUPS': 'minimal',
  AUTHINFO: 'minimal',
  STARTTLS: 'minimal',
  CAPABILITIES: 'typical',
  DATE: 'typical',
  LISTGROUP: 'typical',
  OVER: 'typical',
  'OVER MSGID': 'typical',
  HDR: 'typical',
  XOVER: 'typical',
  XHDR: 'typical',
  XPAT: 'typical',
  'LIST ACTIVE.TIMES': 'typical',
  'LIST COUNTS': 'typical',
  'LIST DISTRIB.PATS': 'typical',
  'LIST DISTRIBUTIONS': 'typical',
  'LIST HEADERS': 'typical',
  'LIST MODERATORS': 'typical',
  'LIST MOTD': 'typical',
  'LIST OVERVIEW.FMT': 'typical',
  'LIST SUBSCRIPTIONS': 'typical',
  SASL: 'typical',
  COMPRESS: 'typical',
  IHAVE: 'full',
  STREAMING: 'full',
  XGTITLE: 'full',
} as const;

export type Feature = keyof typeof FEATURES;

const ORDER: readonly Profile[] = ['minimal', 'typical', 'full'];
/** All that can be switched. */
export const FEATURE_NAMES: readonly Feature[] = Object.keys(FEATURES).filter(isFeature);

/** Whether it is the name of something that can be switched. */
export function isFeature(name: string): name is Feature {
  return Object.hasOwn(FEATURES, name);
}

/** What is on. */
export function featuresOf(profile: Profile = 'full', without: readonly Feature[] = []): ReadonlySet<Feature> {
  return new Set(
    FEATURE_NAMES.filter((name) => ORDER.indexOf(FEATURES[name]) <= ORDER.indexOf(profile) && !without.includes(name)),
  );
}
