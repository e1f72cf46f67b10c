/** What no server should say: answers that are wrong on the wire, by what is wrong with them. */
import type { HttpHandler, HttpRaw } from '../fixture.ts';

const TEXT = 'Content-Type: text/plain\r\n';

/** Chunks with pauses, in milliseconds. */
async function* slowly(text: string, every: number): AsyncGenerator<Uint8Array> {
  for (const character of text) {
    yield Buffer.from(character);
    await new Promise((resolve) => setTimeout(resolve, every));
  }
}

function* endless(head: string, again: string): Generator<Uint8Array> {
  yield Buffer.from(head);
  const more = Buffer.from(again.repeat(64));
  for (;;) yield more;
}

/** Each as a route would have it: `{ 'GET /a': wireFaults['truncated-chunk'] }`. */
export const wireFaults = {
  'truncated-chunk': raw(`${TEXT}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n10\r\nonly a part`),
  'missing-last-chunk': raw(`${TEXT}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n`),
  'bad-chunk-size': raw(`${TEXT}Transfer-Encoding: chunked\r\n\r\nxyz\r\nhello\r\n0\r\n\r\n`),
  'length-too-large': raw(`${TEXT}Content-Length: 100\r\n\r\nhello`),
  'length-too-small': raw(`${TEXT}Content-Length: 2\r\n\r\nhello`),
  'two-lengths': raw(`${TEXT}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!`),
  'length-and-chunks': raw(`${TEXT}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n`),
  'bad-length': raw(`${TEXT}Content-Length: +5\r\n\r\nhello`),
  'reset-in-body': raw(`${TEXT}Content-Length: 100\r\n\r\nhello`, 'reset'),
  'stall-in-body': raw(`${TEXT}Content-Length: 100\r\n\r\nhello`, 'stall'),
  'stall-in-header': { raw: 'HTTP/1.1 200 OK\r\nContent-', end: 'stall' },
  'no-answer': { raw: '' },
  reset: { raw: '', end: 'reset' },
  stall: { raw: '', end: 'stall' },
  garbage: { raw: 'this is no answer of HTTP\r\n\r\n' },
  'bad-status': { raw: 'HTTP/1.1 2OO OK\r\nContent-Length: 0\r\n\r\n' },
  'bad-header': raw('no field at all\r\nContent-Length: 0\r\n\r\n'),
  'no-length': raw(`${TEXT}Connection: close\r\n\r\nhello`),
  'endless-headers': (): HttpRaw => ({ raw: endless('HTTP/1.1 200 OK\r\n', `X-More: ${'x'.repeat(100)}\r\n`) }),
  'endless-information': (): HttpRaw => ({ raw: endless('', 'HTTP/1.1 103 Early Hints\r\n\r\n') }),
  'slow-header': (): HttpRaw => ({ raw: slowly('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello', 100) }),
  'slow-body': (): HttpRaw => ({ raw: slowBody() }),
} as const satisfies Readonly<Record<string, HttpRaw | HttpHandler>>;

export type WireFault = keyof typeof wireFaults;

function raw(rest: string, end: HttpRaw['end'] = 'hangUp'): HttpRaw {
  return { raw: `HTTP/1.1 200 OK\r\n${rest}`, end };
}

async function* slowBody(): AsyncGenerator<Uint8Array> {
  yield Buffer.from(`HTTP/1.1 200 OK\r\n${TEXT}Content-Length: 50\r\n\r\n`);
  yield* slowly('x'.repeat(50), 100);
}
