/** The command as a process, over a pretended peer that asks who one is, echoes, and obeys a few words. */
import { main } from '../../lib/cli/main.ts';
import { next, protocols } from './fake-terminal.ts';

const peer = next.dialogue;
const LINES = { echo: false, characters: false, password: false };
let line = '';

/** What the peer does with a whole line. */
const WORDS: Readonly<Record<string, () => void>> = {
  raw: () => peer.say({ ...LINES, echo: true, characters: true }, 'raw> '),
  lines: () => peer.say(LINES, 'lines> '),
  password: () => peer.say({ password: true }, 'Password: '),
  'no echo': () => peer.say({ ...LINES, password: true }, 'Password: '),
  curses: () => peer.say('one\ntwo\r\n> '),
  throw: () => {
    setImmediate(() => {
      throw new Error('nobody expected this');
    });
  },
  exit: () => process.exit(3),
  bye: () => peer.end(),
};

peer.on('heard', () => {
  for (const key of peer.written.splice(0).join('')) {
    const { echo, password } = peer.terminal;
    if (echo && !password) peer.say(key === '\r' ? '\r\n' : key < ' ' ? `<${key.charCodeAt(0)}>` : key);
    if (key !== '\r' && key !== '\n') line += key;
    else {
      if (password) peer.say({ password: false });
      (WORDS[line] ?? (() => peer.say(`heard ${JSON.stringify(line)}\r\n> `)))();
      line = '';
    }
  }
});
peer.on('resized', () => peer.say(`you are ${peer.sizes.join(' ')}`));
peer.say('hello> ');
process.exitCode = await main(process.argv.slice(2), process, protocols);
