import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT: string = fileURLToPath(new URL('../..', import.meta.url));

/** What a program said and how it ended. */
export interface Ran {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Both, for messages. */
  readonly said: string;
}

/** Runs a program, without what `npm` tells the programs that it runs itself. Never throws for what it says. */
export async function run(
  program: string,
  args: readonly string[],
  { cwd, env = {} }: { cwd: string; env?: NodeJS.ProcessEnv },
): Promise<Ran> {
  const clean = Object.entries(process.env).filter(([name]) => !/^(?:npm_|NODE_OPTIONS|NODE_V8_COVERAGE)/i.test(name));
  return new Promise((resolve) => {
    const options = { cwd, env: { ...Object.fromEntries(clean), ...env }, maxBuffer: 64 * 1024 * 1024 };
    execFile(program, args, options, (error, stdout, stderr) => {
      const status = typeof error?.code === 'number' ? error.code : error ? 1 : 0;
      resolve({ status, stdout, stderr, said: `${program} ${args.join(' ')}\n${stdout}${stderr}` });
    });
  });
}

/** The same, where it must succeed; gives what it said on standard output. */
export async function must(...args: Parameters<typeof run>): Promise<string> {
  const { status, stdout, said } = await run(...args);
  if (status !== 0) throw new Error(`status ${status} of ${said}`);
  return stdout;
}

/** A project that has installed the package as it would be published, in a folder of its own. */
export class Consumer {
  readonly folder: string;
  readonly tarball: string;
  /** The paths in the tarball. */
  readonly files: readonly string[];

  private constructor(folder: string, tarball: string, files: readonly string[]) {
    this.folder = folder;
    this.tarball = tarball;
    this.files = files;
  }

  static async make(): Promise<Consumer> {
    const folder = await mkdtemp(join(tmpdir(), 'netkit-package-'));
    try {
      return await Consumer.#install(folder);
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
  }

  static async #install(folder: string): Promise<Consumer> {
    const told = await must('npm', ['pack', '--json', '--pack-destination', folder], { cwd: ROOT });
    const [{ filename, files }] = JSON.parse(told) as [{ filename: string; files: { path: string }[] }];
    const tarball = join(folder, 'netkit.tgz');
    await rename(join(folder, filename), tarball);
    await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'consumer', private: true, type: 'module' }));
    const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'];
    await must('npm', ['install', ...flags, './netkit.tgz'], { cwd: folder });
    const paths = files.map(({ path }) => path);
    return new Consumer(folder, tarball, paths);
  }

  /** Runs a program of this project's folder. */
  async run(program: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<string> {
    return must(program, args, { cwd: this.folder, env });
  }

  async write(name: string, text: string): Promise<string> {
    await writeFile(join(this.folder, name), text);
    return join(this.folder, name);
  }

  /** The modules that Node loads for some code, as URLs. */
  async loadedBy(code: string): Promise<string[]> {
    const reports = await mkdtemp(join(this.folder, 'loaded-'));
    await this.run(process.execPath, ['-e', code], { NODE_V8_COVERAGE: reports });
    const names = await readdir(reports);
    const texts = await Promise.all(names.map((name) => readFile(join(reports, name), 'utf8')));
    return texts.flatMap((text) => (JSON.parse(text) as { result: { url: string }[] }).result.map(({ url }) => url));
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}
