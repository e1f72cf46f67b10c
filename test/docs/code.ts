/** Code in Markdown: where it stands, and whether it is true. */
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The fenced blocks of a language, in order. */
export function blocks(markdown: string, language: string): string[] {
  return [...markdown.matchAll(/^```(\w+)\n(.*?)^```$/gms)].flatMap(([, name, code = '']) =>
    name === language ? [code] : [],
  );
}

/** The blocks of a page as one program: what the first declares is there for the others, which are blocks of their own. */
export function programOf([first = '', ...others]: readonly string[]): string {
  return [first, ...others.map((block) => `{\n${block}}\n`)].join('\n');
}

/** A project in a folder, in which `netkit` is the source, checked as strictly as it is here. */
export function typeProject(folder: string): void {
  const config = {
    extends: join(ROOT, 'tsconfig.json'),
    compilerOptions: {
      typeRoots: [join(ROOT, 'node_modules/@types')],
      noUnusedLocals: false,
      noUnusedParameters: false,
      paths: {
        netkit: [join(ROOT, 'lib/index.ts')],
        'netkit/http': [join(ROOT, 'lib/http/library.ts')],
        'netkit/message': [join(ROOT, 'lib/message/index.ts')],
        'netkit/telnet': [join(ROOT, 'lib/telnet/index.ts')],
        'netkit/testing': [join(ROOT, 'lib/testing.ts')],
        'netkit/xmlrpc': [join(ROOT, 'lib/http/xmlrpc/index.ts')],
      },
    },
    include: [],
    files: ['page.ts', join(ROOT, 'lib/http/undici.d.ts')],
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
}

/** What the compiler says of `page.ts` in the folder of a project. */
export async function typeErrors(folder: string): Promise<string> {
  const compiler = join(ROOT, 'node_modules/typescript/bin/tsc');
  return new Promise((resolve) => {
    execFile(process.execPath, [compiler, '-p', folder], { cwd: ROOT }, (_error, said) => resolve(said));
  });
}
