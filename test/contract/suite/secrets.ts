/** A password is sent, and shown nowhere. */
import { inspect } from 'node:util';
import { expect } from 'chai';
import type { ConnectOptions } from '../../../lib/core/options.ts';
import type { Client } from '../../../lib/core/verbs.ts';
import type { Setting } from './setting.ts';

export function describeSecrets(setting: Setting): void {
  it('shows a password nowhere: in no transcript, no error, no client', async () => {
    const { user, password } = setting.table.login ?? { user: 'ann', password: 'hunter2-sésame' };
    const wrong = `${password}-is-wrong`;
    const shown: unknown[] = [];
    const attempt = async (target: string, options: ConnectOptions): Promise<void> => {
      const done: Promise<Client> = setting.protocol.connect(target, { ...setting.table.options, ...options });
      shown.push(await done.then(look, (error) => error));
    };
    const { protocol, host } = new URL(setting.server.url);
    for (const word of [password, wrong]) {
      await attempt(`${protocol}//${user}:${encodeURIComponent(word)}@${host}/`, {});
      await attempt(setting.server.url, { user, password: word });
    }
    // a URL that is refused is not repeated
    await attempt(`${protocol}//${user}:${encodeURIComponent(password)}@${host}:99999/`, {});
    await attempt(`no-such://${user}:${encodeURIComponent(password)}@${host}/`, {});
    shown.push(setting.server.transcript.lines, String(setting.server.transcript));

    const text = shown
      .map((each) => `${inspect(each, { depth: 9, showHidden: true })}\n${JSON.stringify(each)}`)
      .join('\n');
    const encoded = [password, `\0${user}\0${password}`].map((each) => base64(each));
    for (const secret of [password, encodeURIComponent(password), ...encoded]) expect(text).to.not.include(secret);
  });
}

async function look(client: Client): Promise<unknown> {
  const shown = [inspect(client, { depth: 9, showHidden: true }), client.endpoint, String(client.endpoint.password)];
  await client.close();
  return shown;
}

/** Without the end, which depends on what follows. */
function base64(text: string): string {
  const whole = Buffer.from(text);
  return whole.subarray(0, whole.length - (whole.length % 3)).toString('base64');
}
