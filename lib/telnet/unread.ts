/** Text that has come and that nobody has taken, in order. It is put together when it is taken. */
export class Unread {
  #parts: string[] = [];
  #length = 0;

  /** In characters. */
  get length(): number {
    return this.#length;
  }

  append(text: string): void {
    this.#length += text.length;
    let part = text;
    // what comes in small pieces is put together as it grows: each character a few times, and there are few parts
    for (let last = this.#parts.at(-1); last !== undefined; last = this.#parts.at(-1)) {
      if (last.length > part.length * 2 || last.length > ENOUGH) break;
      this.#parts.pop();
      part = [last, part].join('');
    }
    this.#parts.push(part);
  }

  /** All of it, without taking it. */
  peek(): string {
    if (this.#parts.length > 1) this.#parts = [this.#parts.join('')];
    return this.#parts[0] ?? '';
  }

  /** Its first characters, without taking them. */
  begin(count: number): string {
    let text = '';
    for (const part of this.#parts) {
      text += part.slice(0, count - text.length);
      if (text.length === count) break;
    }
    return text;
  }

  /** Takes the first part; '' where there is none. */
  takePart(): string {
    const part = this.#parts.shift() ?? '';
    this.#length -= part.length;
    return part;
  }

  /** Takes so many characters, which must be there. */
  take(count: number): string {
    const all = this.peek();
    this.#length -= count;
    this.#parts = this.#length > 0 ? [all.slice(count)] : [];
    return all.slice(0, count);
  }
}

const ENOUGH = 4096;
