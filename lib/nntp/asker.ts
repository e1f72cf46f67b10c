/** How a client asks: it logs in when it is told to, is in the right group, and never takes one answer for another. */
import { ProtocolError, type Reply, ReplyError } from '../core/errors.ts';
import type { CallOptions } from '../core/options.ts';
import { unlessAborted } from '../core/unless-aborted.ts';
import type { Asked, Pipeline } from '../net/pipeline.ts';
import { tracked } from '../net/tracked.ts';
import { type Command, command } from '../wire/command.ts';
import type { LineLimits } from '../wire/lines.ts';
import { checkCommand, checkGroup, type GroupStatus, parseGroup } from './codec.ts';
import { broken } from './codes.ts';
import type { Conversation } from './conversation.ts';
import type { Place, Where } from './place.ts';
import { Texts } from './texts.ts';
import { partOf, refOf } from './which.ts';

export class Asker {
  readonly conversation: Conversation;
  /** The group that the server is in, as far as is known. */
  #group: string | undefined;
  /** How many have asked to be in a group and have not asked their question there. */
  #waiting = 0;
  #turn: Promise<void> = Promise.resolve();
  #list: Texts | undefined;
  /** How often the server's current article may have become another one. */
  #moves = 0;
  /** How many wait for an answer, lists apart. */
  #asking = 0;

  constructor(conversation: Conversation) {
    this.conversation = conversation;
  }

  get line(): Pipeline {
    return this.conversation.line;
  }

  /**
   * Does something that asks, and does it again after a login, where the server wanted one first (480) and somebody could
   * log in. A list that is being read is taken in before.
   */
  again<T>(work: () => Promise<T>, options: CallOptions = {}): Promise<T> {
    this.#list?.hurry();
    const { logins } = this.conversation;
    this.#asking++;
    // most are not refused: there is no more than this between them and their answer
    return work().then(
      (answer) => {
        this.#asking--;
        return answer;
      },
      (error: unknown) => this.#afterLogin(error, work, logins, options),
    );
  }

  async #afterLogin<T>(error: unknown, work: () => Promise<T>, logins: number, options: CallOptions): Promise<T> {
    try {
      if (!this.#mayHelp(error, logins)) throw error;
      if (this.conversation.logins === logins) await this.logIn(options);
      return await work();
    } finally {
      this.#asking--;
    }
  }

