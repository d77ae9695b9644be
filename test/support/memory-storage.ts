import type { OwnerSnapshot } from '#kernel/quota';
import type { Tally } from '#quota/rules';
import type { HoldRow, QuotaStorage } from '#quota/storage';

/** A quota object's storage without a disk. Rows are kept as text, as SQLite does: nothing is shared. */
export class MemoryStorage implements QuotaStorage {
  private saved: string | null = null;
  private at = 0;
  private readonly tallies = new Map<string, string>();
  private readonly holds = new Map<string, string>();

  snapshot(): OwnerSnapshot | null {
    return this.saved === null ? null : (JSON.parse(this.saved) as OwnerSnapshot);
  }

  saveSnapshot(snapshot: OwnerSnapshot): void {
    this.saved = JSON.stringify(snapshot);
  }

  clock(): number {
    return this.at;
  }

  saveClock(now: number): void {
    this.at = now;
  }

  counters(): [string, Tally][] {
    return [...this.tallies].map(([key, text]) => [key, JSON.parse(text) as Tally]);
  }

  saveCounters(tallies: [string, Tally][]): void {
    for (const [key, tally] of tallies) this.tallies.set(key, JSON.stringify(tally));
  }

  dropCounters(keys: string[]): void {
    for (const key of keys) this.tallies.delete(key);
  }

  hold(id: string): HoldRow | undefined {
    return this.rows().find((hold) => hold.id === id);
  }

  saveHold(hold: HoldRow): void {
    this.holds.set(hold.id, JSON.stringify(hold));
  }

  expired(now: number): HoldRow[] {
    return this.rows().filter(({ state, expiresAt }) => state === 'held' && expiresAt <= now);
  }

  nextExpiry(): number {
    return Math.min(...this.rows().flatMap((hold) => (hold.state === 'held' ? [hold.expiresAt] : [])));
  }

  dropHolds(madeBefore: number): void {
    for (const { id, state, madeAt } of this.rows()) {
      if (state !== 'held' && madeAt < madeBefore) this.holds.delete(id);
    }
  }

  /** All that is stored, as a text to compare. */
  dump(): string {
    return JSON.stringify([this.saved, [...this.tallies].toSorted(), [...this.holds].toSorted()]);
  }

  private rows(): HoldRow[] {
    return [...this.holds.values()].map((text) => JSON.parse(text) as HoldRow);
  }
}
