/** The help, made from the declarations. */
import type { AnyProtocol, OptionSpec } from '../core/protocol.ts';
import { MEANINGS } from './exit.ts';
import { COMMANDS, commandFlags, type Plan } from './grammar.ts';
import { COMMON, dashed, type Flag, type Flags, SEND, valueName } from './options.ts';
import { hasVerb, ownFlags, type Protocols, type VerbName, verbsOf } from './task.ts';
import { LEGEND } from './text.ts';

type Row = readonly [left: string, right: string];

/** What the verbs do, whatever the protocol. */
const VERBS: Readonly<Record<VerbName, string>> = {
  list: 'what a container holds',
  fetch: 'a document, a message, a file',
  info: 'what is known of something, without its body',
  search: 'what the server finds',
  send: 'a file, or - for standard input',
  remove: 'delete something',
  open: 'a conversation: what is typed is sent',
  check: 'connect, and say who the server is and what it offers',
};

/** What follows the verb. */
const OPERANDS: Partial<Readonly<Record<VerbName, string>>> = {
  search: 'TARGET WORD...',
  send: 'TARGET FILE|-',
  open: 'TARGET [-]',
};

/** The help on what is asked for: everything, a protocol, a verb, or a command. */
export function usage(
  { protocol, verb, command }: Pick<Plan, 'protocol' | 'verb' | 'command'>,
  protocols: Protocols,
): string {
  if (command) return aboutCommand(command, protocol, protocols);
  if (verb) return aboutVerb(verb, protocol, protocols);
  return protocol ? aboutProtocol(protocol) : aboutAll(protocols);
}

function aboutAll(protocols: Protocols): string {
  return join(overview(protocols), flagSections(COMMON), notes());
}

/** What somebody sees who said nothing. */
export function overview(protocols: Protocols): string {
  return join(
    'netkit: the classic Internet protocols',
    section('Examples', examples(Object.values(protocols))),
    section('Usage', [
      ['netkit PROTOCOL VERB TARGET...', 'TARGET is host[:port][/path], or a URL'],
      ['netkit VERB URL...', 'the protocol is that of the URL'],
      ['netkit URL...', 'lists what is a container, fetches what is not'],
      ['netkit COMMAND ...', ''],
    ]),
    section(
      'Protocols',
      Object.values(protocols).map(({ name, summary }) => [name, summary]),
    ),
    section('Verbs', Object.entries(VERBS)),
    section('Commands', Object.entries(COMMANDS)),
  );
}

function notes(): string {
  return join(
    `A file of -o or -O is written beside its name and gets it at the end, in one step: it is there whole or not at all,
and only then replaces a file of that name. A symbolic link is refused.
A password is never a flag: --password-file, --password-fd, --password-stdin, --password-command, netrc, or a prompt.
Times are written 5, 5s, 500ms, 2m, none. In lists: ${LEGEND}`,
    section('Exit codes', MEANINGS),
  );
}

function aboutProtocol(protocol: AnyProtocol): string {
  const { name, summary, rfc, schemes, serve, local = {} } = protocol;
  const verbs: Row[] = verbsOf(protocol).map(([verb, spec]) => [verb, spec.summary]);
  return join(
    `netkit ${name}: ${summary}\nRFC ${rfc.join(', ')}`,
    section('Examples', examples([protocol])),
    section('Verbs', [...verbs, ['check', VERBS.check], ['serve', serve?.summary ?? 'Start a server for tests']]),
    section('URLs', [
      ...Object.entries(schemes).map(
        ([scheme, { port, tls }]): Row => [
          `${scheme}://HOST/...`,
          `port ${port}${tls === 'implicit' ? ', TLS' : tls === 'upgrade' ? ', TLS by an upgrade' : ''}`,
        ],
      ),
      ...Object.values(local).map(({ example }): Row => [example, 'no server: netkit fetch reads it']),
    ]),
    `netkit help ${name} VERB says more.`,
  );
}

function aboutVerb(verb: VerbName, protocol: AnyProtocol | undefined, protocols: Protocols): string {
  const named = protocol ? [protocol] : Object.values(protocols).filter((each) => hasVerb(each, verb));
  const operands = OPERANDS[verb] ?? 'TARGET...';
  const spec = protocol && verbsOf(protocol).find(([name]) => name === verb)?.[1];
  const flags: Flags = Object.assign({}, ...named.map((each) => ownFlags(each, verb)));
  return join(
    `netkit ${protocol ? `${protocol.name} ${verb} ${operands}` : `${verb} ${operands.replace('TARGET', 'URL')}`}`,
    `${spec?.summary ?? VERBS[verb]}.${spec?.path ? `\nThe path is ${spec.path}` : ''}`,
    section('Examples', examples(named, verb)),
    protocol
      ? ''
      : section(
          'Protocols',
          named.map((each) => [each.name, each.summary]),
        ),
    section(`Flags of ${verb}`, rows({ ...flags, ...(verb === 'send' && SEND) })),
    ...named.flatMap((each) => scripts(each, verb)),
    flagSections(commonBeside(flags, named)),
    notes(),
  );
}

