import type { Reservation } from '#kernel/quota';
import type { Ended, QuotaJournal } from './journal.ts';
import type { Hold } from './rules.ts';

/** A reservation that is held, as it counts. */
export interface Held extends Reservation, Hold {}

/** Ended ones that are remembered whole; of older ones the journal is asked. */
const MOST_ENDED = 5000;

/** Reservations of one owner: those that are held, and those that ended within a day. */
export class Reservations {
  private readonly held = new Map<string, Held>();
  private readonly ended = new Map<string, Ended>();
  /** The ids of all that ended within a day; null until somebody asks about one. */
  private endedIds: Set<string> | null = null;
  /** Held since the exact state was written. */
  private fresh: Held[] = [];
  /** Ended, and not on disk yet. */
  private unwritten: Ended[] = [];
  private next = Number.POSITIVE_INFINITY;
  private readonly journal: QuotaJournal;

  constructor(journal: QuotaJournal, held: Held[], ended: Ended[]) {
    this.journal = journal;
    for (const one of held) this.keep(one);
    for (const one of ended) this.remember(one);
  }

  heldOf(id: string): Held | undefined {
    return this.held.get(id);
  }

  /** An ended reservation that is remembered, by its id. `since`: those made before are forgotten. */
  endedOf(id: string, since: number): Ended | null {
    const known = this.ended.get(id);
    if (known) return known.madeAt >= since ? known : null;
    this.endedIds ??= new Set(this.journal.endedIds(since));
    if (!this.endedIds.has(id)) return null;
    const found = this.journal.findEnded(id);
    return found && found.madeAt >= since ? found : null;
  }

  hold(one: Held): void {
    this.keep(one);
    this.fresh.push(one);
  }

  end(one: Ended): void {
    this.held.delete(one.id);
    this.remember(one);
    this.unwritten.push(one);
  }

  /** Takes out what has run out by `now`. */
  takeExpired(now: number): Held[] {
    if (now < this.next) return [];
    const expired = [...this.held.values()].filter(({ expiresAt }) => expiresAt <= now);
    for (const { id } of expired) this.held.delete(id);
    this.next = Number.POSITIVE_INFINITY;
    for (const { expiresAt } of this.held.values()) this.next = Math.min(this.next, expiresAt);
    return expired;
  }

  /** Whether something has ended that is not on disk. */
  get hasUnwritten(): boolean {
    return this.unwritten.length > 0;
  }

  takeUnwritten(): Ended[] {
    const unwritten = this.unwritten;
    this.unwritten = [];
    return unwritten;
  }

  /** What has been held since the last time and still is: itself, and not a later one of the same `request_id`. */
  takeFresh(): Reservation[] {
    const fresh = this.fresh.filter((one) => this.held.get(one.id) === one);
    this.fresh = [];
    return fresh.map(({ id, tokens, userId, keyId, model, test, madeAt, expiresAt }) => ({
      id,
      tokens,
      userId,
      keyId,
      model,
      test,
      madeAt,
      expiresAt,
    }));
  }

  private keep(one: Held): void {
    this.held.set(one.id, one);
    this.next = Math.min(this.next, one.expiresAt);
  }

  private remember(one: Ended): void {
    this.ended.delete(one.id);
    this.ended.set(one.id, one);
    this.endedIds?.add(one.id);
    if (this.ended.size <= MOST_ENDED) return;
    const [oldest] = this.ended.keys();
    if (oldest === undefined) return;
    // From here on only its id tells that it was there.
    this.endedIds ??= new Set(this.journal.endedIds(0));
    this.ended.delete(oldest);
  }
}
