/**
 * Tests that any protocol can have: what its client gives when the connection breaks after every octet of the server, and
 * when it arrives in two parts, at every place. A value is either the right one or none at all.
 */
import { isDeepStrictEqual } from 'node:util';
import { expect } from 'chai';
import { NetkitError } from '../lib/core/errors.ts';
import type { ConnectOptions } from '../lib/core/options.ts';
import { type Cut, Tamper, type Weather } from '../lib/mock/tamper.ts';

export interface Exchange {
  /** A server that knows nothing of earlier runs. */
  readonly start: () => Promise<{ readonly port: number; close(): Promise<unknown> }>;
  /**
   * What a user does, and the value that a user gets. An object whose `complete` is `'unknown'` says of itself that it
   * may be cut short.
   */
  readonly exercise: (port: number, options: ConnectOptions) => Promise<unknown>;
  /** What it should give. Default: what it gives when nothing is wrong. */
  readonly golden?: unknown;
}

/** The longest that any run may take, in milliseconds. */
const LIMIT = 2_000;
/** For the runs in which the server falls silent. */
const QUICK: ConnectOptions = { timeouts: { connect: 1_000, tls: 100, greeting: 100, idle: 100, close: 100 } };
const AT_ONCE = 32;

type Result = { readonly value: unknown } | { readonly error: unknown };

/** Defines the tests. Keep the dialogue below some two thousand octets: each of them is several runs. */
export function describeCuts(title: string, exchange: Exchange): void {
  describe(title, function () {
    this.timeout(120_000);
    let golden: unknown;
    let length = 0;

    before('plays it once untouched', async () => {
      const { result, count } = await run(exchange, {}, {});
      if ('error' in result) throw result.error;
      golden = exchange.golden === undefined ? result.value : exchange.golden;
      length = count;
      expect(result.value, 'the value of an untouched run').to.deep.equal(golden);
      expect(length, 'the octets that the server says').to.be.greaterThan(0);
    });

    /** Runs it in every weather, and tells of those after which `complaint` has something to say. */
    const all = async (weathers: Weather[], options: ConnectOptions, complaint: Judge): Promise<void> => {
      const complaints: string[] = [];
      await each(weathers, async (weather) => {
        const { result } = await run(exchange, weather, options);
        const wrong = complaint(result, golden);
        if (wrong !== undefined) complaints.push(`${JSON.stringify(weather)}: ${wrong}`);
      });
      expect(complaints, `of ${weathers.length} runs`).to.deep.equal([]);
    };
    const places = (from: number): number[] => Array.from({ length: length - from }, (_, i) => i + from);
    const cuts = (how: Cut): Weather[] => places(0).map((after) => ({ cut: { after, how } }));

    it('gives the whole value or an error when the connection ends after any octet', async () => {
      await all(cuts('fin'), {}, wholeOrError);
    });
    it('gives the whole value or an error when the connection is reset after any octet', async () => {
      await all(cuts('rst'), {}, wholeOrError);
    });
    it('gives the whole value or an error when the server falls silent after any octet', async () => {
      await all(cuts('stall'), QUICK, wholeOrError);
    });
    it('gives the same value wherever the octets are parted', async () => {
      await all(
        places(1).map((split) => ({ split })),
        {},
        whole,
      );
    });
    it('gives the same value when the octets come one by one', async () => {
      await all([{ drip: { bytes: 1, every: 0 } }], {}, whole);
    });
  });
}

type Judge = (result: Result, golden: unknown) => string | undefined;

function whole(result: Result, golden: unknown): string | undefined {
  if ('error' in result) return `failed: ${result.error}`;
  return isDeepStrictEqual(result.value, golden) ? undefined : `gave ${JSON.stringify(result.value)}`;
}

function wholeOrError(result: Result, golden: unknown): string | undefined {
  if ('error' in result) return result.error instanceof NetkitError ? undefined : `a foreign error: ${result.error}`;
  return saysSo(result.value) ? undefined : whole(result, golden);
}

/** Whether a value says of itself that something may be missing. */
function saysSo(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'complete' in value && value.complete === 'unknown';
}

async function run(
  exchange: Exchange,
  weather: Weather,
  options: ConnectOptions,
): Promise<{ result: Result; count: number }> {
  const server = await exchange.start();
  const tamper = await Tamper.before(server.port, weather);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Result>((resolve) => {
    timer = setTimeout(() => resolve({ error: new Error(`no end within ${LIMIT} ms`) }), LIMIT);
  });
  const done = exchange.exercise(tamper.port, options).then(
    (value): Result => ({ value }),
    (error: unknown): Result => ({ error }),
  );
  const result = await Promise.race([done, late]);
  clearTimeout(timer);
  const { count } = tamper;
  await tamper.close();
  await server.close();
  return { result, count };
}

/** Does the work for each item, some at a time. */
async function each<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const rest = items[Symbol.iterator]();
  const worker = async (): Promise<void> => {
    for (const item of rest) await work(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}
