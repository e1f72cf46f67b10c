/** What a Gopher server serves, as data. */

/** A line of a menu; text alone is a line for people (`i`). Host and port are the server's own where they are not given. */
export type MenuLine =
  | string
  | {
      readonly type: string;
      readonly name: string;
      readonly selector: string;
      readonly host?: string;
      readonly port?: number;
    };

export interface Menu {
  readonly menu: readonly MenuLine[];
}

/** A text, octets or a stream of them, or a menu. Texts and menus end with a dot, the others with the connection. */
export type Served = string | Uint8Array | AsyncIterable<Uint8Array> | Menu;

/** Something with Gopher+ attributes. */
export interface Attributed {
  /** Made when it is asked for. */
  readonly content: () => Served | Promise<Served>;
  /** Octets of type 0 are a text. */
  readonly type: string;
  readonly name: string;
  readonly mediaType?: string;
  /** In octets. */
  readonly size?: number;
  readonly modified?: Date;
  readonly admin?: string;
  readonly abstract?: string;
  /** Other representations, by media type and language. */
  readonly views?: Readonly<Record<string, Served>>;
}

/** What a selector answers with; a function is a search and gets the words. */
export type Answer = Served | Attributed | ((words: string) => Served | Promise<Served>);

/** Answers by selector, or a function that finds them. The empty selector is the first menu. */
export type GopherFixture = Readonly<Record<string, Answer>> | ((selector: string) => Promise<Answer | undefined>);

export function isAttributed(answer: Answer): answer is Attributed {
  return typeof answer === 'object' && 'content' in answer;
}

export function isMenu(served: Served): served is Menu {
  return typeof served === 'object' && 'menu' in served;
}
