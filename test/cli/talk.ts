/** A conversation at a pretended terminal. */
import { once } from 'node:events';
import { Teletype, type TeletypeOptions } from '../../lib/cli/teletype.ts';
import { FakeKeyboard, FakeScreen, FakeTerminal } from './fake-terminal.ts';
import { Gathered } from './run.ts';

export interface Place {
  readonly peer: FakeTerminal;
  readonly keyboard: FakeKeyboard;
  readonly screen: FakeScreen;
  readonly stderr: Gathered;
  readonly stop: AbortController;
  /** Ends when the conversation does. */
  readonly over: Promise<void>;
  type(text: string | Buffer): void;
  /** The peer says something of the terminal; resolves when the terminal has heard it. */
  adapt(state: Partial<FakeTerminal['terminal']>): Promise<void>;
}

export function talk(options: Partial<TeletypeOptions> = {}): Place {
  const [peer, keyboard, screen, stderr] = [new FakeTerminal(), new FakeKeyboard(), new FakeScreen(), new Gathered()];
  const stop = new AbortController();
  const io = { stdin: keyboard, stdout: screen, stderr, env: {} };
  const teletype = new Teletype(peer, io, {
    ...{ escape: '\x1d', linger: 20, verbose: false, signal: stop.signal },
    ...options,
  });
  const over = teletype.run();
  over.catch(() => {});
  const adapt = async (state: Partial<FakeTerminal['terminal']>): Promise<void> => {
    const adapted = once(peer, 'adapted');
    peer.say(state);
    await adapted;
  };
  return { peer, keyboard, screen, stderr, stop, over, type: (text) => void keyboard.write(text), adapt };
}

/** One whose peer shows what is typed. */
export async function raw(options: Partial<TeletypeOptions> = {}): Promise<Place> {
  const place = talk(options);
  await place.adapt({ echo: true, characters: true });
  return place;
}
