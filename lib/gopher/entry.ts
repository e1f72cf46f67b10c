import { inspect } from 'node:util';
import { type Endpoint, formatUrl } from '../core/endpoint.ts';
import type { Entry, Kind } from '../core/resource.ts';
import { formatPath, type MenuItem } from './codec.ts';

const KINDS: ReadonlyMap<string, Kind> = new Map<string, Kind>([
  ['1', 'container'],
  ['7', 'search'],
  ['i', 'info'],
  ['3', 'error'],
  // a phone book and two kinds of terminal session: other protocols
  ['2', 'link'],
  ['8', 'link'],
  ['T', 'link'],
]);

const MEDIA_TYPES: ReadonlyMap<string, string> = new Map([
  ['0', 'text/plain'],
  ['1', 'text/x-gopher-menu'],
  ['7', 'text/x-gopher-menu'],
  ['g', 'image/gif'],
  ['h', 'text/html'],
  ['d', 'application/pdf'],
  ['x', 'text/xml'],
]);

/** The media type that an item type means. */
export function mediaType(type: string): string {
  return MEDIA_TYPES.get(type) ?? 'application/octet-stream';
}

/** Whether an item type answers with a menu. */
export function isMenu(type: string): boolean {
  return type === '1' || type === '7';
}

/** A line of a menu as an Entry. What is seldom asked for is made when it is: menus may have a million lines. */
export class MenuEntry implements Entry {
  readonly #item: MenuItem;
  readonly #menu: Endpoint;

  static {
    Object.defineProperty(MenuEntry.prototype, inspect.custom, {
      value(this: MenuEntry) {
        return this.toJSON();
      },
    });
  }

  constructor(item: MenuItem, menu: Endpoint) {
    this.#item = item;
    this.#menu = menu;
  }

  get name(): string {
    return this.#item.malformed ?? this.#item.name;
  }

  get kind(): Kind {
    const { type, malformed } = this.#item;
    if (malformed !== undefined) return 'info';
    return this.#link === undefined ? (KINDS.get(type) ?? 'item') : 'link';
  }

  /** On this server a type and selector; elsewhere the whole URL. */
  get path(): string {
    const { type, selector, host } = this.#item;
    if (host === '') return '';
    return this.#isHere || this.#link !== undefined ? formatPath(type, selector) : this.url;
  }

  get url(): string {
    const { type, selector, host, port } = this.#item;
    if (this.#link !== undefined) return this.#link;
    if (host === '') return '';
    const { scheme } = this.#menu;
    if (type === '8' || type === 'T') return formatUrl({ scheme: 'telnet', host, port, tls: 'none' }, '/', 23);
    const endpoint: Endpoint = {
      scheme: this.#isHere ? scheme : 'gopher',
      host: host.toLowerCase(),
      port,
      tls: 'none',
    };
    return formatUrl(endpoint, formatPath(type, selector), 70);
  }

  get meta(): Readonly<Record<string, string>> {
    const { type, selector, host, port, plus, malformed } = this.#item;
    if (malformed !== undefined) return { malformed };
    return { type, ...(host !== '' && { selector, host, port: String(port) }), ...(plus !== '' && { plus }) };
  }

  toJSON(): Entry {
    const { name, path, url, kind, meta } = this;
    return { name, path, url, kind, meta };
  }

  get #isHere(): boolean {
    const { host, port } = this.#item;
    return port === this.#menu.port && (host === this.#menu.host || host.toLowerCase() === this.#menu.host);
  }

  /** The URL behind `URL:`, which leads out of Gopher and is never sent to a server. */
  get #link(): string | undefined {
    return linkOf(this.#item.selector);
  }
}

/** The URL in a selector `URL:https://…`, or undefined. */
export function linkOf(selector: string): string | undefined {
  return /^\/?URL:(.+)$/s.exec(selector)?.[1];
}
