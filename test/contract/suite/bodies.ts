/** A body is read once, to its end, or not at all. */
import { getEventListeners } from 'node:events';
import { expect } from 'chai';
import { ReplyError, UsageError } from '../../../lib/core/errors.ts';
import { all, rejection } from '../../helpers.ts';
import type { Setting } from './setting.ts';

export function describeBodies(setting: Setting): void {
  const { table } = setting;
  const { large = '' } = table;

  it('fetches the very bytes', async () => {
    await setting.using(async (client) => {
      const resource = await setting.fetch(client);
      expect(resource.type).to.match(/^[a-z]+\/[\w.+-]+$/);
      expect((await resource.bytes()).toString('latin1')).to.equal(table.bytes?.toString('latin1'));
      expect(resource.complete).to.be.oneOf([true, 'unknown']);
    });
  });

  if (!table.pathless) describeMissing(setting);

  it('lets a body go unread, and goes on', async () => {
    await setting.using(async (client) => {
      const resource = await setting.fetchLarge(client);
      await resource.close();
      await resource.close();
      expect(await (await setting.fetch(client)).bytes()).to.deep.equal(table.bytes);
    });
    await (await setting.fetchLarge(setting.shots, setting.server.url + large, setting.options)).close();
  });

  it('lets a body be left in the middle', async () => {
    await setting.using(async (client) => {
      for await (const chunk of await setting.fetchLarge(client)) {
        expect(chunk).to.not.have.length(0);
        break;
      }
      expect(await (await setting.fetch(client)).bytes()).to.deep.equal(table.bytes);
    });
  });

  it('ends a body with the reason of the signal, and leaves the signal', async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const reason = new Error('enough');
    await setting.using(async (client) => {
      const resource = await setting.fetchLarge(client, large, { signal });
      const reading = resource.forEachChunk(() => controller.abort(reason));
      expect(await rejection(reading)).to.equal(reason);
      expect(getEventListeners(signal, 'abort')).to.have.length(0);
    });
  });

  it('gives a body once', async () => {
    await setting.using(async (client) => {
      const resource = await setting.fetch(client);
      await resource.bytes();
      for (const again of [() => resource.text(), () => all(resource), () => all(resource.lines())]) {
        expect(await rejection(again)).to.be.an.instanceOf(UsageError);
      }
    });
  });
}

function describeMissing(setting: Setting): void {
  const { missing = '' } = setting.table;

  it('says that something is missing', async () => {
    const ways = [
      () => setting.using((client) => client.fetch(missing)),
      () => setting.shots.fetch(setting.server.url + missing, setting.options),
      ...(setting.has('info') ? [() => setting.using((client) => client.info(missing))] : []),
    ];
    for (const way of ways) {
      const error = await rejection(way);
      expect(error).to.be.an.instanceOf(ReplyError);
      const { name } = setting.protocol;
      expect(error).to.include({ code: 'NETKIT_REPLY', reason: 'missing', protocol: name, temporary: false });
      expect(error).to.have.nested.property('reply.ok', false);
    }
  });
}
