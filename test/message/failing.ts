import { open } from 'node:fs/promises';

/**
 * Runs something while a method of all open files writes, where it writes, half of what it is given, and then fails, as
 * on a disk that is full.
 */
export async function failing(method: 'appendFile' | 'sync', work: () => Promise<void>): Promise<void> {
  const probe = await open(process.execPath);
  const files = Object.getPrototypeOf(probe);
  await probe.close();
  const sound = files[method];
  files[method] = async function (...args: unknown[]): Promise<void> {
    const [data] = args;
    if (data instanceof Uint8Array) await sound.call(this, data.subarray(0, Math.ceil(data.length / 2)));
    if (typeof data !== 'string') throw new Error('no space left on device');
  };
  try {
    await work();
  } finally {
    files[method] = sound;
  }
}
