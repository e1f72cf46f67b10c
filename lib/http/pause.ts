/** Waits so many milliseconds. Rejects with the reason of the first of the signals that is aborted. */
export function pause(milliseconds: number, signals: readonly (AbortSignal | undefined)[]): Promise<void> {
  const given = signals.filter((signal) => signal !== undefined);
  return new Promise((resolve, reject) => {
    const aborted = given.find((signal) => signal.aborted);
    if (aborted) return reject(aborted.reason);
    const end = (): void => {
      clearTimeout(timer);
      for (const signal of given) signal.removeEventListener('abort', abort);
    };
    const timer = setTimeout(() => {
      end();
      resolve();
    }, milliseconds);
    const abort = ({ target }: Event): void => {
      end();
      reject(target instanceof AbortSignal ? target.reason : undefined);
    };
    for (const signal of given) signal.addEventListener('abort', abort, { once: true });
  });
}
