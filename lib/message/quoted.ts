/** Octets of a line of quoted-printable, its `=` included (RFC 2045 6.7). */
const LONGEST = 76;

/** Text in quoted-printable: UTF-8, in lines of at most 76 characters that end with CRLF. */
export function quotedPrintable(text: string): string {
  return text
    .split(/\r\n|\r|\n/)
    .map(quotedLine)
    .join('\r\n');
}

function quotedLine(line: string): string {
  let written = '';
  let length = 0;
  const octets = Buffer.from(line);
  octets.forEach((octet, i) => {
    const plain = (octet > 0x20 && octet < 0x7f && octet !== 0x3d) || (isBlank(octet) && i < octets.length - 1);
    const next = plain ? String.fromCharCode(octet) : `=${octet.toString(16).toUpperCase().padStart(2, '0')}`;
    // one is kept for the = that says that the line goes on
    if (length + next.length > LONGEST - 1) {
      written += '=\r\n';
      length = 0;
    }
    written += next;
    length += next.length;
  });
  return written;
}

function isBlank(octet: number): boolean {
  return octet === 0x20 || octet === 0x09;
}
