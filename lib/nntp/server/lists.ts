/** LIST and the other lists of groups and articles (RFC 3977 7.3, 7.4, 7.6, RFC 6048, RFC 2980 2.5), as a server gives them. */
import { parseDateTime } from '../date.ts';
import { formatActive, formatActiveTime, formatCounts, formatDescription } from '../listing.ts';
import { formatOverviewFormat, USUAL_FORMAT } from '../overview-format.ts';
import { isFeature } from './features.ts';
import type { Newsgroup } from './newsgroup.ts';
import { type Order, Refusal, syntax, wildmatOf } from './order.ts';
import type { NntpSession } from './session.ts';

export const LISTS: Readonly<Record<string, Order>> = {
  LIST: { for: 'anybody', answer: list },
  XGTITLE: { for: 'readers', feature: 'XGTITLE', answer: xgtitle },
  NEWGROUPS: { for: 'readers', answer: newGroups },
  NEWNEWS: { for: 'readers', feature: 'NEWNEWS', answer: newNews },
};

/** One kind of LIST: what may stand behind its keyword, and its lines; undefined where this server has no such list. */
interface Kind {
  readonly takes: 'a wildmat' | 'MSGID or RANGE' | 'nothing';
  readonly title: string;
  lines(session: NntpSession, isWanted: (name: string) => boolean): Iterable<string> | undefined;
}

/** A line for each group that is wanted. */
function perGroup(title: string, line: (group: Newsgroup) => string): Kind {
  return { takes: 'a wildmat', title, lines: (session, isWanted) => groups(session, isWanted).map(line) };
}

const KINDS: ReadonlyMap<string, Kind> = new Map<string, Kind>([
  ['ACTIVE', perGroup('List of newsgroups follows', formatActive)],
  ['ACTIVE.TIMES', perGroup('Group creations follow', formatActiveTime)],
  ['COUNTS', perGroup('List of newsgroups with their counts follows', formatCounts)],
  ['NEWSGROUPS', { takes: 'a wildmat', title: 'Descriptions follow', lines: descriptions }],
  ['DISTRIB.PATS', fixed('Distribution patterns follow', ({ distribPats }) => distribPats)],
  [
    'DISTRIBUTIONS',
    fixed('Distributions follow', ({ distributions }) => {
      return distributions && Object.entries(distributions).map(([name, text]) => formatDescription({ name, text }));
    }),
  ],
  [
    'HEADERS',
    { takes: 'MSGID or RANGE', title: 'Headers and metadata follow', lines: () => [':', ':bytes', ':lines'] },
  ],
  ['MODERATORS', fixed('Submission templates follow', ({ moderators }) => moderators)],
  ['MOTD', fixed('Message of the day follows', ({ motd }) => motd?.replace(/\r?\n$/, '').split(/\r?\n/))],
  [
    'OVERVIEW.FMT',
    {
      takes: 'nothing',
      title: 'Order of fields in the overview follows',
      lines: ({ site }) => formatOverviewFormat(USUAL_FORMAT, site.overview),
    },
  ],
  [
    'SUBSCRIPTIONS',
    {
      takes: 'a wildmat',
      title: 'Recommended subscriptions follow',
      lines: ({ site }, isWanted) => site.fixture.subscriptions?.filter(isWanted),
    },
  ],
]);

type Fixed = (fixture: NntpSession['site']['fixture']) => readonly string[] | undefined;

function fixed(title: string, of: Fixed): Kind {
  return { takes: 'nothing', title, lines: ({ site }) => of(site.fixture) };
}

/** Whether there is anything to list: LIST names what it has, and no more. */
export function hasList(session: NntpSession, keyword: string): boolean {
  return KINDS.get(keyword)?.lines(session, () => false) !== undefined;
}

async function list(session: NntpSession, [word = 'ACTIVE', arg, more]: readonly string[]): Promise<void> {
  const keyword = word.toUpperCase();
  const kind = KINDS.get(keyword);
  const feature = `LIST ${keyword}`;
  if (!kind || !isFeature(feature) || !session.has(feature)) throw new Refusal(501, 'Unknown keyword of LIST');
  // what another server may want to know too (RFC 3977 7.6.3)
  if (!session.reads && keyword !== 'ACTIVE' && keyword !== 'DISTRIB.PATS') throw new Refusal(401, 'MODE-READER');
  if (more !== undefined || (arg !== undefined && !takes(kind, arg)))
    throw syntax(`LIST ${keyword}, and behind it ${kind.takes}`);
  const isWanted = arg !== undefined && kind.takes === 'a wildmat' ? wildmatOf(arg) : () => true;
  const lines = kind.lines(session, isWanted);
  if (!lines) throw new Refusal(503, 'This server has no such list');
  await session.lines(`215 ${kind.title}`, lines);
}

function takes({ takes }: Kind, arg: string): boolean {
  return takes === 'a wildmat' || (takes === 'MSGID or RANGE' && /^(?:MSGID|RANGE)$/i.test(arg));
}

async function xgtitle(session: NntpSession, [wildmat, more]: readonly string[]): Promise<void> {
  if (more !== undefined) throw syntax('XGTITLE [wildmat]');
  const isWanted = wildmatOf(wildmat ?? session.group?.name ?? '*');
  await session.lines('282 Descriptions follow', descriptions(session, isWanted));
}

async function newGroups(session: NntpSession, [day = '', time = '', ...rest]: readonly string[]): Promise<void> {
  const since = dateOf('NEWGROUPS', day, time, rest);
  const made = groups(session, () => true).filter(({ created }) => created >= since);
  await session.lines('231 New newsgroups follow', made.map(formatActive));
}

async function newNews(
  session: NntpSession,
  [wildmat = '', day = '', time = '', ...rest]: readonly string[],
): Promise<void> {
  const since = dateOf('NEWNEWS wildmat', day, time, rest);
  const isWanted = wildmatOf(wildmat);
  const ids: string[] = [];
  for (const { received, numbers, messageId } of session.site.store.articles) {
    if (received < since) continue;
    if ([...numbers.keys()].some((name) => isWanted(name) && session.maySee(name))) ids.push(messageId);
  }
  await session.lines('230 New articles follow', ids);
}

/** GMT is taken for granted; the distributions that old clients write behind it are read over. Throws Refusal (501). */
function dateOf(command: string, day: string, time: string, rest: readonly string[]): Date {
  const [zone = 'GMT', ...distributions] = rest;
  const date = parseDateTime(day, time);
  const isRest = [zone, ...distributions].every((word) => /^(?:GMT|<[^<>]*>)$/i.test(word)) && distributions.length < 2;
  if (!date || !isRest) throw syntax(`${command} yyyymmdd hhmmss [GMT]`);
  return date;
}

function groups(session: NntpSession, isWanted: (name: string) => boolean): Newsgroup[] {
  return [...session.site.store.groups.values()].filter(({ name }) => isWanted(name));
}

function description({ name, description }: Newsgroup): string {
  return formatDescription({ name, text: description });
}

/** Of the groups that have one. */
function descriptions(session: NntpSession, isWanted: (name: string) => boolean): string[] {
  return groups(session, isWanted)
    .filter((group) => group.description !== '')
    .map(description);
}
