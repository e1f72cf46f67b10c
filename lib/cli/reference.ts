import type { AnyProtocol, OptionSpec, VerbSpec } from '../core/protocol.ts';
import { dashed, type Flag, flagsFor, valueName } from './options.ts';

/** The declarations as a page: `docs/protocols.md`. */
export function reference(protocols: Readonly<Record<string, AnyProtocol>>): string {
  const head = '# Protocols\n\nThis page is made from the declarations: `npm run docs`.\n';
  return [head, ...Object.values(protocols).map(page)].join('\n');
}

function page({ name, summary, rfc, schemes, verbs, serve }: AnyProtocol): string {
  const rfcs = rfc.map((number) => `[RFC ${number}](https://www.rfc-editor.org/rfc/rfc${number})`).join(', ');
  const ports = Object.entries(schemes).map(([scheme, { port, tls }]) => {
    return `\`${scheme}://\` (port ${port}${tls ? `, TLS ${tls === 'implicit' ? 'from the first byte' : 'by upgrade'}` : ''})`;
  });
  const rows = Object.entries<VerbSpec>(verbs).map(([verb, spec]) => {
    const options = Object.entries(spec.options ?? {}).map(([option, about]) => describe(option, about as OptionSpec));
    return `| \`${verb}\` | ${spec.summary} | ${spec.path ?? ''} | ${options.join('<br>')} |`;
  });
  return [
    `## ${name}`,
    '',
    `${summary}. ${rfcs}. ${ports.join(', ')}.`,
    '',
    '| verb | what it does | path | options |',
    '| --- | --- | --- | --- |',
    ...rows,
    ...(serve ? ['', `\`netkit ${name} serve [FOLDER]\`: ${serve.summary}. The folder: ${serve.folder}.`] : []),
    '',
  ].join('\n');
}

/** An option by its flag; the steps of a script by theirs. */
function describe(name: string, spec: OptionSpec): string {
  const flags = Object.entries(flagsFor({ [name]: spec })).map(([flag, about]) => form(flag, about));
  const { type, summary } = spec;
  if (type !== 'steps') return flags.join('<br>');
  return [`\`${name}\`: ${summary}, by these flags in their order:`, ...flags].join('<br>');
}

function form(name: string, flag: Flag): string {
  const value = flag.type === 'boolean' ? '' : ` ${valueName(flag)}`;
  return `\`--${dashed(name)}${value.replaceAll('|', '\\|')}\`: ${flag.summary}`;
}
