/** What goes wrong in a mock server, when it is told to. */
import { UsageError } from '../core/errors.ts';

/** Which command it befalls, and what then happens. Without a selector it is the next command, whatever it is. */
export interface Fault {
  /** The first word of the command, whatever its case; `*` is any. */
  readonly verb?: string | undefined;
  /** Found in the whole command line. */
  readonly match?: RegExp | undefined;
  /** Only the Nth command that `verb`, `match` and `session` select, from 1 on. */
  readonly nth?: number | undefined;
  /** How often it happens. Default once. */
  readonly times?: number | undefined;
  /** Only in this session, from 1 on. */
  readonly session?: number | undefined;

  /** Said instead of the right reply: a line (its end is added), several, or octets as they are. */
  readonly reply?: string | Uint8Array | undefined;
  /** Milliseconds before anything is said. */
  readonly delay?: number | undefined;
  /** Comes before the reply. */
  readonly garbage?: string | Uint8Array | undefined;
  /** Said instead of the right end of the reply: of its final dot line, else of its last line end. */
  readonly terminator?: string | Uint8Array | undefined;
  /** The reply in small pieces: so many octets at a time, `every` so many milliseconds. A number is octets each 1 ms. */
  readonly drip?: number | { readonly bytes: number; readonly every: number } | undefined;
  /** Only so many octets of the reply; then it hangs up, unless `reset` or `stall` is said. */
  readonly truncate?: number | undefined;

  /** Ends the connection in good order (FIN). Where nothing above says something, instead of the reply; else after it. */
  readonly hangUp?: boolean | undefined;
  /** The same with a reset (RST). */
  readonly reset?: boolean | undefined;
  /** The same, but nothing more is said, and the connection stays. */
  readonly stall?: boolean | undefined;
}

/** A fault that has been planned: how often it happened, and how to take it out. */
export interface Planned {
  readonly fault: Fault;
  readonly hits: number;
  remove(): void;
}

/** What is to go wrong: the first fault that fits a command befalls it. */
export class FaultPlan {
  readonly #planned: Plan[] = [];

  /** Adds faults behind those that are there; gives a handle to each. Throws UsageError for one that cannot happen. */
  add(...faults: readonly Fault[]): Planned[] {
    return faults.map((fault) => {
      check(fault);
      const plan = new Plan(fault, () => {
        const at = this.#planned.indexOf(plan);
        if (at >= 0) this.#planned.splice(at, 1);
      });
      this.#planned.push(plan);
      return plan;
    });
  }

  /** The fault of a command, which has thereby happened. Every fault counts the commands that it would fit. */
  take(session: number, line: string): Fault | undefined {
    const due = this.#planned.filter((plan) => plan.meets(session, line));
    const first = due[0];
    if (first) first.hits++;
    return first?.fault;
  }

  /** How many are planned, those that have happened included. */
  get size(): number {
    return this.#planned.length;
  }

  clear(): void {
    this.#planned.length = 0;
  }
}

class Plan implements Planned {
  readonly fault: Fault;
  readonly remove: () => void;
  hits = 0;
  #seen = 0;

  constructor(fault: Fault, remove: () => void) {
    this.fault = fault;
    this.remove = remove;
  }

  meets(session: number, line: string): boolean {
    const { verb = '*', match, nth, times = 1 } = this.fault;
    if (this.fault.session !== undefined && this.fault.session !== session) return false;
    if (verb !== '*' && verb.toUpperCase() !== verbOf(line)) return false;
    if (match && line.search(match) < 0) return false;
    this.#seen++;
    return nth === undefined ? this.hits < times : this.#seen === nth;
  }
}

/** The first word of a command line, in capitals. */
export function verbOf(line: string): string {
  return (/^\S*/.exec(line)?.[0] ?? '').toUpperCase();
}

const ACTIONS = ['reply', 'delay', 'garbage', 'terminator', 'drip', 'truncate', 'hangUp', 'reset', 'stall'] as const;

/** What a fault does, for a transcript. */
export function describeFault(fault: Fault): string {
  return `fault: ${ACTIONS.filter((action) => fault[action] !== undefined).join(', ')}`;
}

function check(fault: Fault): void {
  if (!ACTIONS.some((action) => fault[action] !== undefined)) {
    throw new UsageError(`a fault that does nothing: give it ${ACTIONS.join(', or ')}`);
  }
  const ends = [fault.hangUp, fault.reset, fault.stall].filter(Boolean);
  if (ends.length > 1) throw new UsageError('a fault ends in one way: hangUp, reset or stall');
}
