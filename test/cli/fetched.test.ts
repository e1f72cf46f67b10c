import { spawnSync } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { Fetched } from '../../lib/cli/fetched.ts';
import { rejection } from '../helpers.ts';
import { inFolder } from './folder.ts';

/** The number of a process that has ended. */
const DEAD = spawnSync(process.execPath, ['-e', '']).pid;

const inState = (work: (path: string, folder: string) => Promise<void>) => () =>
  inFolder((folder) => work(join(folder, 'state'), folder));

describe('what --new remembers', () => {
  it(
    'is unlocked where who locked it is dead',
    inState(async (path, folder) => {
      await writeFile(`${path}.lock`, `${DEAD}:${hostname()}\n`);
      const fetched = await Fetched.open(path);
      expect(await readFile(`${path}.lock`, 'utf8')).to.equal(`${process.pid}:${hostname()}\n`);
      await fetched.close();
      expect(await readdir(folder)).to.deep.equal([]);
    }),
  );

  for (const [who, written] of [
    ['is alive', `${process.pid}:${hostname()}\n`],
    ['is on another machine', `${DEAD}:elsewhere.example\n`],
    ['has not said who it is', ''],
  ] as const) {
    it(
      `stays locked where who locked it ${who}`,
      inState(async (path) => {
        await writeFile(`${path}.lock`, written);
        const error = await rejection(Fetched.open(path));
        expect(String(error)).to.match(/the state file is locked.*remove the file .*state\.lock/);
        expect(await readFile(`${path}.lock`, 'utf8')).to.equal(written);
      }),
    );
  }

  it(
    'is not what a crash left of a line, and goes on with a line of its own',
    inState(async (path) => {
      await writeFile(path, 'a1\na2\na3');
      const fetched = await Fetched.open(path);
      expect(['a1', 'a2', 'a3', 'a35'].map((uid) => fetched.has(uid))).to.deep.equal([true, true, false, false]);
      await fetched.add('b1');
      await fetched.close();
      expect(await readFile(path, 'utf8')).to.equal('a1\na2\nb1\n');
    }),
  );
});
