import { Interrupted } from './exit.ts';
import type { Io } from './io.ts';

/** Asks a person for a secret on a terminal, without echo. Throws Interrupted for Ctrl-C, and the reason of an abort. */
export async function askSecret(io: Io, question: string, signal: AbortSignal): Promise<string> {
  const { stdin, stderr } = io;
  stderr.write(question);
  stdin.setRawMode?.(true);
  stdin.resume();
  try {
    return await new Promise<string>((resolve, reject) => {
      const leave = (): void => {
        stdin.off('data', onData).off('end', onEnd);
        signal.removeEventListener('abort', onAbort);
      };
      const line = new SecretLine();
      const onData = (chunk: Buffer | string): void => {
        const outcome = line.push(chunk.toString());
        if (outcome === undefined) return;
        leave();
        if (outcome === 'interrupt') reject(new Interrupted('SIGINT'));
        else resolve(line.text);
      };
      const onEnd = (): void => {
        leave();
        resolve(line.text);
      };
      const onAbort = (): void => {
        leave();
        reject(signal.reason);
      };
      stdin.on('data', onData).on('end', onEnd);
      signal.addEventListener('abort', onAbort);
      if (signal.aborted) onAbort();
    });
  } finally {
    stdin.setRawMode?.(false);
    stdin.pause();
    stderr.write('\n');
  }
}

/** What has been typed: Enter and Ctrl-D end it, Backspace takes one back, Ctrl-U all. */
export class SecretLine {
  #characters: string[] = [];

  get text(): string {
    return this.#characters.join('');
  }

  push(typed: string): 'done' | 'interrupt' | undefined {
    for (const character of typed) {
      if (character === '\r' || character === '\n' || character === '\x04') return 'done';
      if (character === '\x03') return 'interrupt';
      if (character === '\x7f' || character === '\b') this.#characters.pop();
      else if (character === '\x15') this.#characters = [];
      else this.#characters.push(character);
    }
    return undefined;
  }
}
