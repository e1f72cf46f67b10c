/**
 * `netkit/http`: the declaration, and what HTTP is made of, for who needs a part of it by itself. The barrel `netkit` has the
 * declaration alone, which loads nothing.
 */

export { HeaderBlock } from '../wire/headers.ts';
export { type ByteRange, type ContentRange, formatRange, parseContentRange } from './byte-range.ts';
export { type Challenge, parseChallenges, parseInfo } from './challenge.ts';
export { CookieJar, type SaveOptions } from './cookie-jar.ts';
export { type Entrance, Passwords } from './credentials.ts';
export { type DataUrl, dataResource, parseDataUrl } from './data-url.ts';
export { type Disposition, parseDisposition } from './disposition.ts';
export { type ETag, isSameStrongly, isSameWeakly, parseETag } from './etag.ts';
export {
  compose,
  type Exchange,
  type HttpAnswer,
  type HttpRequest,
  type Interceptor,
  type Origin,
  type Redirection,
  type RequestBody,
  sameOrigin,
} from './exchange.ts';
export { typeOfFile } from './extensions.ts';
export { fileResource, fileUrlOf, pathOfFileUrl } from './file-url.ts';
export { Form, type FormValue } from './form.ts';
export { FORM_LIMITS, type FormLimits, type FormOptions, type FormTextOptions } from './form-options.ts';
export type { FormSource } from './form-source.ts';
export type { GivenHeaders, GivenValue } from './headers.ts';
export { escapeHtml } from './html.ts';
export { formatDate, parseDate } from './http-date.ts';
export * from './index.ts';
export { type Link, parseLinks } from './link.ts';
export { type MediaType, parseMediaType, parseParameters } from './media-type.ts';
export type { FilePart, Part, ValuePart } from './multipart.ts';
export { type MultipartOptions, MultipartParser, type PartHandler } from './multipart-parser.ts';
export { parseForm, queryForm } from './parse-form.ts';
export type { PartHead } from './part-head.ts';
export type { RedirectOptions } from './redirect.ts';
export { HttpError, HttpResource } from './resource.ts';
export type { RetryOptions } from './retry.ts';
export { type RequestRate, Robots } from './robots.ts';
export { robotsOf } from './robots-file.ts';
export { STATUS } from './status.ts';
export { type SaveUploadOptions, Upload } from './upload.ts';
export * as urls from './urls.ts';
