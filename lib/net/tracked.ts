import type { Flow } from '../core/resource.ts';

/**
 * A flow, and a promise of its end. One reads it at a time: who closes it while somebody waits for a part of it waits for
 * that part, too.
 */
export function tracked(flow: Flow, isUsable: () => boolean): { readonly body: Flow; readonly end: Promise<void> } {
  let over: () => void = () => {};
  const end = new Promise<void>((resolve) => {
    over = resolve;
  });
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>, isEnd: (value: T) => boolean): Promise<T> => {
    const now = last.then(async () => {
      try {
        const value = await work();
        if (isEnd(value)) over();
        return value;
      } catch (error) {
        // what has not ended it is still on its way
        if (!isUsable()) over();
        throw error;
      }
    });
    last = now.catch(() => {});
    return now;
  };
  return {
    end,
    body: {
      get complete(): boolean | 'unknown' {
        return flow.complete;
      },
      pull: () =>
        inTurn(
          () => flow.pull(),
          (chunk) => chunk === undefined || flow.complete !== false,
        ),
      each: (sink: (chunk: Buffer) => void) =>
        inTurn(
          () => flow.each(sink),
          () => true,
        ),
    },
  };
}
