import type { ScriptOptions } from '../core/verbs.ts';
import type { Fields } from './records.ts';
import { ownFlags, type Task } from './task.ts';

/** What the script of a task has found so far, as records, and the options by which a verb tells of it. */
export interface Scripted {
  readonly options: Omit<ScriptOptions, 'signal'>;
  readonly fields: { readonly steps?: readonly Fields[] };
}

/** Listens to the script of a task. Where its verb has none there is nothing to hear. */
export function scripted(task: Task): Scripted {
  const name = Object.values(ownFlags(task.protocol, task.verb)).find(({ script }) => script !== undefined)?.script;
  if (name === undefined) return { options: {}, fields: {} };
  const given = task.own[name];
  const script: readonly unknown[] = Array.isArray(given) ? given : [];
  const steps: Fields[] = [];
  const onFound: ScriptOptions['onFound'] = ({ match, groups, before }, step) => {
    steps.push({ step, ...patterns(script[step]), match, groups, before });
  };
  return { options: { onFound }, fields: { steps } };
}

/** A step as it was written: a regular expression is text in JSON. */
function patterns(step: unknown): Fields {
  if (typeof step !== 'object' || step === null) return {};
  return Object.fromEntries(Object.entries(step).map(([name, what]) => [name, String(what)]));
}
