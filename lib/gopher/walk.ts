/** Going through the menus of one server, within limits: menus lead in circles, and for ever. */
import { limitError } from '../core/errors.ts';
import type { CallOptions } from '../core/options.ts';
import type { Entry, Listing } from '../core/resource.ts';
import type { GopherClient } from './client.ts';

export interface WalkOptions extends CallOptions {
  /** How many menus deep to go. Default 8. What lies deeper is not asked for. */
  readonly depth?: number | undefined;
  /** The most menus to ask for. Default 1000. */
  readonly maxMenus?: number | undefined;
  /** The character set of the menus. */
  readonly charset?: string | undefined;
}

/**
 * Every entry of a menu and of the menus in it, breadth first. Each menu is asked for once, and only menus of this
 * server. Throws ProtocolError (`limit`) when there are more menus than `maxMenus`.
 */
export async function* walk(client: GopherClient, path: string, options: WalkOptions): Listing {
  const { depth = 8, maxMenus = 1000, ...rest } = options;
  const seen = new Set([path]);
  let level = [path];
  let whole = true;
  for (let below = 0; below < depth && level.length > 0; below++) {
    const next: string[] = [];
    for (const menu of level) {
      const listing = client.list(menu, rest);
      try {
        for (let step = await listing.next(); ; step = await listing.next()) {
          if (step.done) {
            whole &&= step.value === true;
            break;
          }
          yield step.value;
          const inner = menuHere(step.value);
          if (inner === undefined || seen.has(inner)) continue;
          if (seen.size >= maxMenus) throw limitError('the menus of a walk', maxMenus, { protocol: 'gopher' });
          seen.add(inner);
          next.push(inner);
        }
      } finally {
        await listing.return(true);
      }
    }
    level = next;
  }
  return whole || 'unknown';
}

/** The path of an entry that is a menu of the same server. */
function menuHere({ kind, path }: Entry): string | undefined {
  return kind === 'container' && path.startsWith('/') ? path : undefined;
}
