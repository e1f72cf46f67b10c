import type { TelnetFixture } from './fixture.ts';
import { big, echo, helpOf, who } from './server/commands.ts';

const SUMMARIES = {
  help: 'this list',
  'echo TEXT': 'says it again',
  who: 'what your client told of itself, and which options are in use',
  'big N': 'N lines of 64 octets, numbered',
  colours: 'text in colours',
  count: 'a number each second, until you interrupt it (^C)',
  secret: 'asks for something without echo',
  exit: 'ends the session',
};

const COLOURS = ['red', 'green', 'yellow', 'blue', 'magenta', 'cyan'];

/** A small menu behind a login: what `netkit demo` and `netkit telnet serve` without a folder have. */
export const fixture: TelnetFixture = {
  banner: 'Welcome to the netkit Telnet server.\n',
  users: { user: 'password' },
  motd: 'Say help for what there is.\n',
  commands: {
    help: helpOf(SUMMARIES),
    echo,
    who,
    big,
    colours: COLOURS.map((name, i) => `\x1b[3${i + 1}m${name}\x1b[0m\n`).join(''),
    count: (_, __, ___, signal) => numbers(signal),
    secret: async (session) => {
      const secret = await session.readLine({ prompt: 'Something secret: ', secret: true });
      return secret === undefined ? undefined : `That has ${secret.length} characters.`;
    },
  },
};

async function* numbers(signal: AbortSignal): AsyncGenerator<string> {
  for (let i = 1; ; i++) {
    yield `${i}\n`;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, 1_000);
      signal.addEventListener('abort', () => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
}
