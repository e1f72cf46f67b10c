/** What every verb promises, whatever it does. */
import { getEventListeners } from 'node:events';
import { inspect } from 'node:util';
import { expect } from 'chai';
import { ConnectionError, NetkitError, TimeoutError, UsageError } from '../../../lib/core/errors.ts';
import type { Fault } from '../../../lib/mock/faults.ts';
import { all, rejection } from '../../helpers.ts';
import { freePort, type Setting, type Verb } from './setting.ts';

const STALLS: readonly [string, Fault][] = [
  ['says nothing', { stall: true, times: Number.POSITIVE_INFINITY }],
  ['says a little', { truncate: 2, stall: true, times: Number.POSITIVE_INFINITY }],
];

export function describeVerb(setting: Setting, verb: Verb): void {
  describe(verb, () => {
    it('gives the same to a client, to the protocol and to the package', async () => {
      const given: string[] = [];
      for (const { call } of setting.forms(verb)) {
        const { port } = setting.server;
        // what a server gives may name its port
        given.push(`${JSON.stringify(await call())}`.replaceAll(`${port}`, 'PORT'));
        await setting.restart();
      }
      expect(new Set(given).size, given.join('\n')).to.equal(1);
    });

    it('is a ConnectionError where nobody listens', async () => {
      const port = await freePort();
      const at = `${new URL(setting.server.url).protocol}//127.0.0.1:${port}${setting.pathOf(verb)}`;
      const error = await rejection(setting.perform(setting.shots, verb, at, setting.options));
      expect(error).to.be.an.instanceOf(ConnectionError);
      expect(error).to.include({ reason: 'connect', phase: 'connect', host: '127.0.0.1', port, outcome: 'none' });
    });

    it('refuses the URL of another protocol', async () => {
      for (const scheme of ['no-such', setting.protocol.name === 'gopher' ? 'pop3' : 'gopher']) {
        const at = `${scheme}://127.0.0.1/1`;
        const { shots, options } = setting;
        expect(await rejection(setting.perform(shots, verb, at, options))).to.be.an.instanceOf(UsageError);
        const late = setting.using((client) => setting.perform(client, verb, at));
        expect(await rejection(late)).to.be.an.instanceOf(UsageError);
      }
    });

    it('never throws before it has given a promise', async () => {
      const { shots, generic } = setting;
      const urls = [
        '',
        '\r\n',
        '://',
        'no-such://127.0.0.1/',
        `${setting.urlOf(verb)}%`,
        `${setting.server.url}:99999/`,
      ];
      await setting.using(async (client) => {
        for (const target of [...urls, undefined, null, 42]) {
          for (const on of [client, shots, generic]) {
            let given: unknown;
            expect(() => {
              given = Reflect.apply(on[verb], on, [target]);
            }, inspect(target)).to.not.throw();
            await consumed(given);
          }
        }
      });
    });
  });
  describeRefusals(setting, verb);
  describeAborts(setting, verb);
}

function describeRefusals(setting: Setting, verb: Verb): void {
  describe(`${verb}: what is on the wire`, () => {
    const path = setting.pathOf(verb);

    it('refuses CR, LF, NUL and what else would become another command, before anything is said', async () => {
      const evil = ['\r', '\n', '\0', '\r\n'].map((end) => `${path}${end}X-EVIL`);
      const said = await setting.using((client) =>
        setting.saidBy(async () => {
          for (const at of [...evil, ...setting.table.refused]) {
            const error = await rejection(setting.perform(client, verb, at));
            expect(error, inspect(at)).to.be.an.instanceOf(UsageError);
            expect(error, inspect(at)).to.include({ code: 'NETKIT_USAGE', outcome: 'none' });
          }
          // what would have been said has been heard before this is answered
          await setting.perform(client, verb);
        }),
      );
      await setting.restart();
      const honest = await setting.saidBy(() => setting.using((other) => setting.perform(other, verb)));
      // before it there may be a login, and behind it a farewell
      expect(honest.join('\n')).to.include(said.join('\n'));
      if (!setting.table.silent?.includes(verb)) expect(said).to.not.have.length(0);
    });

    it('never lets a character that is no ASCII become the end of a line', async () => {
      await setting.using(async (client) => {
        // in Latin-1 each of these would be CR LF
        for (const end of ['\u010d\u010a', '\u560d\u560a']) {
          await setting.perform(client, verb, `${path}${end}X-EVIL`).catch(() => {});
        }
      });
      const { lines } = setting.server.transcript;
      expect(lines.filter(({ from, text }) => from === 'C' && text.startsWith('X-EVIL'))).to.deep.equal([]);
    });
  });
}

