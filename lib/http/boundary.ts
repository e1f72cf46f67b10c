/** What stands between the parts of a form (RFC 2046 5.1.1). */
import { excerpt, limitError, ProtocolError } from '../core/errors.ts';
import { type MediaType, parseMediaType } from './media-type.ts';
import { splitOutside } from './quoted.ts';

/** 1 to 70 characters, the last of them no space. */
const BOUNDARY = /^[0-9A-Za-z'()+_,\-./:=? ]{0,69}[0-9A-Za-z'()+_,\-./:=?]$/;
const LONGEST = 8 * 1024;
const PARAMETERS = 100;

/** A Content-Type of bounded size. Throws ProtocolError (`limit`) for more than 8 KiB or 100 parameters. */
export function boundedType(value: string | undefined): MediaType {
  const text = value ?? '';
  if (text.length > LONGEST) throw limitError('a media type', LONGEST);
  if (splitOutside(text, ';').length > PARAMETERS + 1) throw limitError('the parameters of a media type', PARAMETERS);
  return parseMediaType(text);
}

/** The boundary that a Content-Type names. Throws ProtocolError where there is none, or one that cannot be. */
export function boundaryOf(parameters: ReadonlyMap<string, string>): string {
  const boundary = parameters.get('boundary');
  if (boundary === undefined)
    throw new ProtocolError('a multipart body needs a boundary, and its media type names none');
  return checkBoundary(boundary);
}

/** Throws ProtocolError for what cannot be a boundary. */
export function checkBoundary(boundary: string): string {
  if (BOUNDARY.test(boundary)) return boundary;
  throw new ProtocolError(`a boundary is 1 to 70 of the characters that RFC 2046 has for it, not ${excerpt(boundary)}`);
}
