/** What can be listed can be fetched, and told of; what is found too. */
import { inspect } from 'node:util';
import { expect } from 'chai';
import { UsageError } from '../../../lib/core/errors.ts';
import type { Entry } from '../../../lib/core/resource.ts';
import type { Verbs } from '../../../lib/core/verbs.ts';
import { all, rejection } from '../../helpers.ts';
import type { Setting } from './setting.ts';

const KINDS = ['item', 'container', 'search', 'link', 'info', 'error'];

export function describeListings(setting: Setting): void {
  const root = setting.pathOf('list');

  it('lists entries of known kinds, each with a name, a path and a URL', async () => {
    const entries = await setting.using((client) => walk(client, root));
    expect(entries).to.not.have.length(0);
    for (const { name, path, url, kind, meta } of entries) {
      expect(kind, name).to.be.oneOf(KINDS);
      for (const text of [name, path, url]) expect(text, name).to.be.a('string');
      expect(meta, name).to.be.an('object');
      if (kind === 'item' || kind === 'container') {
        expect(url, name).to.match(/^[a-z][a-z0-9+.-]*:\/\//);
        expect(path, name).to.match(/^\//);
      }
    }
  });

  it('lets a listing be left early', async () => {
    for await (const _ of setting.shots.list(setting.urlOf('list'), setting.options)) break;
    await setting.using(async (client) => {
      for await (const _ of client.list(root)) break;
      expect(await all(client.list(root))).to.not.have.length(0);
    });
  });

  if (setting.has('fetch')) {
    it('fetches what it lists: by the path from the client, by the URL from anyone', async () => {
      const fetched = new Map<string, Buffer>();
      await setting.using(async (client) => {
        for (const { kind, path, url, size } of await walk(client, root)) {
          if (kind !== 'item') continue;
          const bytes = await (await client.fetch(path)).bytes();
          if (size !== undefined) expect(bytes.length, url).to.equal(size);
          fetched.set(url, bytes);
        }
      });
      expect(fetched.size).to.be.greaterThan(0);
      // not before: a server may have what it has for one client at a time
      for (const [url, bytes] of fetched) {
        const again = await setting.generic.fetch(url, setting.options);
        expect(again.url).to.equal(url);
        expect((await again.bytes()).equals(bytes), url).to.equal(true);
      }
    });
  }

  if (setting.has('info')) {
    it('tells the same of what it lists as the list', async () => {
      const told: Entry[] = [];
      await setting.using(async (client) => {
        for (const listed of (await walk(client, root)).filter(({ kind }) => kind === 'item')) {
          expect(essence(await client.info(listed.path))).to.deep.equal(essence(listed));
          told.push(listed);
        }
      });
      for (const listed of told) {
        expect(essence(await setting.generic.info(listed.url, setting.options))).to.deep.equal(essence(listed));
      }
    });
  }
}

export function describeSearches(setting: Setting): void {
  const { query, finds } = setting.table.search ?? { query: '', finds: '' };

  it('finds what can be fetched', async () => {
    await setting.using(async (client) => {
      const found = await all(client.search(setting.pathOf('search'), query));
      const entry = found.find(({ name }) => name === finds);
      expect(entry, finds).to.not.equal(undefined);
      if (setting.has('fetch') && entry) {
        expect(await (await client.fetch(entry.path)).bytes()).to.not.have.length(0);
      }
    });
  });

  it('refuses CR, LF and NUL in a query before anything is said', async () => {
    await setting.using(async (client) => {
      const words = (text: string): Promise<Entry[]> => all(client.search(setting.pathOf('search'), text));
      const honest = await setting.saidBy(() => words(query));
      const said = await setting.saidBy(async () => {
        for (const evil of ['\r', '\n', '\0', `${query}\r\nX-EVIL`]) {
          expect(await rejection(words(evil)), inspect(evil)).to.be.an.instanceOf(UsageError);
        }
        await words(query);
      });
      expect(said).to.deep.equal(honest);
    });
  });
}

/** All entries below a container. */
async function walk(client: Verbs, path: string, depth = 3): Promise<Entry[]> {
  const entries = await all(client.list(path));
  const containers = depth > 0 ? entries.filter(({ kind }) => kind === 'container') : [];
  const below = await Promise.all(containers.map((entry) => walk(client, entry.path, depth - 1)));
  return [...entries, ...below.flat()];
}

function essence({ name, path, url, kind }: Entry): Pick<Entry, 'name' | 'path' | 'url' | 'kind'> {
  return { name, path, url, kind };
}
