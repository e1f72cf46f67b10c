import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import * as nodeHttp from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { Resource } from '../../lib/core/resource.ts';
import { HttpClient } from '../../lib/http/client.ts';
import * as http from '../../lib/http/library.ts';
import * as xmlrpc from '../../lib/http/xmlrpc/index.ts';
import * as netkit from '../../lib/index.ts';
import * as message from '../../lib/message/index.ts';
import { NntpClient } from '../../lib/nntp/client.ts';
import { Overview } from '../../lib/nntp/overview.ts';
import { Pop3Client } from '../../lib/pop3/client.ts';
import { TelnetDialogue } from '../../lib/telnet/dialogue.ts';
import * as telnet from '../../lib/telnet/index.ts';
import * as testing from '../../lib/testing.ts';
import { typeErrors, typeProject } from './code.ts';
import { CONSTANTS, NAMES, STATUSES } from './python-names.ts';

const WEB = {
  http: netkit.http,
  net: netkit.net,
  client: HttpClient.prototype,
  answer: http.HttpResource.prototype,
  headers: http.HeaderBlock.prototype,
  urls: http.urls,
  passwords: http.Passwords.prototype,
  robots: http.Robots.prototype,
  rpc: xmlrpc.XmlRpcClient.prototype,
  dispatcher: xmlrpc.XmlRpcDispatcher.prototype,
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
  'http.client': WEB,
  http: WEB,
  'urllib.request': WEB,
  'urllib.error': WEB,
  'urllib.response': WEB,
  'urllib.parse': WEB,
  'urllib.robotparser': WEB,
  'xmlrpc.client': WEB,
  'xmlrpc.server': WEB,
};

/** What the examples of a section speak of, as parameters. */
const SPOKEN_OF: Readonly<Record<string, string>> = {
  poplib: 'client: Awaited<ReturnType<typeof pop3.connect>>',
  nntplib: 'client: Awaited<ReturnType<typeof nntp.connect>>',
  telnetlib: 'dialogue: Awaited<ReturnType<typeof telnet.open>>',
};
const SPOKEN_OF_IN_THE_WEB = `
  client: Awaited<ReturnType<typeof http.connect>>, answer: HttpResource, robots: Robots, rpc: XmlRpcClient,
  dispatcher: XmlRpcDispatcher,
`;

const IMPORTS = `
import { createServer, STATUS_CODES } from 'node:http';
import {
  ConnectionError, http, NetkitError, net, nntp, pop3, ProtocolError, protocolOf, ReplyError, Secret, telnet, Transcript,
  UsageError,
} from 'netkit';
import {
  CookieJar, dataResource, escapeHtml, fileResource, fileUrlOf, HeaderBlock, HttpError, type HttpResource, parseChallenges,
  parseLinks, Passwords, pathOfFileUrl, Robots, robotsOf, STATUS, urls,
} from 'netkit/http';
import { decodeWords } from 'netkit/message';
import { COMMANDS, OPTIONS } from 'netkit/telnet';
import { xmlRpcRoute } from 'netkit/testing';
import {
  answerXmlRpc, DateTime, Double, FAULTS, formatCall, formatFault, formatResponse, methodsPage, parseCall, parseResponse,
  XmlRpcClient, XmlRpcDispatcher, XmlRpcFault, xmlRpcHandler, type XmlRpcValue,
} from 'netkit/xmlrpc';`;

/** What only an object has that has been made. */
const OF_INSTANCES = new Set([
  ...['client.endpoint', 'client.cookies', 'article.meta', 'dialogue.connection'],
  ...['status', 'reason', 'version', 'headers', 'redirects', 'url', 'size'].map((name) => `answer.${name}`),
  ...['robots.fetched', 'robots.sitemaps', 'error.status', 'error.reason', 'error.response'],
  ...['fault.faultCode', 'fault.faultString'],
]);

