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
import { TelnetDialogue } from '../../lib/telnet/dialogue.ts';
import * as telnet from '../../lib/telnet/index.ts';
import * as testing from '../../lib/testing.ts';
import { typeErrors, typeProject } from './code.ts';

/** The numbers of `telnetlib`: commands, and options. */
const CONSTANTS = `
  IAC DONT DO WONT WILL SE NOP DM BRK IP AO AYT EC EL GA SB
  BINARY ECHO RCP SGA NAMS STATUS TM RCTE NAOL NAOP NAOCRD NAOHTS NAOHTD NAOFFD NAOVTS NAOVTD NAOLFD XASCII LOGOUT BM DET
  SUPDUP SUPDUPOUTPUT SNDLOC TTYPE EOR TUID OUTMRK TTYLOC VT3270REGIME X3PAD NAWS TSPEED LFLOW LINEMODE XDISPLOC
  OLD_ENVIRON AUTHENTICATION ENCRYPT NEW_ENVIRON TN3270E XAUTH CHARSET RSP COM_PORT_OPTION SUPPRESS_LOCAL_ECHO TLS KERMIT
  SEND_URL FORWARD_X PRAGMA_LOGON SSPI_LOGON PRAGMA_HEARTBEAT EXOPL`;

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
  telnetlib: `
    Telnet TELNET_PORT DEBUGLEVEL NOOPT theNULL test ${CONSTANTS}
    Telnet.close Telnet.expect Telnet.fileno Telnet.fill_rawq Telnet.get_socket Telnet.interact Telnet.listener Telnet.msg
    Telnet.mt_interact Telnet.open Telnet.process_rawq Telnet.rawq_getchar Telnet.read_all Telnet.read_eager
    Telnet.read_lazy Telnet.read_sb_data Telnet.read_some Telnet.read_until Telnet.read_very_eager Telnet.read_very_lazy
    Telnet.set_debuglevel Telnet.set_option_negotiation_callback Telnet.sock_avail Telnet.write
    Telnet.host Telnet.port Telnet.timeout Telnet.sock Telnet.rawq Telnet.irawq Telnet.cookedq Telnet.eof Telnet.iacseq
    Telnet.sb Telnet.sbdataq Telnet.option_callback Telnet.debuglevel`,
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
  telnetlib: { dialogue: TelnetDialogue.prototype, telnet: netkit.telnet, net: netkit.net },
};

/** What the examples of a section speak of. */
const DECLARED: Readonly<Record<string, string>> = {
  poplib: 'declare const client: Awaited<ReturnType<typeof pop3.connect>>;',
  nntplib: 'declare const client: Awaited<ReturnType<typeof nntp.connect>>;',
  telnetlib: 'declare const dialogue: Awaited<ReturnType<typeof telnet.open>>;',
};

/** What only an object has that has been made. */
const OF_INSTANCES = new Set(['client.endpoint', 'article.meta', 'dialogue.connection']);

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
  if (member === undefined) return [netkit, testing, message, telnet].some((entry) => owner in entry);
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
      for (const { ours, examples } of rows) expect(examples, ours.join(' ')).to.have.length(1);
      const program = [
        "import { ConnectionError, NetkitError, net, nntp, pop3, ProtocolError, ReplyError, telnet, Transcript } from 'netkit';",
        "import { decodeWords } from 'netkit/message';",
        "import { COMMANDS, OPTIONS } from 'netkit/telnet';",
        DECLARED[section],
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

  it('knows the commands and options of telnetlib by the same names', () => {
    const names = new Set<string>([...Object.keys(telnet.COMMANDS), ...Object.keys(telnet.OPTIONS)]);
    expect(
      CONSTANTS.trim()
        .split(/\s+/)
        .filter((name) => !names.has(name)),
    ).to.deep.equal([]);
  });
});
