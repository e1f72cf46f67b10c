/** AUTH, RFC 5034: one mechanism of SASL, said in lines of POP3. */
import { type Reply, ReplyError } from '../core/errors.ts';
import type { Secret } from '../core/secret.ts';
import type { Pipeline, Talk } from '../net/pipeline.ts';
import { type Command, command } from '../wire/command.ts';
import { authenticate, type Candidate } from '../wire/sasl.ts';
import { isChallenge } from './grammar.ts';

/** RFC 5034 4: no line with AUTH is longer, its line end included. */
const LONGEST = 255;
/** How servers say that they did not understand a line with an initial response, rather than that it was wrong. */
const MISUNDERSTOOD =
  /syntax|protocol error|argument|parameter|unrecogni[sz]ed|(?:unknown|bad|invalid) command|too long/i;

/**
 * Logs in by a mechanism. Its first response goes with AUTH; where that would be too long, or is not understood, it goes
 * in a line of its own after the server's empty challenge, as Microsoft has it. Throws ReplyError for a refusal.
 */
export async function logInBy(line: Pipeline, candidate: Candidate): Promise<void> {
  await line.alone(async (talk) => {
    const exchange = new Exchange(line, talk, candidate.name);
    try {
      await authenticate(candidate.start(), (response) => exchange.say(response));
    } catch (error) {
      if (!(error instanceof ReplyError)) await exchange.cancel(error);
      throw error;
    }
  });
}

class Exchange {
  readonly #line: Pipeline;
  readonly #talk: Talk;
  readonly #name: string;
  /** What every reply answers, for its error: without a response. */
  readonly #auth: Command;
  #begun = false;
  /** Whether the server waits for a response. */
  #asked = false;

  constructor(line: Pipeline, talk: Talk, name: string) {
    this.#line = line;
    this.#talk = talk;
    this.#name = name;
    this.#auth = command`AUTH ${name}`;
  }

  /** Says a response; gives the challenge that follows, or undefined when the user is in. */
  async say(response: Secret | undefined): Promise<string | undefined> {
    const first = !this.#begun;
    this.#begun = true;
    this.#asked = false;
    const reply = first ? await this.#begin(response) : await this.#respond(response);
    this.#asked = isChallenge(reply);
    return this.#asked ? reply.text : undefined;
  }

  /** Ends what cannot be ended well; the error is why. */
  async cancel(error: unknown): Promise<void> {
    if (!this.#asked || !this.#line.connection.usable) return;
    try {
      await this.#line.connection.write(command`*`);
      await this.#talk.hear(this.#auth);
    } catch (refusal) {
      if (refusal instanceof ReplyError) return;
    }
    // who says yes to the end of an attempt is in an unknown state
    this.#line.connection.destroy(error);
  }

  async #begin(response: Secret | undefined): Promise<Reply> {
    if (response === undefined) return this.#talk.say(this.#auth);
    // RFC 5034 4: an empty response is one character, so that it is there
    const line = response.reveal() === '' ? command`AUTH ${this.#name} =` : command`AUTH ${this.#name} ${response}`;
    if (line.wire().length > LONGEST) return this.#inTwoLines(response);
    try {
      this.#line.refuseUnasked();
      await this.#line.connection.write(line);
      return await this.#talk.hear(this.#auth);
    } catch (error) {
      if (!(error instanceof ReplyError) || !isMisunderstood(error.reply)) throw error;
      return this.#inTwoLines(response);
    }
  }

  async #inTwoLines(response: Secret): Promise<Reply> {
    const reply = await this.#talk.say(this.#auth);
    return isChallenge(reply) ? this.#respond(response) : reply;
  }

  async #respond(response: Secret | undefined): Promise<Reply> {
    this.#line.refuseUnasked();
    await this.#line.connection.write(response === undefined ? command`` : command`${response}`);
    return this.#talk.hear(this.#auth);
  }
}

function isMisunderstood({ code, text }: Reply): boolean {
  return code === '' && MISUNDERSTOOD.test(text);
}