function describeAborts(setting: Setting, verb: Verb): void {
  describe(`${verb}: its end`, () => {
    it('rejects at once with the reason of a signal that has been aborted, and says nothing', async () => {
      const reason = new Error('no longer wanted');
      const signal = AbortSignal.abort(reason);
      for (const { name, call } of setting.forms(verb, { signal }))
        expect(await rejection(call), name).to.equal(reason);
      await setting.using(async (client) => {
        const { length } = setting.server.transcript.lines;
        expect(await rejection(setting.perform(client, verb, undefined, { signal }))).to.equal(reason);
        expect(setting.server.transcript.lines).to.have.length(length);
      });
    });

    it('leaves a signal that is never aborted', async () => {
      const { signal } = new AbortController();
      for (const { name, call } of setting.forms(verb, { signal })) {
        await call();
        expect(getEventListeners(signal, 'abort'), name).to.have.length(0);
        await setting.restart();
      }
    });

    for (const [what, fault] of STALLS) {
      it(`rejects with the reason of its signal while the server ${what}, and leaves the signal`, async () => {
        await setting.using(
          async (client) => {
            const signal = await abortsWhenStalled(setting, fault, (given) =>
              setting.perform(client, verb, undefined, { signal: given }),
            );
            expect(getEventListeners(signal, 'abort')).to.have.length(0);
          },
          { timeouts: { close: 100 } },
        );
      });

      it(`does so for the protocol and for the package while the server ${what}`, async () => {
        for (const which of [1, 2]) {
          await setting.restart();
          const signal = await abortsWhenStalled(setting, fault, async (given) =>
            setting.forms(verb, { signal: given, timeouts: { close: 100 } })[which]?.call(),
          );
          expect(getEventListeners(signal, 'abort')).to.have.length(0);
        }
      });

      it(`is a TimeoutError that names the phase when the server ${what} for too long`, async () => {
        const timeouts = { idle: 100, greeting: 100, close: 100 };
        let began = 0;
        const late = setting.using(
          async (client) => {
            setting.server.faults.add(fault);
            began = performance.now();
            return setting.perform(client, verb);
          },
          { timeouts },
        );
        const error = await rejection(late);
        expect(error).to.be.an.instanceOf(TimeoutError);
        expect(error).to.include({ code: 'NETKIT_TIMEOUT', reason: 'timeout', temporary: true });
        expect(error).to.have.property('phase').that.is.oneOf(['command', 'body', 'write']);
        expect(performance.now() - began).to.be.within(90, 1_500);
      });
    }
  });
}

/** Aborts a call once the server has stalled; it must then reject, soon, with the reason. Gives the signal. */
async function abortsWhenStalled(
  { server }: Setting,
  fault: Fault,
  call: (signal: AbortSignal) => Promise<unknown>,
): Promise<AbortSignal> {
  const controller = new AbortController();
  server.faults.add(fault);
  const outcome = rejection(call(controller.signal));
  await server.waitFor(({ text }) => text.startsWith('fault:'));
  const reason = new Error('enough');
  const aborted = performance.now();
  controller.abort(reason);
  expect(await outcome).to.equal(reason);
  expect(performance.now() - aborted).to.be.lessThan(500);
  return controller.signal;
}

/** Takes what a verb gives, whatever becomes of it; a failure is one of ours, or a mistake of JavaScript. */
async function consumed(given: unknown): Promise<void> {
  try {
    if (typeof given !== 'object' || given === null)
      throw new Error(`neither a promise nor a listing: ${inspect(given)}`);
    if (Symbol.asyncIterator in given) await all(given as AsyncIterable<unknown>);
    else await ((await given) as { close?(): Promise<void> } | undefined)?.close?.();
  } catch (error) {
    if (!(error instanceof NetkitError || error instanceof TypeError)) throw error;
  }
}
