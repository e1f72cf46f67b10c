import type { TelnetEvent } from '../events.ts';

/** What a client told of itself, as far as it did. */
export class ClientFacts {
  /** The names of its terminal, the best first (RFC 1091). */
  terminals: readonly string[] = [];
  /** Its window, in characters, as it is now (RFC 1073). */
  window: { readonly columns: number; readonly rows: number } | undefined;
  /** In bits per second (RFC 1079). */
  speed: { readonly transmit: number; readonly receive: number } | undefined;
  /** Where its X display is (RFC 1096). */
  display: string | undefined;
  /** Its variables (RFC 1572). */
  readonly environment: ReadonlyMap<string, string>;
  readonly #variables = new Map<string, string>();

  constructor() {
    this.environment = this.#variables;
  }

  /** Takes in what an event tells of the client. Gives a line about it, for the transcript; undefined when it tells nothing. */
  learn(event: TelnetEvent): string | undefined {
    switch (event.type) {
      case 'terminal-type':
        this.terminals = event.types;
        return `terminal ${event.types.join(', ')}`;
      case 'window-size':
        this.window = { columns: event.columns, rows: event.rows };
        return `window ${event.columns} x ${event.rows}`;
      case 'terminal-speed':
        this.speed = { transmit: event.transmit, receive: event.receive };
        return `speed ${event.transmit}, ${event.receive}`;
      case 'display':
        this.display = event.location;
        return `display ${event.location}`;
      case 'environment':
        return this.#remember([...event.variables, ...event.user]);
      case 'charset':
        return `charset ${event.charset ?? 'was refused'}`;
      default:
        return undefined;
    }
  }

  /** Names only: a value may be a secret. */
  #remember(variables: readonly (readonly [name: string, value: string | null])[]): string | undefined {
    for (const [name, value] of variables) {
      if (value === null) this.#variables.delete(name);
      else if (this.#variables.has(name) || this.#variables.size < MOST) this.#variables.set(name, value);
    }
    return variables.length === 0 ? undefined : `environment ${variables.map(([name]) => name).join(', ')}`;
  }
}

/** How many variables are kept. */
const MOST = 256;
