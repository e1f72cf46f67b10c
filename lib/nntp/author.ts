import { type Reply, ReplyError, UsageError } from '../core/errors.ts';
import type { Login } from '../core/login.ts';
import type { CallOptions } from '../core/options.ts';
import type { Body } from '../core/resource.ts';
import { Secret } from '../core/secret.ts';
import { type Command, command } from '../wire/command.ts';
import { type Article, type ArticleOptions, composePost, type Post, preparePost, readArticle } from './article.ts';
import { LIMITS } from './asker.ts';
import { checkCommand, checkMessageId } from './codec.ts';
import { expects } from './codes.ts';
import { verbOf } from './grammar.ts';
import { NntpOverviews } from './overviews.ts';
import { blockOf, octetsOf, sendArticle } from './post.ts';
import { type Fed, type Offer, outcomeOf, stream, type Tell } from './streaming.ts';

export type { ArticleOptions, Post } from './article.ts';
export type { Fed } from './streaming.ts';

/** What was posted. */
export interface Posted {
  readonly messageId: string;
  /** In the words of the server. */
  readonly text: string;
}

export interface PostOptions extends CallOptions, ArticleOptions {}

export interface FeedOptions extends CallOptions {
  /** Whether to ask first if an article is wanted. Default true. */
  readonly check?: boolean | undefined;
}

export interface Credentials extends Omit<Login, 'password' | 'token'> {
  readonly password?: string | Secret | undefined;
  readonly token?: string | Secret | undefined;
}

/** Commands behind which something else is to be said or done. */
const MORE = /^\s*(?:AUTHINFO|STARTTLS|COMPRESS|XFEATURE|POST|IHAVE|TAKETHIS|MODE)(?:\s|$)/i;

/** How much is fed at a time: articles, and octets. */
const BATCH = { articles: 64, octets: 1024 * 1024 };

/** Posting, feeding, and the session: native verbs of an author, and of another server. */
export abstract class NntpAuthor extends NntpOverviews {
  /**
   * Posts an article (POST): octets with their headers, or its parts. It is checked, and has a Message-ID before it is
   * sent, so that it can be looked for. Throws UsageError before anything is sent, ReplyError in the words of the server;
   * an error with `outcome: 'unknown'` where the connection was lost behind the article, which is never sent again. A post
   * that is aborted throws what the signal says: behind the article nobody knows then either whether it has arrived.
   */
  async post(article: Body | Post, options: PostOptions = {}): Promise<Posted> {
    options.signal?.throwIfAborted();
    const made = isPost(article) ? composePost(article, options) : await octetsOf(article);
    const { octets, headers } = preparePost('octets' in made ? made.octets : made, options);
    const messageId = headers.get('Message-ID') ?? '';
    const { text } = await this.#transfer(command`POST`, 'POST article', octets, messageId, options);
    return { messageId, text };
  }

  /** Offers one article to another server, and sends it when it is wanted (IHAVE). It is sent as it is. */
  async ihave(messageId: string, article: Body, options: CallOptions = {}): Promise<Fed> {
    options.signal?.throwIfAborted();
    const asked = command`IHAVE ${checkMessageId(messageId)}`;
    const { octets } = checkOffer(readArticle(await octetsOf(article)), messageId);
    return this.#offer(asked, { messageId, octets }, options);
  }

