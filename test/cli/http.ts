/** The command, and a real server of HTTP. */
import type { HttpFixture } from '../../lib/http/fixture.ts';
import type { HttpMockOptions, HttpMockServer } from '../../lib/http/mock-server.ts';
import { http, protocols } from '../../lib/index.ts';
import { netkit, type Outcome, type World } from './run.ts';

export interface Setting {
  readonly server: HttpMockServer;
  /** The URL of a path. */
  readonly at: (path: string) => string;
  /** Runs a line: `/path` is one of the server. In what it says the server is `http://h`. */
  readonly run: (line: string | readonly string[], world?: World) => Promise<Outcome>;
}

/** Does something while a server is there. */
export async function served(
  fixture: HttpFixture,
  work: (setting: Setting) => Promise<void>,
  options?: HttpMockOptions,
): Promise<void> {
  await using server = await http.mock(fixture, options);
  const base = server.url.replace(/\/$/, '');
  const at = (path: string): string => base + path;
  const shown = (text: string): string => text.replaceAll(base, 'http://h');
  const run = async (line: string | readonly string[], world: World = {}): Promise<Outcome> => {
    const words = typeof line === 'string' ? line.split(' ') : line;
    const argv = words.map((word, index) => (index < 3 && word.startsWith('/') ? at(word) : word));
    const { code, out, err, bytes } = await netkit(argv, { protocols, ...world });
    const records = (): Record<string, unknown>[] =>
      shown(out)
        .trim()
        .split('\n')
        .map((text) => JSON.parse(text));
    return {
      ...{ code, bytes, out: shown(out), err: shown(err) },
      get records() {
        return records();
      },
    };
  };
  await work({ server, at, run });
}
