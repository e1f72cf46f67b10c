import type { TerminalState } from '../core/verbs.ts';
import { OPTIONS } from './names.ts';
import type { OptionPort } from './option.ts';

/** What a peer expects of the terminal, by what is in use; `password`: what came last asks for one. */
export function terminalOf(port: OptionPort, password: boolean): TerminalState {
  return {
    echo: port.enabled('remote', OPTIONS.ECHO),
    characters: port.enabled('remote', OPTIONS.SGA),
    password,
  };
}

export function isSame(one: TerminalState, other: TerminalState): boolean {
  return one.echo === other.echo && one.characters === other.characters && one.password === other.password;
}
