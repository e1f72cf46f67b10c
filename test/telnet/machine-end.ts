import type { TelnetEvent } from '../../lib/telnet/events.ts';
import { type MachineParts, TelnetMachine } from '../../lib/telnet/machine.ts';
import type { TelnetOption } from '../../lib/telnet/option.ts';
import { heard } from './octets.ts';

/** A machine, and all that it says, tells and gives. Its clock stands still until it is moved. */
export class End {
  readonly machine: TelnetMachine;
  readonly written: Buffer[] = [];
  readonly events: TelnetEvent[] = [];
  readonly notes: string[] = [];
  text = '';
  /** In milliseconds. */
  time = 0;

  constructor(options: readonly TelnetOption[] = [], parts: Partial<MachineParts> = {}) {
    this.machine = new TelnetMachine({
      options,
      write: (octets) => void this.written.push(octets),
      emit: (event) => void this.events.push(event),
      note: (from, text) => void this.notes.push(`${from} ${text}`),
      now: () => this.time,
      ...parts,
    });
  }

  /** Hears octets, in a copy. How many were taken. */
  hear(octets: Uint8Array): number {
    return this.machine.receive(Buffer.from(octets), (chunk) => {
      this.text += chunk.toString('latin1');
    });
  }

  /** What it has said since the last time, as words. */
  said(): string[] {
    return heard(this.written.splice(0));
  }
}

/** An option that one end does, or lets the other do, and what it was told. */
export class Known implements TelnetOption {
  readonly code: number;
  readonly local: boolean;
  readonly remote: boolean;
  readonly told: string[] = [];

  constructor(code: number, sides: string) {
    this.code = code;
    this.local = sides.includes('local');
    this.remote = sides.includes('remote');
  }

  changed(side: string, enabled: boolean): void {
    this.told.push(`${side} ${enabled}`);
  }

  subnegotiated(data: Buffer): void {
    this.told.push(data.toString('latin1'));
  }
}
