import { UsageError } from '../core/errors.ts';
import type { CallOptions, Listener } from '../core/options.ts';
import type { AnyProtocol, DemoStep, Mock } from '../core/protocol.ts';
import type { Entry } from '../core/resource.ts';
import type { Dialogue } from '../core/verbs.ts';
import { Transcript } from '../net/transcript.ts';
import type { Call } from './command.ts';
import { EXIT, Interrupted } from './exit.ts';
import { put } from './io.ts';
import { type Fields, jsonLine } from './records.ts';
import { formatSize } from './sizes.ts';
import { didYouMean } from './suggest.ts';
import { hasVerb } from './task.ts';
import { harmlessLine } from './terminal.ts';
import { type AnyClient, speaker } from './verbs.ts';

/** One thing that was done, and what came of it. */
interface Deed {
  readonly protocol: string;
  /** `gopher fetch /0/about.txt`. */
  readonly what: string;
  readonly result: string;
  readonly bytes: number;
  /** In milliseconds. */
  readonly time: number;
  readonly failed: boolean;
  readonly dialogue: Transcript;
}

/** What came of a step: in words, and how many octets of body. */
interface Outcome {
  readonly result: string;
  readonly bytes: number;
}

type Step = DemoStep | (Omit<DemoStep, 'verb'> & { readonly verb: 'check' });

/** Lines of a dialogue that are shown without `--transcript`. */
const SHORT = 12;
/** How much of what came of a step is shown, in characters. */
const LONG = 60;
/** How long one step may take, in milliseconds. */
const PATIENCE = 30_000;

/**
 * `netkit demo [PROTOCOL...]`: each protocol's client against its own mock server on the loopback interface, as a table,
 * and what they said to each other.
 */
export async function demo(call: Call): Promise<number> {
  const { io, signal, values, given } = call;
  const deeds: Deed[] = [];
  for (const protocol of chosen(call)) {
    await using server: Mock = await protocol.mock(await protocol.demo?.fixture?.());
    await using stage = new Stage(protocol, server, signal);
    for (const step of stepsOf(protocol)) deeds.push(await stage.perform(step));
  }
  if (values.json) for (const deed of deeds) await put(io.stdout, jsonLine(record(deed)));
  if (!values.json) {
    await put(io.stdout, `${table(deeds)}\n${dialogues(deeds, given['transcript'] === true)}`);
  }
  return deeds.some(({ failed }) => failed) ? EXIT.failed : EXIT.ok;
}

function chosen({ operands, protocols }: Call): readonly AnyProtocol[] {
  if (operands.length === 0) return Object.values(protocols);
  return operands.map((name) => {
    const found = Object.hasOwn(protocols, name) ? protocols[name] : undefined;
    if (!found) throw new UsageError(`there is no protocol ${name}${didYouMean(name, Object.keys(protocols))}`);
    return found;
  });
}

function stepsOf(protocol: AnyProtocol): readonly Step[] {
  const list: Step[] = hasVerb(protocol, 'list') ? [{ verb: 'list', path: '/' }] : [];
  return [{ verb: 'check', path: '/' }, ...(protocol.demo?.steps ?? list)];
}

/** A protocol's client and its mock server, through all steps: one session, where the protocol has sessions. */
class Stage implements AsyncDisposable {
  readonly #protocol: AnyProtocol;
  readonly #server: Mock;
  readonly #signal: AbortSignal;
  #client: AnyClient | undefined;
  /** What is said in the step that is being taken. */
  #dialogue = new Transcript();

  constructor(protocol: AnyProtocol, server: Mock, signal: AbortSignal) {
    this.#protocol = protocol;
    this.#server = server;
    this.#signal = signal;
  }

