import type { LoginWords, TelnetScript } from '../fixture.ts';
import type { TelnetSession } from './session.ts';

const WORDS = { user: 'login: ', password: 'Password: ', incorrect: 'Login incorrect', tries: 3 } as const;

/**
 * Asks for a user and a password until they are right; gives the user, or undefined when the client has ended, or has
 * tried too often. Faults of the verbs `login` and `password` befall what is said to each.
 */
export async function logIn(session: TelnetSession, { users = {}, login }: TelnetScript): Promise<string | undefined> {
  const words = { ...WORDS, ...given(login) };
  const known = new Map(Object.entries(users));
  for (let tries = 0; tries < words.tries; tries++) {
    const user = await askUser(session, words.user);
    if (user === undefined) return undefined;
    if (await session.faulted('login')) continue;
    const password = await session.readLine({ prompt: words.password, secret: true });
    if (password === undefined) return undefined;
    if (await session.faulted('password')) continue;
    if (known.get(user) === password) return user;
    await session.write(`${words.incorrect}\n`);
    await session.finish();
  }
  return undefined;
}

/** A name; an empty line is asked again, as often as a client likes to press a key. */
async function askUser(session: TelnetSession, prompt: string): Promise<string | undefined> {
  for (;;) {
    const user = await session.readLine({ prompt });
    if (user !== '') return user?.trim();
  }
}

/** What is undefined is not said. */
function given(words: LoginWords = {}): Partial<typeof WORDS> {
  return Object.fromEntries(Object.entries(words).filter(([, value]) => value !== undefined));
}
