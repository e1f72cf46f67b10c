import { promisify } from 'node:util';
import { brotliCompress, deflate, gzip } from 'node:zlib';
import type { HttpHandler, HttpReply, HttpRoutes, HttpSeen } from '../fixture.ts';
import { pause } from '../pause.ts';
import { inspected } from './inspect.ts';
import { intParam, secondsParam } from './params.ts';

/** The most octets of a body, lines of a stream, seconds of a wait. */
const [OCTETS, LINES, SECONDS] = [100 * 1024 * 1024, 10_000, 60];
const CHUNK = 64 * 1024;
const ALPHABET = Buffer.from('abcdefghijklmnopqrstuvwxyz');

const CODINGS = { gzip: promisify(gzip), deflate: promisify(deflate), br: promisify(brotliCompress) } as const;

function coded(coding: keyof typeof CODINGS): HttpHandler {
  return async (request) => {
    const text = `${JSON.stringify({ coding, ...(await inspected(request)) })}\n`;
    return {
      headers: { 'Content-Type': 'application/json', 'Content-Encoding': coding, Vary: 'Accept-Encoding' },
      body: await CODINGS[coding](text),
    };
  };
}

function wrong(what: string): HttpReply {
  return { status: 400, body: `${what}\n` };
}

/** Octets of the alphabet over and over: the octet at each place is known. */
function* letters(first: number, last: number): Generator<Uint8Array> {
  for (let at = first; at <= last; at += CHUNK) {
    const length = Math.min(CHUNK, last - at + 1);
    const shift = at % ALPHABET.length;
    yield Buffer.alloc(length, Buffer.concat([ALPHABET.subarray(shift), ALPHABET.subarray(0, shift)]));
  }
}

/** The same octets each time, and no pattern that a compressor would find. */
function* noise(size: number, seed: number): Generator<Uint8Array> {
  let state = seed >>> 0 || 1;
  for (let left = size; left > 0; left -= CHUNK) {
    const chunk = Buffer.allocUnsafe(Math.min(CHUNK, left));
    for (let i = 0; i < chunk.length; i++) {
      // xorshift
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      chunk[i] = state & 255;
    }
    yield chunk;
  }
}

async function* lines(request: HttpSeen, count: number): AsyncGenerator<string> {
  const { method, target } = request;
  for (let id = 0; id < count; id++) yield `${JSON.stringify({ id, method, target })}\n`;
}

async function* dripped({ signal }: HttpSeen, octets: number, every: number): AsyncGenerator<string> {
  for (let i = 0; i < octets; i++) {
    if (i > 0) await pause(every, [signal]);
    yield '*';
  }
}

async function* events({ signal }: HttpSeen, count: number, every: number): AsyncGenerator<string> {
  yield 'retry: 1000\n\n';
  for (let id = 1; id <= count; id++) {
    yield `id: ${id}\nevent: tick\ndata: {"id":${id}}\n\n`;
    if (id < count) await pause(every, [signal]);
  }
}

export const bodies: HttpRoutes = {
  '/delay/:seconds': async (request) => {
    const seconds = secondsParam(request.params.get('seconds'), SECONDS);
    if (seconds === undefined) return wrong(`0 to ${SECONDS} seconds`);
    await pause(seconds * 1_000, [request.signal]);
    return { json: await inspected(request) };
  },
  'GET /drip': (request) => {
    const { query } = request;
    const octets = intParam(query.get('numbytes') ?? '10', 0, LINES);
    const seconds = secondsParam(query.get('duration') ?? '1', SECONDS);
    if (octets === undefined || seconds === undefined) return wrong('numbytes and duration are numbers');
    const headers = { 'Content-Length': `${octets}`, 'Content-Type': 'application/octet-stream' };
    return { headers, body: dripped(request, octets, octets > 1 ? (seconds * 1_000) / (octets - 1) : 0) };
  },
  'GET /bytes/:size': ({ params, query }) => {
    const size = intParam(params.get('size'), 0, OCTETS);
    const seed = intParam(query.get('seed') ?? '1', 0, 2 ** 32 - 1);
    if (size === undefined || seed === undefined) return wrong(`0 to ${OCTETS} octets`);
    return { headers: { 'Content-Length': `${size}` }, body: noise(size, seed) };
  },
  'GET /range/:size': ({ params }) => {
    const size = intParam(params.get('size'), 0, OCTETS);
    if (size === undefined) return wrong(`0 to ${OCTETS} octets`);
    return { content: { size, open: letters }, etag: `"range-${size}"` };
  },
  'GET /stream/:count': (request) => {
    const count = intParam(request.params.get('count'), 0, LINES);
    if (count === undefined) return wrong(`0 to ${LINES} lines`);
    return { headers: { 'Content-Type': 'application/x-ndjson' }, body: lines(request, count) };
  },
  'GET /chunked': { headers: { 'Content-Type': 'text/plain; charset=utf-8' }, body: ['one, ', 'two, ', 'three\n'] },
  'GET /trailers': {
    ...{ headers: { 'Content-Type': 'text/plain; charset=utf-8' }, body: ['one, ', 'two\n'] },
    trailers: { 'X-Checksum': 'none' },
  },
  'GET /information': {
    information: [{ status: 103, headers: { Link: '</style.css>; rel=preload' } }],
    body: 'there was something before this\n',
  },
  'GET /sse': (request) => {
    const { query } = request;
    const count = intParam(query.get('count') ?? '3', 0, LINES);
    const seconds = secondsParam(query.get('every') ?? '0.1', SECONDS);
    if (count === undefined || seconds === undefined) return wrong('count and every are numbers');
    const headers = { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' };
    return { headers, body: events(request, count, seconds * 1_000) };
  },
  'GET /gzip': coded('gzip'),
  'GET /deflate': coded('deflate'),
  'GET /br': coded('br'),
  'POST /echo': (request) => {
    const type = request.headers.get('content-type');
    return { ...(type !== undefined && { headers: { 'Content-Type': type } }), body: request };
  },
};
