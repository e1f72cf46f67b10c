import { UsageError } from '../core/errors.ts';
import { targetOf } from '../core/protocol.ts';
import { decodeText } from '../core/url.ts';
import type { Call } from './command.ts';
import { exitCode } from './exit.ts';
import { put } from './io.ts';
import { errorRecord, type Fields, jsonLine } from './records.ts';
import { localOf, masked, type Protocols, protocolOf, withoutPassword } from './task.ts';
import { facts } from './text.ts';

/** `netkit url URL...`: the parts of a URL as netkit understands it. Nothing is connected to. */
export async function url({ io, protocols, reporter, operands, values }: Call): Promise<number> {
  if (operands.length === 0) throw new UsageError('url needs a URL');
  let code = 0;
  for (const [index, text] of operands.entries()) {
    try {
      const parts = partsOf(text, protocols);
      await put(io.stdout, values.json ? jsonLine(parts) : `${index > 0 ? '\n' : ''}${facts(parts)}`);
    } catch (error) {
      const shown = masked(withoutPassword(text));
      code ||= reporter.fail(error, undefined, shown) || exitCode(error);
      if (values.json) await put(io.stdout, jsonLine(errorRecord(error, (said) => said, shown)));
    }
  }
  return code;
}

function partsOf(text: string, protocols: Protocols): Fields {
  const protocol = protocolOf(text, protocols);
  if (localOf(protocol, text))
    return { protocol: protocol.name, scheme: text.split(':', 1)[0]?.toLowerCase(), path: text };
  const { endpoint, path } = targetOf(protocol, text);
  const { scheme, host, port, tls, user, password, auth } = endpoint;
  const container = protocol.isContainer?.(path);
  const readable = decoded(path);
  return {
    ...{ protocol: protocol.name, scheme, user, password: password && '***', auth, host, port, tls, path },
    ...(readable !== path && { decoded: readable }),
    container,
  };
}

/** The path as text; undefined where it is octets, or not a path at all. */
function decoded(path: string): string | undefined {
  try {
    return decodeText(path);
  } catch {
    return undefined;
  }
}
