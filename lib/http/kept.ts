/** Bodies that are bounded, and bodies that are kept. */
import { limitError } from '../core/errors.ts';
import type { Flow } from '../core/resource.ts';
import type { HttpAnswer } from './exchange.ts';

/** So many chunks are kept as they came. */
const MANY = 4096;

/** The same answer, whose body fails with ProtocolError (`limit`) past `max` octets. */
export function limited(answer: HttpAnswer, max: number | undefined): HttpAnswer {
  if (max === undefined) return answer;
  const { body } = answer;
  let size = 0;
  const counted = (chunk: Buffer): Buffer => {
    size += chunk.length;
    if (size > max) throw limitError('the size of a body', max, { protocol: 'http', phase: 'body' });
    return chunk;
  };
  const flow: Flow = {
    get complete(): boolean | 'unknown' {
      return body.complete;
    },
    pull: async () => {
      const chunk = await body.pull();
      return chunk && counted(chunk);
    },
    each: (sink) => body.each((chunk) => sink(counted(chunk))),
  };
  return { ...answer, body: flow };
}

/** The same answer with its body in memory, at most `max` octets of it; for more than that the body fails where it ends. */
export async function kept(answer: HttpAnswer, max: number): Promise<HttpAnswer> {
  const chunks: Buffer[] = [];
  let failure: { readonly error: unknown } | undefined;
  try {
    const { body } = limited(answer, max);
    for (let chunk = await body.pull(); chunk; chunk = await body.pull()) {
      chunks.push(chunk);
      // a server may send an octet at a time
      if (chunks.length > MANY) chunks.push(Buffer.concat(chunks.splice(0)));
    }
  } catch (error) {
    failure = { error };
  }
  const { complete } = answer.body;
  await answer.close();
  return {
    ...answer,
    body: memory(chunks.length === 0 ? [] : [Buffer.concat(chunks)], complete, failure),
    close: async () => {},
  };
}

/** A body that is there. */
export function memory(
  chunks: readonly Buffer[],
  complete: boolean | 'unknown',
  failure?: { readonly error: unknown },
): Flow {
  const left = [...chunks];
  const ended = (): void => {
    if (failure) throw failure.error;
  };
  return {
    get complete(): boolean | 'unknown' {
      return left.length > 0 ? false : complete;
    },
    pull: async () => {
      const chunk = left.shift();
      if (!chunk) ended();
      return chunk;
    },
    each: async (sink) => {
      for (let chunk = left.shift(); chunk; chunk = left.shift()) sink(chunk);
      ended();
    },
  };
}
