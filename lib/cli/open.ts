import type { Dialogue } from '../core/verbs.ts';
import { jsonLine } from './records.ts';
import { harmless } from './terminal.ts';
import type { Context } from './verbs.ts';

/**
 * A conversation: what the other side says is printed until it ends; what is typed is sent. Standard input is read when
 * it is a terminal, or when `-` asks for it.
 */
export async function converse(
  dialogue: Dialogue,
  context: Pick<Context, 'io' | 'file' | 'values' | 'sink'>,
): Promise<void> {
  const { io, file, values, sink } = context;
  const speaks = file === '-' || (io.stdin.isTTY === true && !values.passwordStdin);
  let trouble: unknown;
  const speaking = speaks ? speak(dialogue, io.stdin) : Promise.resolve();
  speaking.catch((error: unknown) => {
    trouble = error;
    return dialogue.close();
  });
  try {
    for await (const text of dialogue) {
      const shown = sink.terminal && !values.raw ? harmless(text) : text;
      await sink.write(values.json ? jsonLine({ text }) : shown);
    }
    if (trouble !== undefined) throw trouble;
  } finally {
    if (speaks) io.stdin.destroy();
    await dialogue.close();
  }
}

/** Sends what comes, as it comes. */
async function speak(dialogue: Dialogue, input: AsyncIterable<Buffer | string>): Promise<void> {
  const decoder = new TextDecoder();
  for await (const chunk of input) {
    await dialogue.write(typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true }));
  }
}
