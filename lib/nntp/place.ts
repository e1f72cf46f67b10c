import type { Several } from './which.ts';

/** Where something is asked. */
export interface Where {
  readonly group?: string | undefined;
  /** Whose current article it is about, or becomes what it is about. */
  readonly place?: Place | undefined;
  /** Whether it is about the current article. */
  readonly current?: boolean | undefined;
}

/**
 * A group, and the current article in it. A server has one for all who ask it, and everything that is asked in a group
 * may move it: so it is known here where it is to be, and whether the server's is there.
 */
export class Place {
  readonly group: string;
  /** Undefined: the one that GROUP goes to. */
  #number: number | undefined;
  /** Which of the moves of the server's place went here. */
  #move = 0;
  #told: Promise<void> = Promise.resolve();

  constructor(group: string) {
    this.group = group;
  }

  /** Where to ask about an article, or some. */
  of(which: Several): Where {
    const { group } = this;
    return typeof which === 'object' ? { group } : { group, place: this, current: which === undefined };
  }

  /** Whether the server is here, if this was its last move. */
  isAt(move: number): boolean {
    return this.#move === move;
  }

  /** The number of the current article, when all that was asked about it has been answered. */
  async number(): Promise<number | undefined> {
    await this.#told;
    return this.#number;
  }

  /** The server has been asked to move here: its reply, if it says yes, has the number. */
  follow(move: number, answer: Promise<unknown>): void {
    this.#move = move;
    this.#told = answer.then(this.#learn, ignore);
  }

  readonly #learn = (answer: unknown): void => {
    const [, number] = /^(\d{1,15}) </.exec(textOf(answer)) ?? [];
    if (number !== undefined && Number(number) > 0) this.#number = Number(number);
  };
}

/** The text of a reply, by itself or with what came behind it. */
function textOf(answer: unknown): string {
  if (typeof answer !== 'object' || answer === null) return '';
  if ('reply' in answer) return textOf(answer.reply);
  return 'text' in answer && typeof answer.text === 'string' ? answer.text : '';
}

function ignore(): void {}
