/** The import table, enforced: who may know whom. It is read from the sources with one regular expression. */
import { readdirSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

const PROTOCOLS = ['http', 'cgi', 'smtp', 'pop3', 'imap', 'ftp', 'nntp', 'telnet', 'gopher'];
const SHARED = ['mock', 'net', 'message', 'wire', 'core'];

/** Which rooms each room may know, beside itself. The files at the top of `lib` are the room `index`. */
const ROOMS: Readonly<Record<string, readonly string[]>> = {
  core: [],
  wire: ['core'],
  message: ['wire', 'core'],
  net: ['wire', 'core'],
  mock: ['net', 'wire', 'core'],
  ...Object.fromEntries(PROTOCOLS.map((name) => [name, SHARED])),
  // HTTP is what CGI is spoken in
  cgi: ['http', ...SHARED],
  index: [...PROTOCOLS, ...SHARED],
  cli: ['index', ...PROTOCOLS, ...SHARED],
};

/** The built-in modules of the rooms that are pure: nothing that waits, and nothing that has an effect. */
const PURE = ['buffer', 'crypto', 'diagnostics_channel', 'stream', 'string_decoder', 'url', 'util'].map(
  (name) => `node:${name}`,
);
const PURE_ROOMS = ['core', 'wire'];

/** The one file that knows each wrapped library. */
const LIBRARIES: Readonly<Record<string, string>> = {
  'iconv-lite': 'lib/wire/charset.ts',
  saxes: 'lib/http/xmlrpc/parse.ts',
  'tough-cookie': 'lib/http/cookie-rules.ts',
  undici: 'lib/http/transport.ts',
};

/** Where types are made or erased; everywhere else there is no `any`. */
const ERASING = /^lib\/(?:core\/protocol|index|cli\/.*)\.ts$/;
const MOST_ANY = 12;

const LONGEST_FILE = 300;
/** Files that are longer for now, and how long they may be: a number here only ever goes down. */
const LONGER: Readonly<Record<string, number>> = {};

type How = 'value' | 'type' | 'lazy';
interface Import {
  readonly how: How;
  /** `lib/core/errors.ts`, `node:net`, `iconv-lite`. */
  readonly what: string;
}

const IMPORT =
  /^(?:import|export)\s+(?<type>type\s)?(?:[^'";]*?\sfrom\s+)?'(?<from>[^']+)'|\b(?:import|getBuiltinModule)\(\s*'(?<lazy>[^']+)'/gm;

const files = new Map(sources('lib').map((file) => [file, readFileSync(ROOT + file, 'utf8')]));
const imports = new Map([...files].map(([file, text]) => [file, importsOf(file, text)]));

function sources(folder: string): string[] {
  return readdirSync(ROOT + folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'))
    .map((name) => posix.join(folder, name.replaceAll('\\', '/')))
    .sort();
}

function importsOf(file: string, text: string): Import[] {
  return [...text.matchAll(IMPORT)].map(({ groups = {} }) => {
    const { type, from = '', lazy } = groups;
    const written = lazy ?? from;
    const what = written.startsWith('.') ? posix.join(posix.dirname(file), written) : written;
    return { how: lazy === undefined ? (type ? 'type' : 'value') : 'lazy', what };
  });
}

function importsIn(file: string, ...how: readonly How[]): string[] {
  return (imports.get(file) ?? []).filter((each) => how.includes(each.how)).map(({ what }) => what);
}

function roomOf(file: string): string {
  const [, room = '', inside] = file.split('/');
  return inside === undefined ? 'index' : room;
}

/** All that is loaded when a file is: it, and what it imports at once. */
function closure(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  for (const next of importsIn(file, 'value')) closure(next, seen);
  return seen;
}

/** What is wrong, as one list: `complain` gives it for each import of each file. */
function complaints(complain: (file: string, each: Import) => string | undefined): string[] {
  return [...imports].flatMap(([file, all]) =>
    all.map((each) => complain(file, each)).filter((text) => text !== undefined),
  );
}

/** A source without comments and strings, line by line. */
function bare(text: string): string {
  return text
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/'(?:[^'\\\n]|\\.)*'/g, "''")
    .replace(/\/\/.*$/gm, '');
}

/** The statements at the top of a file: each begins at the left margin. */
function statements(text: string): string[] {
  return bare(text).split(/\n(?=[^\s)}\]])/);
}

