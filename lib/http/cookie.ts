/** A cookie as a jar keeps it. */
export interface Cookie {
  readonly name: string;
  readonly value: string;
  /** In lower case, without a dot in front. */
  readonly domain: string;
  /** Whether it is for `domain` alone, and not for what is below it. */
  readonly hostOnly: boolean;
  readonly path: string;
  /** Whether it is sent over TLS only, and on this machine. */
  readonly secure: boolean;
  /** Whether it is kept from scripts in a browser. */
  readonly httpOnly: boolean;
  readonly sameSite?: 'strict' | 'lax' | 'none';
  /** When it is over; a cookie of a session has no such time. */
  readonly expires?: Date;
  readonly created: Date;
}

/** A cookie line, and its name with its value, in octets: longer ones are not taken. */
export const MAX_LINE = 5_000;
export const MAX_PAIR = 4_096;

/** Whether text can stand in a cookie that is sent: without control characters. */
export function isPlain(text: string): boolean {
  return !/[\x00-\x1f\x7f]/.test(text);
}

export function isOver({ expires }: Cookie, now: number): boolean {
  return expires !== undefined && expires.getTime() <= now;
}
