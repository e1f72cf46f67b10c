import { FEATURE_NAMES, isFeature } from './features.ts';
import { hasList } from './lists.ts';
import type { NntpSession } from './session.ts';

/** The lines of CAPABILITIES, as things are in this session (RFC 3977 5.2, RFC 4642 2.1, RFC 4643 2.1, RFC 8054 2.1). */
export function capabilitiesOf(session: NntpSession): string[] {
  return [
    'VERSION 2',
    'IMPLEMENTATION netkit',
    ...(session.feeds && !session.reads ? ['MODE-READER'] : []),
    ...(session.reads ? readerLabels(session) : []),
    ...(session.feeds ? ['IHAVE', 'STREAMING'].filter((name) => isFeature(name) && session.has(name)) : []),
    ...(session.canSecure ? ['STARTTLS'] : []),
    ...loginLabels(session),
    ...(session.has('COMPRESS') && !session.compressed ? ['COMPRESS DEFLATE'] : []),
  ];
}

function readerLabels(session: NntpSession): string[] {
  const lists = FEATURE_NAMES.filter((name) => name.startsWith('LIST ') && session.has(name));
  const keywords = lists.map((name) => name.slice(5)).filter((keyword) => hasList(session, keyword));
  return [
    'READER',
    ...(session.site.posting && session.has('POST') ? ['POST'] : []),
    ...(session.has('NEWNEWS') ? ['NEWNEWS'] : []),
    ...(session.has('HDR') ? ['HDR'] : []),
    ...(session.has('OVER') ? [session.has('OVER MSGID') ? 'OVER MSGID' : 'OVER'] : []),
    `LIST ${keywords.join(' ')}`,
  ];
}

/** Where a login is not possible now, but may be after STARTTLS, the label has no arguments (RFC 4643 2.1). */
function loginLabels(session: NntpSession): string[] {
  if (!session.site.logins || session.user !== undefined || !session.has('AUTHINFO')) return [];
  if (!session.mayLogIn) return ['AUTHINFO'];
  const mechanisms = session.has('SASL') ? session.site.mechanisms : [];
  if (mechanisms.length === 0) return ['AUTHINFO USER'];
  return ['AUTHINFO USER SASL', `SASL ${mechanisms.join(' ')}`];
}
