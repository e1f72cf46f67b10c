/** Makes a form of the parts of a multipart body. */
import { isUtf8 } from 'node:buffer';
import { limitError, ProtocolError } from '../core/errors.ts';
import { type Decode, decoderFor, isCharset } from '../wire/charset.ts';
import { Form, type FormValue } from './form.ts';
import { type FormLimits, type FormOptions, limitsOf } from './form-options.ts';
import { Gathered } from './gathered.ts';
import { parseMediaType } from './media-type.ts';
import type { PartHandler } from './multipart-parser.ts';
import type { PartHead } from './part-head.ts';
import { isUtf8Name } from './percent.ts';
import { Upload, type UploadRules } from './upload.ts';
import { UploadFolder } from './upload-folder.ts';

const MEMORY = 64 * 1024;

/** A field whose character set is known only when all of the form has come. */
interface Undecoded {
  readonly octets: Buffer;
  /** What its part says. */
  readonly charset: string | undefined;
}

/** Parts as they come, and the form that they are. What it is told is BORROWED until `settle`. */
export class FormParts implements PartHandler {
  readonly #entries: [name: string, value: FormValue | Undecoded][] = [];
  readonly #limits: FormLimits;
  readonly #options: FormOptions;
  /** Undefined where it is UTF-8. */
  readonly #decode: Decode | undefined;
  readonly #folder: UploadFolder;
  readonly #rules: UploadRules;
  #fields = 0;
  #text = 0;
  /** The part that comes: a field, or an upload. */
  #head: PartHead | undefined;
  #upload: Upload | undefined;
  /** Of a field: its size, its only piece so far, or all of them. */
  #size = 0;
  #piece: Buffer | undefined;
  readonly #pieces = new Gathered();
  readonly #unsettled = new Set<Upload>();

  constructor(options: FormOptions, decode: Decode | undefined) {
    this.#options = options;
    this.#decode = decode;
    this.#limits = limitsOf(options.limits);
    this.#folder = new UploadFolder(options.folder);
    this.#rules = { folder: this.#folder, memory: options.memory ?? MEMORY, max: this.#limits.file };
  }

  begin(head: PartHead): void {
    const { name, fields } = this.#limits;
    if (head.name.length * 3 > name && Buffer.byteLength(head.name) > name) throw limitError('a name in a form', name);
    this.#head = head;
    if (head.filename === undefined) {
      if (++this.#fields > fields) throw limitError('the fields of a form', fields);
      return;
    }
    this.#upload = new Upload(head, this.#rules);
    this.#entries.push([head.name, this.#upload]);
  }

  body(octets: Buffer): void {
    if (this.#upload) {
      this.#upload.add(octets);
      this.#unsettled.add(this.#upload);
      return;
    }
    this.#size += octets.length;
    this.#text += octets.length;
    const { field, text } = this.#limits;
    if (this.#size > field) throw limitError('a field of a form', field);
    if (this.#text > text) throw limitError('the text of a form', text);
    if (this.#size === octets.length) this.#piece = octets;
    else {
      this.#keepPiece();
      this.#pieces.add(octets);
    }
  }

  end(): void {
    if (this.#upload) {
      this.#upload.finish();
      this.#unsettled.add(this.#upload);
    } else if (this.#head) {
      this.#entries.push([this.#head.name, this.#value(this.#piece ?? this.#pieces.octets, this.#head.type)]);
      // what was gathered has been decoded or copied, but it may have been large
      this.#pieces.take();
    }
    this.#size = 0;
    this.#head = this.#upload = this.#piece = undefined;
  }

  /** Gives back what is borrowed; undefined where nothing has to be waited for. */
  settle(): Promise<void> | undefined {
    this.#keepPiece();
    return this.#unsettled.size === 0 ? undefined : this.#settleUploads();
  }

  /** The form that has come; where it is not complete, what broke off is a file that says so, or is left out. */
  async form(complete: boolean): Promise<Form> {
    await this.settle();
    await this.#upload?.release();
    const declared = this.#entries.find(([name]) => name === '_charset_')?.[1];
    const charset = isUndecoded(declared) ? proposed(declared.octets.toString('latin1')) : undefined;
    const entries: [string, FormValue][] = [];
    for (const [name, value] of this.#entries)
      entries.push([name, isUndecoded(value) ? await this.#decoded(value, charset) : value]);
    return new Form(entries, { complete, folder: this.#folder });
  }

  /** Removes what has come. */
  async remove(): Promise<void> {
    try {
      for (const [, value] of this.#entries) if (value instanceof Upload) await value.close();
    } finally {
      await this.#folder.remove();
    }
  }

  async #settleUploads(): Promise<void> {
    for (const upload of this.#unsettled) await upload.settle();
    this.#unsettled.clear();
  }

  #keepPiece(): void {
    if (!this.#piece) return;
    this.#pieces.add(this.#piece);
    this.#piece = undefined;
  }

  #value(octets: Buffer, type: string | undefined): string | Undecoded {
    if (!this.#options.declaredCharset) return this.#textOf(octets);
    const charset = type === undefined ? undefined : parseMediaType(type).parameters.get('charset');
    return { octets: Buffer.from(octets), charset };
  }

  #textOf(octets: Buffer): string {
    if (this.#decode) return this.#decode(octets);
    if (this.#options.strict && !isUtf8(octets))
      throw new ProtocolError('a field of a form that is no UTF-8', { reason: 'decode' });
    return octets.toString('utf8');
  }

  async #decoded({ octets, charset }: Undecoded, ofForm: string | undefined): Promise<string> {
    const name = (charset === undefined ? undefined : proposed(charset)) ?? ofForm;
    if (name === undefined || isUtf8Name(name)) return this.#textOf(octets);
    return (await decoderFor(name))(octets);
  }
}

/** A character set that a form may propose. */
export function proposed(name: string): string | undefined {
  return isCharset(name) ? name : undefined;
}

function isUndecoded(value: FormValue | Undecoded | undefined): value is Undecoded {
  return typeof value === 'object' && !(value instanceof Upload);
}