/** What the scripts of a verb are, and how their steps are typed. */
function scripts(protocol: AnyProtocol, verb: VerbName): readonly string[] {
  const options = verbsOf(protocol).find(([name]) => name === verb)?.[1].options ?? {};
  return Object.values<OptionSpec>(options).flatMap(({ steps, summary }) => {
    if (!steps) return [];
    const names = Object.keys(steps).map((step) => `--${dashed(step)}`);
    return [`${names.join(', ')}: ${summary},\nin the order in which they are written. ${FORMS}`];
  });
}

const FORMS = `A pattern is text, or a regular expression: /.../, /.../i.
In keys \\r \\n \\t \\b \\e \\xHH \\u{HHHH} are those that cannot be written, \\\\ is a backslash; elsewhere text is as it is.`;

/** The common flags, but for those that are among the own ones, and those of a login where there is none. */
function commonBeside(own: Flags, protocols: readonly AnyProtocol[]): Flags {
  const logins = protocols.some(({ login }) => login);
  const wanted = Object.entries(COMMON).filter(
    ([name, { group }]) => !Object.hasOwn(own, name) && (logins || group !== 'Login'),
  );
  return Object.fromEntries(wanted);
}

function aboutCommand(command: keyof typeof COMMANDS, protocol: AnyProtocol | undefined, protocols: Protocols): string {
  const names = Object.keys(protocols).join('|');
  const forms: Readonly<Record<keyof typeof COMMANDS, string>> = {
    serve: protocol ? `netkit ${protocol.name} serve [FOLDER]` : 'netkit serve PROTOCOL...',
    demo: 'netkit demo [PROTOCOL...]',
    url: 'netkit url URL...',
    completion: 'netkit completion bash|zsh|fish',
    help: `netkit help [${names} [VERB]]`,
    version: 'netkit version',
  };
  const folders: Row[] = (protocol ? [protocol] : Object.values(protocols)).flatMap(({ name, serve }) =>
    serve && command === 'serve' ? [[name, `FOLDER: ${serve.folder}`]] : [],
  );
  return join(
    forms[command],
    COMMANDS[command],
    section('Fixtures', folders),
    section('Flags', rows(commandFlags(command))),
  );
}

/** A few lines to copy: the first verbs of each protocol. */
function examples(protocols: readonly AnyProtocol[], verb?: VerbName): readonly Row[] {
  const lines = protocols.slice(0, 3).flatMap((protocol) => {
    const [scheme = ''] = Object.keys(protocol.schemes);
    const { name } = protocol;
    const script = verb ? scriptOf(protocol, verb) : '';
    if (verb) return [`netkit ${name} ${verb} example.org${pathOf(protocol, verb)}${operandOf(verb)}${script}`];
    const verbs = verbsOf(protocol).map(([each]) => each);
    return [
      ...verbs
        .slice(0, 2)
        .map((each) => `netkit ${name} ${each} example.org${pathOf(protocol, each)}${operandOf(each)}`),
      ...(hasVerb(protocol, 'list') || hasVerb(protocol, 'fetch') ? [`netkit ${scheme}://example.org/`] : []),
    ];
  });
  return lines.map((line) => [line, '']);
}

/** One step of each kind that a script begins with. */
function scriptOf(protocol: AnyProtocol, verb: VerbName): string {
  const steps = Object.entries(ownFlags(protocol, verb)).filter(([, { script }]) => script !== undefined);
  return steps
    .slice(0, 2)
    .map(([step, flag]) => ` --${dashed(step)} ${valueName(flag).split('|')[0]}`)
    .join('');
}

/** The path that the declaration gives as an example: the first that its sentence has; none where it has none. */
function pathOf(protocol: AnyProtocol, verb: VerbName): string {
  const said = verbsOf(protocol).find(([name]) => name === verb)?.[1].path ?? '';
  return /(?<=[\s:]|^)\/\S*/.exec(said)?.[0].replace(/[,;.]$/, '') ?? '';
}

function operandOf(verb: VerbName): string {
  return verb === 'search' ? ' two words' : verb === 'send' ? ' FILE' : '';
}

function flagSections(flags: Flags): string {
  const groups = [...new Set(Object.values(flags).map(({ group }) => group))];
  return join(
    ...groups.map((group) =>
      section(
        group ?? 'Flags',
        rows(Object.fromEntries(Object.entries(flags).filter(([, flag]) => flag.group === group))),
      ),
    ),
  );
}

function rows(flags: Flags): readonly Row[] {
  return Object.entries(flags).map(([name, flag]) => [flagForm(name, flag), flag.summary]);
}

/** `-o, --output FILE`. */
export function flagForm(name: string, flag: Flag): string {
  const short = 'short' in flag && flag.short ? `-${flag.short}, ` : '    ';
  const value = flag.type === 'boolean' ? '' : ` ${valueName(flag)}`;
  return `${short}--${dashed(name)}${value}`;
}

function section(title: string, lines: readonly Row[]): string {
  if (lines.length === 0) return '';
  const width = Math.min(34, Math.max(...lines.map(([left]) => left.length)));
  return `${title}:\n${lines.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`.trimEnd()).join('\n')}`;
}

function join(...parts: readonly string[]): string {
  const text = parts.filter((part) => part !== '').map((part) => part.replace(/\n+$/, ''));
  return `${text.join('\n\n')}\n`;
}