  async perform(step: Step): Promise<Deed> {
    const { name } = this.#protocol;
    const what = `${name} ${step.verb} ${step.path}${step.query === undefined ? '' : ` "${step.query}"`}`;
    const dialogue = new Transcript();
    this.#dialogue = dialogue;
    const start = performance.now();
    const timed = (outcome: Outcome, failed: boolean): Deed => {
      return { protocol: name, what, ...outcome, time: performance.now() - start, failed, dialogue };
    };
    try {
      const signal = AbortSignal.any([this.#signal, AbortSignal.timeout(PATIENCE)]);
      return timed(await take(await this.#connect(), step, { ...step.options, signal }), false);
    } catch (error) {
      if (error instanceof Interrupted) throw error;
      return timed({ result: `failed: ${error instanceof Error ? error.message : error}`, bytes: 0 }, true);
    }
  }

  async #connect(): Promise<AnyClient> {
    const { url, login } = this.#server;
    const transcript: Listener = { add: (from, text) => this.#dialogue.add(from, text) };
    this.#client ??= await speaker(this.#protocol).connect(url, { ...login, transcript, signal: this.#signal });
    return this.#client;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client?.close();
  }
}

/** Takes one step, with the real client. */
async function take(
  client: AnyClient,
  { verb, path, query = '', body = '' }: Step,
  call: CallOptions,
): Promise<Outcome> {
  switch (verb) {
    case 'list':
      return counted(client.list(path, call));
    case 'search':
      return counted(client.search(path, query, call));
    case 'fetch': {
      const resource = await client.fetch(path, call);
      return { result: resource.type, bytes: (await resource.bytes()).length };
    }
    case 'info':
      return { result: (await client.info(path, call)).name, bytes: 0 };
    case 'send':
      return { result: (await client.send(path, body, call)).text, bytes: body.length };
    case 'remove':
      await client.remove(path, call);
      return { result: 'removed', bytes: 0 };
    case 'open':
      return conversed(await client.open(path, call), body);
    case 'check':
      return { result: Object.keys(await client.check(call)).join(', '), bytes: 0 };
  }
}

async function counted(entries: AsyncIterable<Entry>): Promise<Outcome> {
  let count = 0;
  for await (const _ of entries) count++;
  return { result: `${count} ${count === 1 ? 'entry' : 'entries'}`, bytes: 0 };
}

/** Says `body`, if there is one, and hears what comes. */
async function conversed(dialogue: Dialogue, body: string): Promise<Outcome> {
  await using open = dialogue;
  if (body !== '') await open.write(body);
  const heard = await open[Symbol.asyncIterator]().next();
  return { result: 'conversed', bytes: heard.done ? 0 : heard.value.length };
}

function record({ protocol, what, result, bytes, time, failed, dialogue }: Deed): Fields {
  return { protocol, what, result, bytes, time: Number(time.toFixed(1)), ok: !failed, dialogue: dialogue.lines };
}

function table(deeds: readonly Deed[]): string {
  const rows = deeds.map(({ what, result, bytes, time }) => [
    harmlessLine(what),
    bytes > 0 ? formatSize(bytes) : '',
    `${time.toFixed(1)} ms`,
    harmlessLine(brief(result)),
  ]);
  const titled = [['what was done', 'bytes', 'time', 'what came of it'], ...rows];
  const width = (column: number): number => Math.max(...titled.map((row) => row[column]?.length ?? 0));
  return titled
    .map(([what = '', bytes = '', time = '', result = '']) => {
      return `${what.padEnd(width(0))}  ${bytes.padStart(width(1))}  ${time.padStart(width(2))}  ${result}\n`;
    })
    .join('');
}

/** In one line that fits. */
function brief(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > LONG ? `${line.slice(0, LONG)}…` : line;
}

function dialogues(deeds: readonly Deed[], whole: boolean): string {
  return deeds
    .filter(({ dialogue }) => dialogue.lines.length > 0)
    .map(({ what, dialogue }) => {
      const lines = whole ? dialogue.lines : abridged(dialogue.lines);
      const rest = dialogue.lines.length - lines.length;
      const shown = lines.map(({ from, text }) => `  ${from}: ${harmlessLine(text)}\n`).join('');
      return `${harmlessLine(what)}\n${shown}${rest > 0 ? `  ... ${rest} more: --transcript shows them\n` : ''}`;
    })
    .join('\n');
}

/** So many lines; where there are more, those that were said come before the notes about them. */
function abridged(lines: Transcript['lines']): Transcript['lines'] {
  if (lines.length <= SHORT) return lines;
  const said = lines.filter(({ from }) => from !== '*');
  return (said.length > 0 ? said : lines).slice(0, SHORT);
}