interface Row {
  readonly python: readonly string[];
  readonly ours: readonly string[];
  readonly examples: readonly string[];
  /** What is different; where nothing is the same, why not. */
  readonly remark: string;
}

/** The tables of a section, without their heads: what stands as code in the first three cells. */
function rowsOf(page: string, section: string): readonly Row[] {
  const [, text = ''] = `\n${page}`.split(new RegExp(`\n##? ${section}\n`));
  const [own = ''] = text.split('\n## ');
  const lines = own.split('\n').filter((line) => /^\| (?!---|Python|what \|)/.test(line));
  return lines.map((line) => {
    const [python = '', ours = '', examples = '', remark = ''] = line.split(' | ');
    return {
      ...{ python: codeIn(python), ours: codeIn(ours), examples: codeIn(examples) },
      remark: remark.replace(/\|$/, '').trim(),
    };
  });
}

function codeIn(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);
}

const ENTRIES = [netkit, testing, message, telnet, http, xmlrpc, nodeHttp];

function exists(name: string, section: string): boolean {
  const [owner = '', member] = name.replace(/\(\)$/, '').split('.');
  if (member === undefined) return ENTRIES.some((entry) => owner in entry);
  const object = OWNERS[section]?.[owner];
  return OF_INSTANCES.has(name) || (object !== undefined && member in object);
}

describe('docs/python', function () {
  this.timeout(60_000);
  const folder = fileURLToPath(new URL('../../docs/python/', import.meta.url));
  const pages = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'));

  for (const [section, names] of Object.entries(NAMES)) {
    const rows = pages.flatMap((page) => rowsOf(page, section));

    it(`has a row for every name of ${section}, and for no other`, () => {
      const written = rows.flatMap(({ python }) => python);
      expect(written.sort()).to.deep.equal(names.trim().split(/\s+/).sort());
    });

    it(`has a counterpart for every name of ${section}, which there is, or says why there is none`, () => {
      const unexplained = rows.filter(({ ours, remark }) => ours.length === 0 && remark === '');
      expect(unexplained.map(({ python }) => python.join(' '))).to.deep.equal([]);
      const missing = rows.flatMap(({ ours }) => ours).filter((name) => !exists(name, section));
      expect(missing).to.deep.equal([]);
    });

    it(`has an example in every row of ${section}`, () => {
      for (const { ours, examples } of rows) expect(examples, ours.join(' ')).to.have.length(ours.length > 0 ? 1 : 0);
    });
  }

  it('has examples that compile', async () => {
    const sections = Object.keys(NAMES).map((section, i) => {
      const examples = pages.flatMap((page) => rowsOf(page, section)).flatMap((row) => row.examples);
      const body = examples.map((code) => `  { ${code} }\n`).join('');
      return `export async function section${i}(${SPOKEN_OF[section] ?? SPOKEN_OF_IN_THE_WEB}) {\n${body}}`;
    });
    const project = mkdtempSync(join(tmpdir(), 'netkit-'));
    try {
      typeProject(project);
      writeFileSync(join(project, 'page.ts'), [IMPORTS, ...sections].join('\n'));
      expect(await typeErrors(project)).to.equal('');
    } finally {
      rmSync(project, { recursive: true });
    }
  });

  it('knows the commands and options of telnetlib by the same names', () => {
    const names = new Set<string>([...Object.keys(telnet.COMMANDS), ...Object.keys(telnet.OPTIONS)]);
    expect(
      CONSTANTS.trim()
        .split(/\s+/)
        .filter((name) => !names.has(name)),
    ).to.deep.equal([]);
  });

  it('knows the statuses of http.client by the same names, and with the same numbers', () => {
    const names = STATUSES.trim().split(/\s+/);
    expect(names.filter((name) => !(name in http.STATUS))).to.deep.equal([]);
    expect(Object.values(http.STATUS).filter((status) => nodeHttp.STATUS_CODES[status] === undefined)).to.deep.equal(
      [],
    );
  });
});