  /**
   * Feeds articles to another server, many on their way at once (MODE STREAM, CHECK and TAKETHIS; IHAVE one by one where
   * there is no streaming). Says of each what became of it. A connection that is lost behind articles leaves them unknown.
   */
  async *feed(
    articles: Iterable<Body> | AsyncIterable<Body>,
    options: FeedOptions = {},
  ): AsyncGenerator<Fed, void, void> {
    const { check = true, signal } = options;
    const streams = await this.#mayStream({ signal });
    for await (const offers of batches(articles)) {
      const fed: Fed[] = [];
      let failure: { readonly error: unknown } | undefined;
      try {
        if (streams) await this.#stream(offers, fed, { check, signal });
        else for (const offer of offers) fed.push(await this.#offer(offerOf(offer), offer, { signal }));
      } catch (error) {
        failure = { error };
      }
      // what is known is told first
      yield* fed;
      if (failure) throw failure.error;
    }
  }

  /** Logs in, as somebody else than was said before, or where nobody was. Throws ReplyError (`auth`), UsageError. */
  async login(credentials: Credentials, options?: CallOptions): Promise<void> {
    const { password, token, ...rest } = credentials;
    this.asker.conversation.logInAs({
      ...rest,
      ...(password !== undefined && { password: Secret.of(password) }),
      ...(token !== undefined && { token: Secret.of(token) }),
    });
    await this.asker.logIn(options);
  }

  /** STARTTLS (RFC 4642): everything that was said before is forgotten. */
  async starttls(options?: CallOptions): Promise<void> {
    await this.asker.elsewhere(() => this.asker.conversation.startTls(options), options);
  }

  /** COMPRESS DEFLATE (RFC 8054): from now on everything is compressed. */
  async compress(options?: CallOptions): Promise<void> {
    await this.asker.again(() => this.asker.conversation.compress(options), options);
  }

  /** MODE READER, from a server that was connected to as a feed. */
  async modeReader(options?: CallOptions): Promise<void> {
    await this.asker.elsewhere(() => this.asker.conversation.modeReader(options), options);
  }

  /** Says QUIT, and closes. Gives what the server answered. */
  async quit(options?: CallOptions): Promise<string> {
    const { text } = await this.asker.say(command`QUIT`, options);
    await this.asker.conversation.connection.close();
    return text;
  }

  /**
   * Says any command, such as those that only one server knows; `multiline` where a block follows a positive reply.
   * Throws UsageError for commands that need more than that: logins, STARTTLS, COMPRESS, and those that send an article.
   */
  async command(
    line: string,
    options: CallOptions & { readonly multiline?: boolean | undefined } = {},
  ): Promise<{ readonly reply: Reply; readonly lines: readonly string[] }> {
    const asked = command`${line}`;
    if (MORE.test(line)) throw usage(`${asked.verb} is more than a command and its reply: use the method for it`);
    const follows = expects(verbOf(asked)) ?? (options.multiline ? 'block' : 'nothing');
    const lines: string[] = [];
    const sink = (text: string): void => {
      for (const each of text.replace(/\r?\n$/, '').split(/\r?\n/)) lines.push(each);
    };
    const { line: server } = this.asker;
    const limits = { ...LIMITS, ...options };
    const say = (): Promise<Reply> =>
      follows === 'nothing'
        ? server.say(checkCommand(asked), options)
        : server.blocks(checkCommand(asked), sink, limits);
    // it may enter a group
    return { reply: await this.asker.elsewhere(say, options), lines };
  }

  async #mayStream(options: CallOptions): Promise<boolean> {
    const { learned } = this.asker.conversation;
    if (learned.streams !== undefined) return learned.streams;
    if (!this.asker.conversation.mayOffer('STREAMING')) return false;
    try {
      await this.asker.say(command`MODE STREAM`, options);
      learned.streams = true;
    } catch (error) {
      if (!(error instanceof ReplyError) || error.reason === 'auth' || error.reply.code === '400') throw error;
      learned.streams = false;
    }
    return learned.streams;
  }

  /** After a login what is left is offered again, which the server has refused and not taken. */
  async #stream(
    offers: readonly Offer[],
    fed: Fed[],
    options: CallOptions & { readonly check: boolean },
  ): Promise<void> {
    const left = new Set(offers);
    const tell: Tell = (each, offer) => {
      left.delete(offer);
      fed.push(each);
    };
    await this.asker.again(() => stream(this.asker.line, [...left], tell, options), options);
  }

  /** IHAVE, with what its refusals mean. */
  async #offer(asked: Command, { messageId, octets }: Offer, options: CallOptions): Promise<Fed> {
    try {
      const reply = await this.#transfer(asked, 'IHAVE article', octets, messageId, options);
      return { messageId, outcome: 'accepted', reply };
    } catch (error) {
      const outcome = error instanceof ReplyError ? outcomeOf(error.reply) : undefined;
      if (!(error instanceof ReplyError) || outcome === undefined) throw error;
      return { messageId, outcome, reply: error.reply };
    }
  }

  /** A command that announces an article, and the article. After a login it is announced again, but never sent twice. */
  async #transfer(
    asked: Command,
    verb: string,
    octets: Buffer,
    messageId: string,
    options: CallOptions,
  ): Promise<Reply> {
    const { asker } = this;
    const block = blockOf(octets);
    const work = (): Promise<Awaited<ReturnType<typeof sendArticle>>> =>
      asker.line.alone(async (talk) => {
        await talk.say(asked);
        return sendArticle(talk, verb, block, messageId);
      }, options);
    const settled = await asker.again(work, options);
    if ('error' in settled) throw settled.error;
    return settled.reply;
  }
}

/** Articles, checked, as many as go out together. */
async function* batches(articles: Iterable<Body> | AsyncIterable<Body>): AsyncGenerator<Offer[], void, void> {
  let batch: Offer[] = [];
  let size = 0;
  for await (const article of articles) {
    // whoever gives it may use its memory for the next one, before this one goes out
    const own = article instanceof Uint8Array ? Buffer.from(article) : article;
    const { octets, headers } = readArticle(await octetsOf(own));
    const messageId = checkMessageId(headers.get('Message-ID') ?? '');
    batch.push({ messageId, octets });
    size += octets.length;
    if (batch.length < BATCH.articles && size < BATCH.octets) continue;
    yield batch;
    batch = [];
    size = 0;
  }
  if (batch.length > 0) yield batch;
}

function offerOf({ messageId }: Offer): Command {
  return command`IHAVE ${messageId}`;
}

function checkOffer(article: Article, messageId: string): Article {
  if (article.headers.get('Message-ID') === messageId) return article;
  throw usage('the Message-ID of the article is another than the one that is offered');
}

function isPost(article: Body | Post): article is Post {
  return typeof article === 'object' && 'newsgroups' in article;
}

function usage(message: string): UsageError {
  return new UsageError(message, { protocol: 'nntp' });
}