describe('the architecture', () => {
  it('has files in every room that there is, and every folder is a room of the table', () => {
    expect(files.size).to.be.greaterThan(50);
    const rooms = new Set([...files.keys()].map(roomOf));
    expect([...rooms].filter((room) => ROOMS[room] === undefined)).to.deep.equal([]);
    expect([...rooms]).to.include.members(['core', 'wire', 'net', 'mock', 'cli', 'index', 'gopher']);
  });

  it('sees every import', () => {
    const unseen = [...files].filter(([file, text]) => {
      const written = bare(text).match(/\bfrom ''|^import ''|\b(?:import|getBuiltinModule)\(''/gm) ?? [];
      return written.length !== imports.get(file)?.length;
    });
    expect(unseen.map(([file]) => file)).to.deep.equal([]);
  });

  it('lets a room know only the rooms to its right', () => {
    const wrong = complaints((file, { what }) => {
      if (!what.startsWith('lib/')) return undefined;
      const [from, to] = [roomOf(file), roomOf(what)];
      return from === to || ROOMS[from]?.includes(to) ? undefined : `${file} imports ${what}`;
    });
    expect(wrong).to.deep.equal([]);
  });

  it('imports only files that there are', () => {
    const wrong = complaints((file, { what }) => {
      if (/^(?:node:|[a-z@])/.test(what) && !what.startsWith('lib/')) return undefined;
      // the command reads the version
      if (what === 'package.json') return undefined;
      return files.has(what) ? undefined : `${file} imports ${what}`;
    });
    expect(wrong).to.deep.equal([]);
  });

  it('goes in no circles', () => {
    const circles: string[] = [];
    const done = new Set<string>();
    const visit = (file: string, path: readonly string[]): void => {
      if (path.includes(file)) return void circles.push([...path.slice(path.indexOf(file)), file].join(' -> '));
      if (done.has(file)) return;
      for (const next of importsIn(file, 'value')) visit(next, [...path, file]);
      done.add(file);
    };
    for (const file of files.keys()) visit(file, []);
    expect(circles).to.deep.equal([]);
  });

  it('keeps sockets, files and processes out of the pure rooms', () => {
    const wrong = complaints((file, { what }) =>
      PURE_ROOMS.includes(roomOf(file)) && what.startsWith('node:') && !PURE.includes(what)
        ? `${file} imports ${what}`
        : undefined,
    );
    expect(wrong).to.deep.equal([]);
  });

  describe('of a protocol', () => {
    const folders = [...new Set([...files.keys()].map(roomOf))].filter((room) => PROTOCOLS.includes(room));
    /** Whether all that is loaded with a file is `core`, `wire`, or of its folder, and pure. */
    const isPure = (file: string, room: string): boolean =>
      [...closure(file)].every((each) =>
        each.startsWith('lib/') ? [room, ...PURE_ROOMS].includes(roomOf(each)) : PURE.includes(each),
      );

    for (const room of folders) {
      const own = [...files.keys()].filter((file) => roomOf(file) === room);

      it(`${room}: has a declaration, a codec, a client and a mock server`, () => {
        const names = ['index', 'codec', 'client', 'mock-server'].map((name) => `lib/${room}/${name}.ts`);
        expect(own).to.include.members(names);
      });

      it(`${room}: the declaration loads nothing but core and what is pure; the rest is lazy`, () => {
        const index = `lib/${room}/index.ts`;
        const wrong = importsIn(index, 'value').filter((what) => roomOf(what) !== 'core' && !isPure(what, room));
        expect(wrong).to.deep.equal([]);
        expect(importsIn(index, 'lazy')).to.include.members([`lib/${room}/client.ts`, `lib/${room}/mock-server.ts`]);
      });

      it(`${room}: the codec is pure`, () => {
        expect(isPure(`lib/${room}/codec.ts`, room)).to.equal(true);
      });

      it(`${room}: client and mock server do not know each other`, () => {
        const [client, server] = [`lib/${room}/client.ts`, `lib/${room}/mock-server.ts`];
        expect([...closure(client)].filter((file) => file === server || roomOf(file) === 'mock')).to.deep.equal([]);
        expect([...closure(server)]).to.not.include(client);
      });
    }
  });

  describe('of libraries', () => {
    const isLibrary = (what: string): boolean => !/^(?:node:|lib\/|package\.json$)/.test(what);
    const packageOf = (what: string): string => what.replace(/\/.*/, '');

    it('has each in one file, the one in the table', () => {
      const wrong = complaints((file, { what }) =>
        isLibrary(what) && LIBRARIES[packageOf(what)] !== file ? `${file} imports ${what}` : undefined,
      );
      expect(wrong).to.deep.equal([]);
    });

    it('has a line in the table for each dependency, and a dependency for each line', () => {
      const { dependencies } = JSON.parse(readFileSync(`${ROOT}package.json`, 'utf8'));
      expect(Object.keys(LIBRARIES).sort()).to.deep.equal(Object.keys(dependencies).sort());
      const used = [...imports.values()].flat().map(({ what }) => packageOf(what));
      expect(used).to.include.members(Object.keys(LIBRARIES));
    });

    it('loads none of them, no client and no mock server with the package itself', () => {
      const loaded = [...closure('lib/index.ts')];
      const wrong = loaded.filter((what) => isLibrary(what) || roomOf(what) === 'mock' || /\/client\.ts$/.test(what));
      expect(wrong).to.deep.equal([]);
    });
  });

  it('awaits nothing while a module is loaded', () => {
    const waiting = [...files].flatMap(([file, text]) =>
      statements(text)
        .filter((each) => /^(?:(?!\bfunction\b|\bclass\b|=>)[\s\S])*?\bawait\b/.test(each))
        .map((each) => `${file}: ${each.split('\n')[0]}`),
    );
    expect(waiting).to.deep.equal([]);
  });

  it('has any only where types are made or erased, a dozen in all', () => {
    const found = [...files].map(([file, text]) => ({
      file,
      count: bare(text).match(/(?<![\w.])any\b/g)?.length ?? 0,
    }));
    expect(found.filter(({ file, count }) => count > 0 && !ERASING.test(file)).map(({ file }) => file)).to.deep.equal(
      [],
    );
    expect(found.reduce((sum, { count }) => sum + count, 0)).to.be.at.most(MOST_ANY);
  });

  it(`has no file of more than ${LONGEST_FILE} lines`, () => {
    const lines = new Map([...files].map(([file, text]) => [file, text.trimEnd().split('\n').length]));
    const long = [...lines].filter(([file, count]) => count > (LONGER[file] ?? LONGEST_FILE));
    expect(long.map(([file, count]) => `${file}: ${count}`)).to.deep.equal([]);
    const needless = Object.keys(LONGER).filter((file) => (lines.get(file) ?? 0) <= LONGEST_FILE);
    expect(needless, 'no longer needed in the table').to.deep.equal([]);
  });
});
