/** An option of a verb, as the command line offers it. */
export interface OptionSpec {
  /**
   * `duration`: in milliseconds. `size`: in octets. `pairs`: a record, each pair given as NAME=VALUE; a list of pairs where
   * there may be many of a name. `headers`: a list of pairs, each given as `Name: value`, or a file of such lines as @FILE,
   * whose values are Secrets. `parts`: a list of `{ name, value }`, and of `{ name, file }` where @FILE is given as the value.
   * `range`: `{ first, last }` or `{ suffix }`. `date`: a Date; @FILE is when that file was changed. `json`: what it says.
   * `steps`: a script, an array of objects with one key each; the flags that make them are in `steps`, and their order is
   * that of the command line.
   */
  readonly type:
    | 'string'
    | 'number'
    | 'boolean'
    | 'duration'
    | 'size'
    | 'pairs'
    | 'headers'
    | 'parts'
    | 'range'
    | 'date'
    | 'json'
    | 'steps';
  readonly summary: string;
  /** What the value is called in the help: `--lines N`. */
  readonly value?: string;
  /** The name of the flag, where that is not the option's: `maxRedirects`. */
  readonly flag?: string;
  /** One letter. */
  readonly short?: string;
  /** The only values there are. */
  readonly choices?: readonly string[];
  /** May be given several times: then the option is a list. */
  readonly many?: true;
  /** A flag that says no: the option is false then. */
  readonly off?: { readonly flag: string; readonly summary: string };
  /** It is what is sent, instead of a file. */
  readonly isBody?: true;
  /** For `headers`: names, in lower case, whose values nobody should read in a list of processes. */
  readonly secret?: readonly string[];
  /** For `steps`: the key of each kind of step, which is its flag, too. `{ expect: … }` makes `--expect` and `{ expect }`. */
  readonly steps?: Readonly<Record<string, StepSpec>>;
}

/** One kind of step of a script. */
export interface StepSpec {
  /**
   * `text`: as it is, and it may be empty. `keys`: with `\r \n \t \b \e \xHH \u{H…} \\` as keys that cannot be written.
   * `pattern`: text, or a RegExp where it is written `/…/` or `/…/i`.
   */
  readonly type: 'text' | 'keys' | 'pattern';
  readonly summary: string;
  readonly value?: string;
  /** The only values there are; letters of either case are typed for them. */
  readonly choices?: readonly string[];
}
