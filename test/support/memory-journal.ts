import { DAY } from '#kernel/clock';
import type { OwnerAddress, OwnerSnapshot, Reservation } from '#kernel/quota';
import type { Ahead, Base, Delivered, Ended, Entry, Loaded, QuotaJournal } from '#quota/journal';

const NOTHING_AHEAD: Ahead = { amounts: [], latestExpiry: 0, clock: 0 };
const parse = <T>(text: string) => JSON.parse(text) as T;
const madeUntil = ({ ended }: Entry) => Math.max(...ended.map(({ madeAt }) => madeAt));
const expiresUntil = (held: Reservation[]) => Math.max(...held.map(({ expiresAt }) => expiresAt));

/** A quota object's journal without a disk. Rows are kept as text, as SQLite does: nothing is shared. */
export class MemoryJournal implements QuotaJournal {
  rowsWritten = 0;
  /** How often it was written ahead. */
  writtenAhead = 0;
  private readonly state = new Map<string, string>();
  private ended: string[] = [];
  private held: string[] = [];
  private lastSeq = 0;

  load(): Loaded {
    const base = this.get<Base>('base');
    const held = this.held.flatMap((text) => parse<Reservation[]>(text));
    const oldest = Math.min(...held.map(({ madeAt }) => madeAt));
    return {
      snapshot: this.get<OwnerSnapshot>('snapshot'),
      base,
      ahead: this.get<Ahead>('ahead') ?? NOTHING_AHEAD,
      held,
      entries: this.entries().filter((one) => one.seq > (base?.folded ?? 0) || madeUntil(one) >= oldest),
      lastSeq: this.lastSeq,
    };
  }

  saveSnapshot(snapshot: OwnerSnapshot): void {
    this.put('snapshot', snapshot);
  }

  saveAhead(ahead: Ahead): void {
    this.writtenAhead += 1;
    this.put('ahead', ahead);
  }

  append(ended: Ended[]): number {
    this.rowsWritten += 1;
    this.lastSeq += 1;
    this.ended.push(JSON.stringify({ seq: this.lastSeq, ended } satisfies Entry));
    return this.lastSeq;
  }

  saveBase(base: Base, held: Reservation[]): void {
    this.put('base', base);
    this.put('ahead', NOTHING_AHEAD);
    if (held.length === 0) return;
    this.rowsWritten += 1;
    this.held.push(JSON.stringify(held));
  }

  findEnded(id: string): Ended | null {
    const all = this.entries().flatMap(({ ended }) => ended);
    return all.findLast((one) => one.id === id) ?? null;
  }

  endedIds(madeSince: number): string[] {
    const recent = this.entries().filter((one) => madeUntil(one) >= madeSince);
    return recent.flatMap(({ ended }) => ended.map(({ id }) => id));
  }

  entriesAfter(seq: number, limit: number): Entry[] {
    return this.entries()
      .filter((one) => one.seq > seq)
      .slice(0, limit);
  }

  delivered(): Delivered {
    return this.get<Delivered>('delivered') ?? { seq: 0, models: {} };
  }

  saveDelivered(delivered: Delivered): void {
    this.put('delivered', delivered);
  }

  address(): OwnerAddress | null {
    return this.get<OwnerAddress>('address');
  }

  saveAddress(at: OwnerAddress): void {
    this.put('address', at);
  }

  prune(madeBefore: number, now: number, delivered: number): void {
    // What the base does not know of yet is still needed.
    const { folded = 0, clock = 0 } = this.get<Base>('base') ?? {};
    this.ended = this.ended.filter((text) => {
      const one = parse<Entry>(text);
      const isOld = madeUntil(one) < Math.min(madeBefore, clock - DAY);
      return !isOld || one.seq > Math.min(delivered, folded);
    });
    this.held = this.held.filter((text) => expiresUntil(parse(text)) > Math.min(now, clock));
  }

  /** All that is stored, as a text to compare. */
  dump(): string {
    return JSON.stringify([[...this.state].toSorted(), this.ended, this.held]);
  }

  private get<T>(name: string): T | null {
    const text = this.state.get(name);
    return text === undefined ? null : parse<T>(text);
  }

  private put(name: string, value: unknown): void {
    this.rowsWritten += 1;
    this.state.set(name, JSON.stringify(value));
  }

  private entries(): Entry[] {
    return this.ended.map((text) => parse<Entry>(text));
  }
}
