import { ReplyError, type ReplyReason } from '../../core/errors.ts';

/** The codes that servers agreed on (xmlrpc-epi). */
export const FAULTS = {
  PARSE_ERROR: -32700,
  SERVER_ERROR: -32600,
  APPLICATION_ERROR: -32500,
  SYSTEM_ERROR: -32400,
  TRANSPORT_ERROR: -32300,
  NOT_WELLFORMED_ERROR: -32700,
  UNSUPPORTED_ENCODING: -32701,
  INVALID_ENCODING_CHAR: -32702,
  INVALID_XMLRPC: -32600,
  METHOD_NOT_FOUND: -32601,
  INVALID_METHOD_PARAMS: -32602,
  INTERNAL_ERROR: -32603,
} as const;

const REASONS = new Map<number, ReplyReason>([
  [FAULTS.METHOD_NOT_FOUND, 'missing'],
  [FAULTS.SYSTEM_ERROR, 'busy'],
  [FAULTS.TRANSPORT_ERROR, 'busy'],
]);

/** The server understood, and its method failed. Thrown by a method of ours, it is what the client gets. */
export class XmlRpcFault extends ReplyError {
  readonly faultCode: number;
  readonly faultString: string;

  constructor(faultCode: number, faultString: string, method?: string) {
    super(`the method ${method === undefined ? '' : `${method} `}failed: ${faultString} (fault ${faultCode})`, {
      protocol: 'xmlrpc',
      command: method,
      reason: REASONS.get(faultCode) ?? 'refused',
      // it was run, and nobody knows how far
      outcome: faultCode === FAULTS.METHOD_NOT_FOUND ? 'none' : 'unknown',
      reply: { ok: false, code: `${faultCode}`, text: faultString },
    });
    this.faultCode = faultCode;
    this.faultString = faultString;
  }
}
