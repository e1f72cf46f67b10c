import type { Flow } from '../core/resource.ts';
import type { Framing } from '../wire/framing.ts';
import type { Take } from './receiver.ts';

/** A body as it is received: `over` is told its size, in octets, once it has ended. */
export function bodyOf(
  receive: <T>(take: Take<T>) => Promise<T>,
  framing: Framing,
  over: (size: number) => void,
): Flow {
  let size = 0;
  let ended = false;
  /** Gives what is there to `sink`. True at the end. */
  const take = (sink: (chunk: Buffer) => void): Take<true> => {
    const counted = (chunk: Buffer): void => {
      size += chunk.length;
      sink(chunk);
    };
    return (bytes, closed) => {
      if (!framing.take(bytes, closed, counted)) return undefined;
      ended = true;
      over(size);
      return true;
    };
  };
  return {
    get complete(): boolean | 'unknown' {
      return framing.complete;
    },
    pull: async (): Promise<Buffer | undefined> => {
      if (ended) return undefined;
      const parts: Buffer[] = [];
      const some = take((part) => parts.push(Buffer.from(part)));
      await receive((bytes, closed) => some(bytes, closed) ?? (parts.length > 0 || undefined));
      return parts.length > 1 ? Buffer.concat(parts) : parts[0];
    },
    each: async (sink: (chunk: Buffer) => void): Promise<void> => {
      if (!ended) await receive(take(sink));
    },
  };
}
