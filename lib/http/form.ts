import type { Upload } from './upload.ts';
import type { UploadFolder } from './upload-folder.ts';

/** What a field of a form holds: text, or a file. */
export type FormValue = string | Upload;

/**
 * A form that has come: fields and files, each name as often as it came, in their order. What a name is does not depend on
 * how often it came: `first` and `all` are text, `file` and `files` are files.
 *
 * Close it (`await using form = …`): files that are too large for memory are on the disk until then.
 */
export class Form implements Iterable<readonly [name: string, value: FormValue]>, AsyncDisposable {
  /** False where it broke off: there are such only where partial forms are asked for. */
  readonly complete: boolean;
  readonly #entries: readonly (readonly [name: string, value: FormValue])[];
  readonly #folder: UploadFolder | undefined;
  #texts: Map<string, string[]> | undefined;

  constructor(
    entries: readonly (readonly [name: string, value: FormValue])[] = [],
    { complete = true, folder }: { readonly complete?: boolean; readonly folder?: UploadFolder } = {},
  ) {
    this.#entries = entries;
    this.complete = complete;
    this.#folder = folder;
  }

  /** How many fields and files there are. */
  get size(): number {
    return this.#entries.length;
  }

  /** The text of the first field of this name. */
  first(name: string): string | undefined {
    return this.#byName.get(name)?.[0];
  }

  /** The texts of all fields of this name, in their order. */
  all(name: string): string[] {
    return [...(this.#byName.get(name) ?? [])];
  }

  /** The first file of this name. */
  file(name: string): Upload | undefined {
    return this.files(name)[0];
  }

  /** The files of this name, in their order; without a name all of them. */
  files(name?: string): Upload[] {
    const files: Upload[] = [];
    for (const [own, value] of this.#entries)
      if (typeof value !== 'string' && (name === undefined || name === own)) files.push(value);
    return files;
  }

  /** Whether there is a field or a file of this name. */
  has(name: string): boolean {
    return this.#byName.has(name) || this.file(name) !== undefined;
  }

  /** The names, each once, in the order in which they came first. */
  names(): string[] {
    return [...new Set(this.#entries.map(([name]) => name))];
  }

  /** The fields that are text, in their order. */
  *fields(): Generator<readonly [name: string, value: string]> {
    for (const [name, value] of this.#entries) if (typeof value === 'string') yield [name, value];
  }

  [Symbol.iterator](): IterableIterator<readonly [name: string, value: FormValue]> {
    return this.#entries[Symbol.iterator]();
  }

  /** Removes what is on the disk. The texts stay; the files cannot be read any more. It may be closed more than once. */
  async close(): Promise<void> {
    try {
      for (const file of this.files()) await file.close();
    } finally {
      await this.#folder?.remove();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  get #byName(): Map<string, string[]> {
    if (!this.#texts) {
      this.#texts = new Map();
      for (const [name, value] of this.fields()) {
        const texts = this.#texts.get(name);
        if (texts) texts.push(value);
        else this.#texts.set(name, [value]);
      }
    }
    return this.#texts;
  }
}
