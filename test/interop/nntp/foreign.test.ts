/** The clients of others against our news server. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { type NntpMockOptions, NntpMockServer } from '../../../lib/nntp/mock-server.ts';
import { rejection } from '../../helpers.ts';
import { output, run } from '../run.ts';
import { type Client, fetchnews, type News, rpost, slrn, slrnpull, suck, tin } from './clients.ts';
import { NNTPLIB } from './nntplib.ts';

const PYTHON = '/usr/bin/python3';
const GROUP = 'netkit.test';
const LOGIN = { user: 'alice', password: 'alice-pw1' };
const BODIES = [
  '.\r\n..\r\n.leading\r\n...\r\nthe end\r\n',
  'Grüße, 日本語\r\n',
  `${'x'.repeat(900)}\r\n${'a line\r\n'.repeat(30_000)}`,
];
/** With the header fields in the order of leafnode, and not old, as it leaves alone what is old. */
const ARTICLES = BODIES.map(
  (body, at) =>
    `Path: interop!not-for-mail\r\nMessage-ID: <${at + 1}@interop>\r\nFrom: alice@example.test\r\n` +
    `Newsgroups: ${GROUP}\r\nSubject: Number ${at + 1}\r\nDate: ${anHourAgo()}\r\nMIME-Version: 1.0\r\n` +
    `Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n${body}`,
);
const POST = `From: rpost@example.test\r\nNewsgroups: ${GROUP}\r\nSubject: Posted\r\nMessage-ID: <post@interop>\r\n\r\n.\r\n..\r\n.dot\r\nGrüße\r\n`;

describe('our news server', () => {
  let folder: string;
  let ca: string;
  let server: NntpMockServer;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'netkit-interop-'));
    ca = join(folder, 'ca.pem');
    await writeFile(ca, '');
  });

  after(async () => {
    if (folder) await rm(folder, { recursive: true });
  });

  async function serve(options: NntpMockOptions = {}): Promise<void> {
    const groups = [
      { name: GROUP, description: 'Für Tests', articles: ARTICLES },
      { name: 'netkit.empty', description: 'Nothing' },
    ];
    server = await NntpMockServer.start(
      { groups, users: { [LOGIN.user]: LOGIN.password } },
      { xref: false, ...options },
    );
    if (server.ca !== undefined) await writeFile(ca, server.ca);
  }

  afterEach(async () => {
    await server?.close();
  });

  function news(more: Partial<News> = {}): News {
    return { port: server.port, group: GROUP, ...more };
  }

  function said(): string[] {
    return server.transcript.lines.filter(({ from }) => from === 'C').map(({ text }) => text);
  }

  const CLIENTS: Readonly<Record<string, Client>> = { slrnpull, suck, slrn, 'leafnode’s fetchnews': fetchnews };
  const SERVERS: Readonly<Record<string, NntpMockOptions>> = {
    'a server that can do everything': {},
    'one that names bytes and lines as RFC 2980 did': { overview: '2980' },
    'one that has never heard of RFC 3977': { without: ['CAPABILITIES', 'OVER', 'OVER MSGID', 'HDR', 'DATE'] },
    'one that wants a login': { auth: 'all' },
    'one that feeds others': { transit: true },
  };

  for (const [name, options] of Object.entries(SERVERS)) {
    const login = options.auth === undefined ? undefined : LOGIN;

    describe(name, () => {
      for (const [program, client] of Object.entries(CLIENTS)) {
        it(`gives ${program} every octet`, async () => {
          await serve(options);
          const articles = await client(news({ login }));

          expect(articles.map(String)).to.have.members(ARTICLES.map(local));
          expect(said().at(-1)).to.match(/^quit$/i);
          if (login) expect(said()).to.include.members(['AUTHINFO USER alice', 'AUTHINFO PASS ***']);
        });
      }

      it('gives tin its overview', async () => {
        await serve(options);
        expect(await tin(news({ login }))).to.equal(true);
        expect(said().join('\n')).to.match(/^(?:X?OVER|HEAD) 1/m);
        expect(said().at(-1)).to.equal('QUIT');
      });

      it('takes what rpost posts', async () => {
        await serve(options);
        await rpost(news({ login }), POST);
        expect(server.article('<post@interop>')?.body.toString()).to.equal(POST.slice(POST.indexOf('\r\n\r\n') + 4));
        expect(said()).to.include.members(['POST', 'quit']);
      });
    });
  }

  describe('a server with TLS from the first octet', () => {
    for (const [program, client] of Object.entries({ suck, slrn })) {
      it(`gives ${program} every octet`, async () => {
        await serve({ tls: 'implicit' });
        const articles = await client(news({ ca }));
        expect(articles.map(String)).to.have.members(ARTICLES.map(local));
      });
    }

    it('gives tin its overview, who verifies it', async () => {
      await serve({ tls: 'implicit' });
      expect(await tin(news({ ca }))).to.equal(true);
      expect(said().at(-1)).to.equal('QUIT');
      expect(await rejection(tin(news({ ca: '/dev/null' })))).to.be.instanceOf(Error);
    });
  });

  for (const kind of ['none', 'upgrade', 'implicit'] as const) {
    it(`answers all of nntplib, with ${kind === 'none' ? 'no' : kind} TLS`, async function () {
      // Python has none from 3.13 on
      if ((await run(PYTHON, ['-I', '-W', 'ignore', '-c', 'import nntplib'])).status !== 0) return this.skip();
      await serve({ tls: kind, auth: ['netkit.*'] });
      const args = ['-I', '-c', NNTPLIB, kind, `${server.port}`, ca, LOGIN.user, LOGIN.password, GROUP];
      const { posted, ...told } = JSON.parse(output(await run(PYTHON, args)).toString());
      expect(posted).to.deep.equal(['.\r\n.dot\r\nend\r\n', '.\r\n.dot\r\nend\r\n']);
      expect(told).to.deep.equal({
        group: [3, 1, 3, GROUP],
        groups: [
          [GROUP, '3', '1', 'y'],
          ['netkit.empty', '0', '1', 'y'],
        ],
        descriptions: { [GROUP]: 'Für Tests', 'netkit.empty': 'Nothing' },
        description: 'Für Tests',
        newgroups: [GROUP, 'netkit.empty'],
        newnews: ['<1@interop>', '<2@interop>', '<3@interop>'],
        subjects: ['Number 1', 'Number 2', 'Number 3'],
        bytes: ARTICLES.map((article) => Buffer.byteLength(article)),
        xhdr: [
          ['1', 'Number 1'],
          ['2', 'Number 2'],
        ],
        articles: ARTICLES,
        bodies: BODIES,
        heads: ARTICLES.map((article) => article.slice(0, article.indexOf('\r\n\r\n') + 2)),
        stat: [1, '<1@interop>'],
        next: [2, '<2@interop>'],
        last: [1, '<1@interop>'],
        missing: '411',
        clock: true,
        help: true,
      });
    });
  }
});

function anHourAgo(): string {
  return new Date(Date.now() - 3_600_000).toUTCString().replace('GMT', '+0000');
}

/** With the line ends of this system. */
function local(article: string): string {
  return article.replaceAll('\r\n', '\n');
}
