/** An option of a verb, as the command line offers it. */
export interface OptionSpec {
  /**
   * `duration`: in milliseconds. `pairs`: a record, each pair given as NAME=VALUE. `steps`: a script, an array of objects
   * with one key each; the flags that make them are in `steps`, and their order is that of the command line.
   */
  readonly type: 'string' | 'number' | 'boolean' | 'duration' | 'pairs' | 'steps';
  readonly summary: string;
  /** What the value is called in the help: `--lines N`. */
  readonly value?: string;
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
