/** Scripts that complete the words of the command, made from the declarations. Whoever updates netkit makes them anew. */
import { UsageError } from '../core/errors.ts';
import type { Call } from './command.ts';
import { say } from './command.ts';
import { COMMANDS, commandFlags, flagsOf } from './grammar.ts';
import { COMMON, dashed, type Flags } from './options.ts';
import { didYouMean } from './suggest.ts';
import { hasVerb, type Protocols, VERB_NAMES, verbsOf } from './task.ts';

/** After which words which may come: `''` is the start, `gopher fetch` two words. */
type Table = ReadonlyMap<string, readonly string[]>;

const SHELLS: Readonly<Record<string, (words: Table, flags: Table, valued: readonly string[]) => string>> = {
  bash,
  zsh,
  fish,
};

/** `netkit completion bash|zsh|fish`. */
export async function completion({ io, protocols, operands }: Call): Promise<number> {
  const [shell = '', ...more] = operands;
  const script = Object.hasOwn(SHELLS, shell) ? SHELLS[shell] : undefined;
  if (!script || more.length > 0) {
    const known = Object.keys(SHELLS);
    throw new UsageError(`say for which shell: ${known.join(', ')}${didYouMean(shell, known)}`);
  }
  return say(io, script(wordTable(protocols), flagTable(protocols), valuedFlags(protocols)));
}

function wordTable(protocols: Protocols): Table {
  const names = Object.keys(protocols);
  const table = new Map<string, readonly string[]>([
    ['', [...names, ...VERB_NAMES, ...Object.keys(COMMANDS)]],
    ['serve', names],
    ['demo', names],
    ['help', [...names, ...VERB_NAMES, ...Object.keys(COMMANDS)]],
    ['completion', Object.keys(SHELLS)],
  ]);
  for (const [name, protocol] of Object.entries(protocols)) {
    const verbs = verbsOf(protocol).map(([verb]) => verb);
    table.set(name, [...verbs, 'check', 'serve']);
    table.set(`help ${name}`, [...verbs, 'check', 'serve']);
  }
  return table;
}

function flagTable(protocols: Protocols): Table {
  const all = Object.values(protocols);
  const table = new Map([['', typed(COMMON)]]);
  for (const verb of VERB_NAMES) table.set(verb, typed(flagsOf(all, [verb])));
  for (const command of Object.keys(COMMANDS) as (keyof typeof COMMANDS)[]) {
    table.set(command, typed(commandFlags(command)));
  }
  for (const [name, protocol] of Object.entries(protocols)) {
    for (const verb of VERB_NAMES)
      if (hasVerb(protocol, verb)) table.set(`${name} ${verb}`, typed(flagsOf([protocol], [verb])));
    table.set(`${name} serve`, typed(commandFlags('serve')));
  }
  return table;
}

function typed(flags: Flags): readonly string[] {
  return Object.entries(flags).flatMap(([name, { short }]) => [`--${dashed(name)}`, ...(short ? [`-${short}`] : [])]);
}

/** The flags after which a value stands: files are offered there, as good as any. */
function valuedFlags(protocols: Protocols): readonly string[] {
  const flags = { ...flagsOf(Object.values(protocols), VERB_NAMES), ...commandFlags('serve') };
  return typed(Object.fromEntries(Object.entries(flags).filter(([, { type }]) => type !== 'boolean')));
}

/** The words before the cursor without flags and their values, as a shell function gathers them; the same in bash and zsh. */
function gather(valued: readonly string[], words: string, last: string): string {
  return `  local key="" word skip=0 n=0
  for word in ${words}; do
    if [ "$skip" = 1 ]; then skip=0; continue; fi
    case "$word" in
      ${valued.join('|')}) skip=1; continue ;;
      -*) continue ;;
    esac
    n=$((n + 1))
    if [ "$n" -le 2 ]; then key="\${key:+$key }$word"; fi
  done
  if [ "$skip" = 1 ]; then ${last}; return; fi`;
}

function cases(table: Table, variable: string): string {
  const arms = [...table].map(([key, words]) => `    "${key}") ${variable}="${words.join(' ')}" ;;`);
  return `  case "$key" in\n${arms.join('\n')}\n  esac`;
}

function flagCases(table: Table): string {
  const arms = [...table].map(
    ([key, words]) => `    "${key}"${key ? `|"${key} "*` : ''}) flags="${words.join(' ')}" ;;`,
  );
  // The longer keys stand first: the first arm that fits is taken.
  const sorted = arms.sort(
    (a, b) => (b.split('"')[1]?.split(' ').length ?? 0) - (a.split('"')[1]?.split(' ').length ?? 0),
  );
  return `  case "$key" in\n${sorted.join('\n')}\n    *) flags="${table.get('')?.join(' ')}" ;;\n  esac`;
}

function bash(words: Table, flags: Table, valued: readonly string[]): string {
  return `# netkit completion bash > ~/.local/share/bash-completion/completions/netkit
_netkit() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" next="" flags=""
  COMPREPLY=()
${gather(valued, `"\${COMP_WORDS[@]:1:COMP_CWORD-1}"`, ':')}
${cases(words, 'next')}
${flagCases(flags)}
  if [ "\${cur:0:1}" = - ]; then COMPREPLY=($(compgen -W "$flags" -- "$cur"))
  else COMPREPLY=($(compgen -W "$next" -- "$cur")); fi
}
# where nothing is offered: files
complete -o default -F _netkit netkit
`;
}

function zsh(words: Table, flags: Table, valued: readonly string[]): string {
  return `#compdef netkit
# netkit completion zsh > a file _netkit in a folder of $fpath
_netkit() {
  local next="" flags=""
${gather(valued, `"\${(@)words[2,CURRENT-1]}"`, '_files')}
${cases(words, 'next')}
${flagCases(flags)}
  if [[ "\${words[CURRENT]}" == -* ]]; then compadd -- \${=flags}
  elif [ -n "$next" ]; then compadd -- \${=next}
  else _files; fi
}
# read from $fpath this file is the function itself; sourced, it registers one
if [ "\${funcstack[1]}" = _netkit ]; then _netkit "$@"; else compdef _netkit netkit; fi
`;
}

function fish(words: Table, flags: Table, valued: readonly string[]): string {
  const arms = (table: Table, more: string): string =>
    [...table]
      .map(([key, list]) => {
        const keys = `'${key}'${key && more ? ` '${key}${more}'` : ''}`;
        return `        case ${keys}\n            printf '%s\\n' ${list.join(' ')}`;
      })
      .join('\n');
  return `# netkit completion fish > ~/.config/fish/completions/netkit.fish
function __netkit_key
    set -l key
    set -l skip 0
    for word in (commandline -opc)[2..-1]
        if test $skip = 1
            set skip 0
        else if contains -- $word ${valued.join(' ')}
            set skip 1
        else if not string match -q -- '-*' $word
            set -a key $word
        end
    end
    string join ' ' $key[1..2]
end
function __netkit_words
    switch (__netkit_key)
${arms(words, '')}
    end
end
function __netkit_flags
    switch (__netkit_key)
${arms(flags, ' *')}
        case '*'
            printf '%s\\n' ${flags.get('')?.join(' ')}
    end
end
complete -c netkit -n 'count (__netkit_words) >/dev/null' -f
complete -c netkit -a '(__netkit_words)'
complete -c netkit -n 'string match -q -- "-*" (commandline -ct)' -f -a '(__netkit_flags)'
`;
}