  /** The same, where no login would help. */
  async #once<T>(work: () => Promise<T>): Promise<T> {
    this.#list?.hurry();
    this.#asking++;
    try {
      return await work();
    } finally {
      this.#asking--;
    }
  }

  async logIn({ signal }: CallOptions = {}): Promise<void> {
    signal?.throwIfAborted();
    await this.#once(() => unlessAborted(this.conversation.logIn(), signal));
    this.#leave();
  }

  #mayHelp(error: unknown, logins: number): boolean {
    if (!(error instanceof ReplyError) || error.reply.code !== '480' || this.conversation.compressed) return false;
    return this.conversation.canLogIn || this.conversation.logins > logins;
  }

  /** A command and its reply. */
  say(asked: Command, options: AskOptions = {}): Promise<Reply> {
    checkCommand(asked);
    return this.again(() => this.within(options, () => this.line.say(asked, options), options), options);
  }

  /** A command, its reply, and all lines of its block: at most 1,000,000, and 64 MiB. */
  async lines(asked: Command, options: CallOptions & LineLimits = {}): Promise<string[]> {
    return this.again(() => this.line.lines(checkCommand(asked), { ...LIMITS, ...options }), options);
  }

  /** A command, its reply, and the texts of its block as they come; at most 1,000,000 lines, and 64 MiB. */
  async blocks(asked: Command, sink: (text: string) => void, options: AskOptions & LineLimits = {}): Promise<Reply> {
    checkCommand(asked);
    const limits = { ...LIMITS, ...options };
    return this.again(() => this.within(options, () => this.line.blocks(asked, sink, limits), options), options);
  }

  /** A command, and the texts of its block as they are read. `group`: where to ask it. */
  async *texts(asked: Command, options: AskOptions & LineLimits = {}): AsyncGenerator<readonly string[], void, void> {
    const { body } = await this.#open(asked, options);
    const texts = new Texts(body, this.conversation.connection, options);
    this.#list = texts;
    // somebody may have asked while this was on its way
    if (this.#asking > 0) texts.hurry();
    try {
      for (let some = await texts.next(); some; some = await texts.next()) yield some;
    } finally {
      if (this.#list === texts) this.#list = undefined;
      await texts.drain();
    }
  }

  /** A command, its reply, and its block to be read. `check` is of the reply: what it throws ends the connection. */
  async ask(asked: Command, check: (reply: Reply) => void, options: AskOptions = {}): Promise<Asked> {
    const opened = await this.#open(asked, options);
    this.believe(() => check(opened.reply));
    return opened;
  }

  /** As long as the body is being read, there is no time for a farewell. */
  async #open(asked: Command, options: AskOptions): Promise<Asked> {
    checkCommand(asked);
    const { conversation } = this;
    const { reply, body } = await this.again(
      () => this.within(options, () => this.line.ask(asked, options), options),
      options,
    );
    const read = tracked(body, () => this.line.connection.usable);
    conversation.reading++;
    void read.end.then(() => conversation.reading--);
    return { reply, body: read.body };
  }

  /** What a server says of something else than was asked is the end: nobody could tell what its next reply is about. */
  believe<T>(read: () => T): T {
    try {
      return read();
    } catch (error) {
      if (error instanceof ProtocolError) this.conversation.connection.destroy(error);
      throw error;
    }
  }

  /**
   * Asks something in a group, and of the current article of a place where it is about that; nobody goes elsewhere in
   * between. Without a group, wherever the server is.
   */
  within<T>(where: Where, ask: () => Promise<T>, options: CallOptions = {}): Promise<T> {
    const { group } = where;
    if (group === undefined) return ask();
    if (this.#waiting === 0 && this.#group === group && this.#isAt(where)) return this.#move(where, ask());
    return this.#inTurn(async () => {
      if (this.#group !== group) await this.#enter({ group }, options);
      if (!this.#isAt(where)) await this.#return(where, options);
      // it is asked now, and answered when others may ask again
      return { answer: this.#move(where, ask()) };
    }, options).then(({ answer }) => answer);
  }

  /** GROUP; the place is there then. Throws ReplyError (`missing`) where there is none. */
  async enter(group: string, options: CallOptions = {}, place?: Place): Promise<GroupStatus> {
    checkGroup(group);
    return this.again(() => this.#inTurn(() => this.#enter({ group, place }, options), options), options);
  }

  /** Does something after which nobody knows where the server is. Nobody asks anything in a group meanwhile. */
  elsewhere<T>(work: () => Promise<T>, options: CallOptions = {}): Promise<T> {
    const leave = (): Promise<T> => work().finally(() => this.#leave());
    return this.again(() => this.#inTurn(leave, options), options);
  }

  #leave(): void {
    this.#group = undefined;
    this.#moves++;
  }

  /** Whatever is asked in a group may move the server. */
  #move<T>({ place }: Where, answer: Promise<T>): Promise<T> {
    this.#moves++;
    place?.follow(this.#moves, answer);
    return answer;
  }

  #isAt({ place, current }: Where): boolean {
    return !current || place === undefined || place.isAt(this.#moves);
  }

  /** To the current article, where the server is at another. */
  async #return(where: Where, options: CallOptions): Promise<void> {
    const { group = '', place } = where;
    const number = place && (await unlessAborted(place.number(), options.signal));
    if (number === undefined) {
      await this.#enter({ group }, options);
      return;
    }
    const { text } = await this.#move({ group }, this.line.say(partOf('stat', number), options));
    this.believe(() => refOf(text, number));
  }

  async #enter({ group = '', place }: Where, options: CallOptions): Promise<GroupStatus> {
    const asked = checkCommand(command`GROUP ${group}`);
    const { text } = await this.#move({ place }, this.line.say(asked, options));
    const status = this.believe(() => this.#statusOf(group, text));
    this.#group = group;
    return status;
  }

  #statusOf(group: string, text: string): GroupStatus {
    const status = parseGroup(text);
    if (status.name !== group) throw broken('the server entered another group than was asked for');
    return status;
  }

  async #inTurn<T>(work: () => Promise<T>, { signal }: CallOptions): Promise<T> {
    const before = this.#turn;
    let over: () => void = () => {};
    const mine = new Promise<void>((resolve) => {
      over = resolve;
    });
    this.#turn = before.then(() => mine);
    this.#waiting++;
    try {
      await unlessAborted(before, signal);
      return await work();
    } finally {
      this.#waiting--;
      over();
    }
  }
}

export interface AskOptions extends CallOptions, Where {}

export const LIMITS: LineLimits = { lines: 1_000_000, size: 64 * 1024 * 1024 };
