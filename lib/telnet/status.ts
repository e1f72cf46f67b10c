import type { Connection } from '../net/connection.ts';
import type { Side } from './option.ts';

/** What is in use, in lines for a person. */
export function describeState(
  connection: Connection,
  options: readonly { readonly side: Side; readonly name: string }[],
  charset: string,
): string {
  const of = (side: Side): string =>
    options
      .filter((each) => each.side === side)
      .map(({ name }) => name)
      .join(' ') || 'nothing';
  return [
    `connected to ${connection.host} port ${connection.port}${connection.secure ? ', with TLS' : ''}`,
    `character set ${charset}`,
    `here: ${of('local')}`,
    `there: ${of('remote')}`,
  ].join('\n');
}
