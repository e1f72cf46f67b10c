/** Verbs that change something, and conversations. */
import { expect } from 'chai';
import { rejection } from '../../helpers.ts';
import type { Setting } from './setting.ts';

export function describeEffects(setting: Setting): void {
  const { table } = setting;

  if (setting.has('send')) {
    it('gives a receipt for what it sends', async () => {
      await setting.using(async (client) => {
        const { text, path } = await client.send(setting.pathOf('send'), table.body ?? '');
        expect(text).to.be.a('string');
        if (path !== undefined && setting.has('fetch')) {
          expect(await (await client.fetch(path)).bytes()).to.not.have.length(0);
        }
      });
    });
  }

  if (setting.has('remove')) {
    it('no longer has what it removed', async () => {
      const path = setting.pathOf('remove');
      await setting.using((client) => client.remove(path));
      const gone = (): Promise<unknown> =>
        setting.using((client): Promise<unknown> => (setting.has('fetch') ? client.fetch(path) : client.remove(path)));
      expect(await rejection(gone)).to.include({ code: 'NETKIT_REPLY', reason: 'missing' });
    });
  }

  if (setting.has('open')) {
    it('holds a conversation', async () => {
      const { say, hear } = table.dialogue ?? { say: '', hear: '' };
      await setting.using(async (client) => {
        await using dialogue = await client.open(setting.pathOf('open'));
        await dialogue.write(say);
        expect(await dialogue.waitFor(hear)).to.include({ index: 0, match: hear });
      });
    });
  }
}
