import { TextDecoder } from 'node:util';
import { UsageError } from '../core/errors.ts';
import type { CallOptions } from '../core/options.ts';
import type { Body } from '../core/resource.ts';
import type { TelnetDialogue } from './dialogue.ts';

/**
 * Sends a text, its last line with an end, and reads meanwhile, until the peer ends or says nothing for `idle`
 * milliseconds. Gives what was answered. Throws UsageError for octets that are no UTF-8.
 */
export async function sendLines(
  dialogue: TelnetDialogue,
  body: Body,
  idle: number,
  { signal }: CallOptions,
): Promise<string> {
  const writing = write(dialogue, body, { signal });
  // a peer that says as much as it is told must be read, or it takes no more
  const reading = dialogue.readUntilIdle(idle, { signal, after: writing });
  const [written, read] = await Promise.allSettled([writing, reading]);
  if (written.status === 'rejected') throw written.reason;
  if (read.status === 'rejected') throw read.reason;
  return read.value;
}

async function write(dialogue: TelnetDialogue, body: Body, options: CallOptions): Promise<void> {
  let last = '\n';
  for await (const text of textOf(body)) {
    if (text === '') continue;
    await dialogue.write(text, options);
    last = text;
  }
  if (!last.endsWith('\n')) await dialogue.write('\n', options);
}

/** Text in pieces that end no line in its middle of CR LF. */
async function* textOf(body: Body): AsyncGenerator<string> {
  if (typeof body === 'string') {
    yield body;
    return;
  }
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  let kept = '';
  for await (const octets of body instanceof Uint8Array ? [body] : body) {
    const text = kept + decoded(decoder, octets);
    // what a CR is, the next octet says
    kept = text.endsWith('\r') ? '\r' : '';
    yield text.slice(0, text.length - kept.length);
  }
  yield kept + decoded(decoder);
}

function decoded(decoder: TextDecoder, octets?: Uint8Array): string {
  try {
    return decoder.decode(octets, { stream: octets !== undefined });
  } catch (cause) {
    throw new UsageError('what is sent is no text in UTF-8', { protocol: 'telnet', cause });
  }
}
