import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { Resource } from '../../lib/core/resource.ts';
import * as netkit from '../../lib/index.ts';
import * as message from '../../lib/message/index.ts';
import { NntpClient } from '../../lib/nntp/client.ts';
import { Overview } from '../../lib/nntp/overview.ts';
import { Pop3Client } from '../../lib/pop3/client.ts';
import * as testing from '../../lib/testing.ts';
import { typeErrors, typeProject } from './code.ts';

/** The public names of the modules of Python 3.11, what their objects have as attributes among them. */
const NAMES: Readonly<Record<string, string>> = {
  poplib: `
    POP3 POP3_SSL error_proto POP3_PORT POP3_SSL_PORT HAVE_SSL
    POP3.apop POP3.capa POP3.close POP3.dele POP3.encoding POP3.getwelcome POP3.list POP3.noop POP3.pass_ POP3.quit
    POP3.retr POP3.rpop POP3.rset POP3.set_debuglevel POP3.stat POP3.stls POP3.timestamp POP3.top POP3.uidl POP3.user
    POP3.utf8 POP3.host POP3.port POP3.sock POP3.file POP3.welcome
    POP3_SSL.context POP3_SSL.certfile POP3_SSL.keyfile`,
  nntplib: `
    NNTP NNTP_SSL NNTPError NNTPReplyError NNTPTemporaryError NNTPPermanentError NNTPProtocolError NNTPDataError
    decode_header NNTP_PORT NNTP_SSL_PORT
    GroupInfo GroupInfo.group GroupInfo.last GroupInfo.first GroupInfo.flag
    ArticleInfo ArticleInfo.number ArticleInfo.message_id ArticleInfo.lines
    NNTP.article NNTP.body NNTP.capabilities NNTP.date NNTP.debug NNTP.description NNTP.descriptions NNTP.encoding
    NNTP.errors NNTP.getcapabilities NNTP.getwelcome NNTP.group NNTP.head NNTP.help NNTP.ihave NNTP.last NNTP.list
    NNTP.login NNTP.newgroups NNTP.newnews NNTP.next NNTP.over NNTP.post NNTP.quit NNTP.set_debuglevel NNTP.slave
    NNTP.starttls NNTP.stat NNTP.xhdr NNTP.xover
    NNTP.host NNTP.port NNTP.sock NNTP.file NNTP.welcome NNTP.authenticated NNTP.tls_on NNTP.debugging
    NNTP.nntp_version NNTP.nntp_implementation NNTP.readermode_afterauth`,
};

/** What stands before the dot in a name of ours, by section: what has such members. */
const OWNERS: Readonly<Record<string, Readonly<Record<string, object>>>> = {
  poplib: { client: Pop3Client.prototype, pop3: netkit.pop3, net: netkit.net },
  nntplib: {
    client: NntpClient.prototype,
    nntp: netkit.nntp,
    net: netkit.net,
    article: Resource.prototype,
    row: Overview.prototype,
  },
};
/** What only an object has that has been made. */
const OF_INSTANCES = new Set(['client.endpoint', 'article.meta']);

interface Row {
  readonly python: readonly string[];
  readonly ours: readonly string[];
  readonly examples: readonly string[];
}

/** The tables of a section, without their heads: what stands as code in the first three cells. */
function rowsOf(page: string, section: string): readonly Row[] {
  const [, text = ''] = page.split(`\n## ${section}\n`);
  const [own = ''] = text.split('\n## ');
  const lines = own.split('\n').filter((line) => /^\| (?!---|Python|what \|)/.test(line));
  return lines.map((line) => {
    const [python = '', ours = '', examples = ''] = line.split(' | ');
    return { python: codeIn(python), ours: codeIn(ours), examples: codeIn(examples) };
  });
}

function codeIn(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);
}

function exists(name: string, section: string): boolean {
  const [owner = '', member] = name.replace(/\(\)$/, '').split('.');
  if (member === undefined) return [netkit, testing, message].some((entry) => owner in entry);
  const object = OWNERS[section]?.[owner];
  return OF_INSTANCES.has(name) || (object !== undefined && member in object);
}

describe('docs/python.md', function () {
  this.timeout(60_000);
  const page = readFileSync(fileURLToPath(new URL('../../docs/python.md', import.meta.url)), 'utf8');

  for (const [section, names] of Object.entries(NAMES)) {
    const rows = rowsOf(page, section);

    it(`has a row for every name of ${section}, and for no other`, () => {
      const written = rows.flatMap(({ python }) => python);
      expect(written.sort()).to.deep.equal(names.trim().split(/\s+/).sort());
    });

    it(`has a counterpart for every name of ${section}, which there is`, () => {
      for (const { python, ours } of rows) expect(ours, python.join(' ')).not.to.deep.equal([]);
      const missing = rows.flatMap(({ ours }) => ours).filter((name) => !exists(name, section));
      expect(missing).to.deep.equal([]);
    });

    it(`has an example in every row of ${section}, and all of them compile`, async () => {
      const protocol = section === 'poplib' ? 'pop3' : 'nntp';
      for (const { ours, examples } of rows) expect(examples, ours.join(' ')).to.have.length(1);
      const program = [
        "import { ConnectionError, NetkitError, net, nntp, pop3, ProtocolError, ReplyError, Transcript } from 'netkit';",
        "import { decodeWords } from 'netkit/message';",
        `declare const client: Awaited<ReturnType<typeof ${protocol}.connect>>;`,
        ...rows.flatMap(({ examples }) => examples).map((code) => `{ ${code} }`),
      ].join('\n');
      const folder = mkdtempSync(join(tmpdir(), 'netkit-'));
      try {
        typeProject(folder);
        writeFileSync(join(folder, 'page.ts'), program);
        expect(await typeErrors(folder)).to.equal('');
      } finally {
        rmSync(folder, { recursive: true });
      }
    });
  }
});
