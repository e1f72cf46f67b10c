import { UsageError } from './errors.ts';

/** Names that Windows takes for devices, with any extension. */
const DEVICE = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\.|$)/i;
/** The longest name that the usual file systems take, in octets. */
const LONGEST = 255;

/**
 * A name that came from elsewhere, as the name of a file in a folder of ours: the name itself, unchanged. A dangerous
 * one is refused, never repaired, so that two names cannot become one.
 * Throws UsageError (`unsafe-name`) for a name that is empty, hidden, a path, a drive, a stream or a device, that looks
 * like an option, that ends with a dot or a space, that has control characters, or that is longer than 255 octets.
 */
export function safeName(name: string): string {
  const wrong = whatIsWrong(name);
  if (wrong) throw new UsageError(`this name ${wrong}: choose another one for the file`, { reason: 'unsafe-name' });
  return name;
}

function whatIsWrong(name: string): string | undefined {
  if (name === '') return 'is empty';
  if (/[/\\]/.test(name)) return 'is a path';
  if (/[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/.test(name)) return 'has control characters';
  if (name.startsWith('.')) return 'starts with a dot';
  if (name.startsWith('-')) return 'looks like an option';
  if (/[. ]$/.test(name)) return 'ends with a dot or a space';
  if (name.includes(':')) return 'has a colon, like a drive or a stream';
  if (DEVICE.test(name)) return 'is that of a device';
  if (/\p{Surrogate}/u.test(name)) return 'is not valid text';
  if (Buffer.byteLength(name) > LONGEST) return `is longer than ${LONGEST} octets`;
  return undefined;
}
