import type { Gathers } from '../core/verbs.ts';
import { deliver } from './deliver.ts';
import { Fetched, statePath } from './fetched.ts';
import { put } from './io.ts';
import { MessageNames } from './names.ts';
import { openSinkOf } from './store.ts';
import { AllOptions, type Task } from './task.ts';
import type { Context } from './verbs.ts';

/**
 * Everything in a container, one after another: each is stored, to the disk where that is asked for, before it counts as
 * fetched. What `--new` knows is left out. One that the server refuses keeps no other from its turn.
 */
export async function fetchAll(task: Task, client: Gathers, context: Context): Promise<void> {
  const { io, values, call, fail } = context;
  const { onlyNew, state } = AllOptions.of(task);
  const names = new MessageNames(task);
  let count = 0;
  const fetched = onlyNew ? await Fetched.open(state ?? statePath(task, io), call.signal) : undefined;
  try {
    const known = (uid: string): boolean => fetched?.has(uid) ?? false;
    const refused = values.failFast ? undefined : fail;
    for await (const resource of client.fetchAll(task.path, { ...call, known, refused })) {
      const uid = resource.meta['uid'] ?? resource.path;
      const sink = await openSinkOf(uid, task, { io, values, names });
      try {
        await deliver(resource, { ...context, sink });
        await sink.commit();
      } catch (error) {
        await sink.discard();
        throw error;
      }
      await fetched?.add(uid);
      count++;
    }
    await fetched?.settle();
    if (!values.quiet && io.stderr.isTTY) await put(io.stderr, `netkit: ${summary(count, onlyNew)} (${task.url})\n`);
  } finally {
    await fetched?.close();
  }
}

function summary(count: number, onlyNew: boolean): string {
  return `${count} ${onlyNew ? 'new ' : ''}${count === 1 ? 'message' : 'messages'} fetched`;
}
