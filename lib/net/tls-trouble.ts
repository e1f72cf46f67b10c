import { excerpt } from '../core/errors.ts';

/** What the codes of Node and OpenSSL mean, and what may help. The first that fits. */
const TROUBLES: readonly (readonly [RegExp, string])[] = [
  [/^CERT_HAS_EXPIRED$/, 'its certificate has expired: it needs a new one, or is the clock here wrong?'],
  [/^CERT_NOT_YET_VALID$/, 'its certificate is not valid yet: is the clock here right?'],
  [
    /^(?:DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN)$/,
    'its certificate is self-signed: if you know it to be right, give it (or its authority) as ca',
  ],
  [
    /^UNABLE_TO_(?:VERIFY_LEAF_SIGNATURE|GET_ISSUER_CERT(?:_LOCALLY)?)$/,
    'its certificate is from an authority that is not known here, or it leaves one out: give the authority as ca',
  ],
  [/^CERT_REVOKED$/, 'its certificate has been revoked'],
  [/^INVALID_PURPOSE$/, 'its certificate is not one for servers'],
  [
    /WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|RECORD_LAYER_FAILURE|HTTP_REQUEST|UNKNOWN_PROTOCOL/,
    'it does not speak TLS here, plain text perhaps: is the port right?',
  ],
  [/UNSUPPORTED_PROTOCOL|PROTOCOL_VERSION/, 'it has no version of TLS that is allowed here: 1.2 or newer is needed'],
  [/CERTIFICATE_REQUIRED/, 'it wants a client certificate: give cert and key'],
  [/HANDSHAKE_FAILURE|NO_SHARED_CIPHER/, 'it found nothing in common with us: does it want a client certificate?'],
  [/NO_APPLICATION_PROTOCOL/, 'it speaks none of the protocols named in alpn'],
  [/UNRECOGNIZED_NAME/, 'it does not know this name: is the host right?'],
  [/ALERT_(?:UNKNOWN_CA|BAD_CERTIFICATE|CERTIFICATE_|ACCESS_DENIED)/, 'it does not accept our client certificate'],
];

/** Says of a failed handshake what is wrong with the server. */
export function explain(error: unknown): string {
  const code = codeOf(error);
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return wrongName(error);
  const known = TROUBLES.find(([pattern]) => pattern.test(code));
  return known?.[1] ?? `the TLS handshake failed: ${excerpt(error instanceof Error ? error.message : String(error))}`;
}

/** Whether the handshake was cut, and trying again may help. */
export function wasCut(error: unknown): boolean {
  return /^(?:ECONNRESET|ECONNABORTED|EPIPE|ETIMEDOUT)$/.test(codeOf(error));
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

function wrongName(error: unknown): string {
  const cert = error instanceof Error && 'cert' in error ? error.cert : undefined;
  const names = typeof cert === 'object' && cert && 'subjectaltname' in cert ? cert.subjectaltname : undefined;
  const whose = typeof names === 'string' ? ` but for ${excerpt(names.replaceAll(/DNS:|IP Address:/g, ''))}` : '';
  return `its certificate is not for this name${whose}: is the host right, or is a servername needed?`;
}
