/** Mail and news as text: what protocols and programs share of them. */
export { formatMailbox, isAddress, type Mailbox, parseFrom, parseMailboxes } from './address.ts';
export { type Composed, type Composition, compose } from './compose.ts';
export { formatDate, parseDate } from './date.ts';
export { isMessageId, makeMessageId } from './id.ts';
export { deliver, type MaildirMessage, MaildirSink, readMaildir } from './maildir.ts';
export { type Envelope, MboxEncoder, type MboxLimits, readMbox } from './mbox.ts';
export { MboxSink } from './mbox-file.ts';
export { decodeWords, encodeWords } from './words.ts';
export { YencDecoder, type YencHeader, type YencPart } from './yenc.ts';
export { encodeYenc, YencEncoder } from './yenc-encoder.ts';
