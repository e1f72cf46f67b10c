/** What can be learned of a server without doing anything there. */
import { optionName } from './names.ts';
import type { Side } from './option.ts';
import { MAX_NAMES } from './options/text.ts';
import type { TelnetSettings } from './settings.ts';

export interface Inquiry {
  /** With these a conversation is listened to. */
  readonly settings: Pick<TelnetSettings, 'accept' | 'onEvent'>;
  /** What has been learned, by name. */
  findings(charset: string, greeting: string): Readonly<Record<string, string>>;
}

/** How much of a greeting is told, in characters. */
const GREETING = 4096;

/** Listens to what a server offers (WILL) and asks for (DO), whether it is agreed to or not. */
export function inquire({ accept, onEvent }: TelnetSettings): Inquiry {
  const heard: Readonly<Record<Side, Set<string>>> = { local: new Set(), remote: new Set() };
  const mssp = new Map<string, readonly string[]>();
  return {
    settings: {
      accept: (side, option) => {
        heard[side].add(optionName(option));
        return accept?.(side, option);
      },
      onEvent: (event) => {
        if (event.type === 'mssp' && mssp.size < MAX_NAMES)
          for (const [name, values] of event.variables) mssp.set(name, values);
        onEvent?.(event);
      },
    },
    findings: (charset, greeting) => {
      const meta: Record<string, string> = Object.create(null);
      if (heard.remote.size > 0) meta['will'] = [...heard.remote].join(' ');
      if (heard.local.size > 0) meta['do'] = [...heard.local].join(' ');
      meta['charset'] = charset;
      if (greeting !== '') meta['greeting'] = greeting.slice(0, GREETING);
      for (const [name, values] of mssp) meta[`mssp.${name.toLowerCase()}`] = values.join(', ');
      return meta;
    },
  };
}
