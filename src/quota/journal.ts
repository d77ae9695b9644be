import { DAY } from '#kernel/clock';
import type { OwnerAddress, OwnerSnapshot, Reservation } from '#kernel/quota';
import type { CounterKey, Tally } from './rules.ts';

/** A reservation that is over, as it is remembered for a day. */
export interface Ended extends Reservation {
  state: 'settled' | 'released' | 'expired';
  settled: number;
  endedAt: number;
  /** Settled after it had run out: booked anew, and not out of what it held. */
  late: boolean;
}

/** Everything that is exact at one moment. */
export interface Base {
  clock: number;
  counters: [CounterKey, Tally][];
  /** What may have been admitted before a crash and is not known of; it counts until `slackUntil`. */
  slack: [CounterKey, number][];
  slackUntil: number;
  /** The last entry of ended reservations that is in the counters. */
  folded: number;
}

/** How much may have been admitted since the base without a word on disk, and when the last of it runs out. */
export interface Ahead {
  amounts: [CounterKey, number][];
  latestExpiry: number;
  /** When it was written. */
  clock: number;
}

/** Ended reservations, as they were written together. */
export interface Entry {
  seq: number;
  ended: Ended[];
}

/** What of usage has been brought into D1. */
export interface Delivered {
  seq: number;
  /** Models that were seen on a day, so that past a hundred the rest count as `other`. */
  models: Record<string, string[]>;
}

export interface Loaded {
  snapshot: OwnerSnapshot | null;
  base: Base | null;
  ahead: Ahead;
  /** Reservations that were held when they were written; which of them ended since is in the entries. */
  held: Reservation[];
  /** All entries that a held reservation may be in, and all that are not in the base yet. */
  entries: Entry[];
  lastSeq: number;
}

/** What an object keeps on disk. Writes are synchronous; the runtime answers nobody before they are durable. */
export interface QuotaJournal {
  /** Rows written since the start, as they are billed. */
  readonly rowsWritten: number;
  load(): Loaded;
  saveSnapshot(snapshot: OwnerSnapshot): void;
  /** Writes ahead: what follows may be admitted from memory. */
  saveAhead(ahead: Ahead): void;
  /** One row for all that ended together. Gives its number. */
  append(ended: Ended[]): number;
  /** Writes what is exact, with what has been held since the last time; nothing is ahead of it any more. */
  saveBase(base: Base, held: Reservation[]): void;
  /** An ended reservation by its id, of the last day. */
  findEnded(id: string): Ended | null;
  /** The ids of reservations that ended and were made since. */
  endedIds(madeSince: number): string[];
  /** Entries after a point, the oldest first. */
  entriesAfter(seq: number, limit: number): Entry[];
  delivered(): Delivered;
  saveDelivered(delivered: Delivered): void;
  /** Whose object this is: an alarm has nobody who tells it. */
  address(): OwnerAddress | null;
  saveAddress(at: OwnerAddress): void;
  /**
   * Forgets what was made before `madeBefore`, has ended and was delivered, and what ran out until `now`: of both only
   * what the base has taken in, or it would go on to count the one and never count the other.
   */
  prune(madeBefore: number, now: number, delivered: number): void;
}

const NOTHING_AHEAD: Ahead = { amounts: [], latestExpiry: 0, clock: 0 };

/**
 * The journal in the object's SQLite. Rows are billed, so those that belong together are one: the state is a row for
 * each kind, and what ended or was held together is a row of many.
 */
export function sqlJournal(sql: SqlStorage): QuotaJournal {
  sql.exec(`
    create table if not exists state (name text primary key, value text not null) without rowid;
    create table if not exists ended (
      seq integer primary key autoincrement, made_until integer not null, value text not null
    );
    create table if not exists held (
      seq integer primary key autoincrement, expires_until integer not null, value text not null
    );
    drop table if exists holds; drop table if exists counters; drop table if exists clock;
    drop table if exists snapshot;
  `);
  const get = <T>(name: string): T | null => {
    const [row] = sql.exec('select value from state where name = ?', name).toArray();
    return row ? (JSON.parse(String(row.value)) as T) : null;
  };
  let rowsWritten = 0;
  const write = (query: string, ...values: SqlStorageValue[]) => {
    const cursor = sql.exec(query, ...values);
    const rows = cursor.toArray();
    rowsWritten += cursor.rowsWritten;
    return rows;
  };
  const put = (name: string, value: unknown): void => {
    write(
      'insert into state (name, value) values (?, ?) on conflict (name) do update set value = excluded.value',
      name,
      JSON.stringify(value),
    );
  };
  const toEntry = (row: Record<string, SqlStorageValue>): Entry => ({
    seq: Number(row.seq),
    ended: (JSON.parse(String(row.value)) as EndedRow[]).map(toEnded),
  });
  const lastSeq = (): number =>
    Number(
      sql.exec("select coalesce(max(seq), 0) as seq from sqlite_sequence where name = 'ended'").one().seq,
    );

  return {
    get rowsWritten() {
      return rowsWritten;
    },
    load() {
      const base = get<Base>('base');
      const held = sql
        .exec('select value from held order by seq')
        .toArray()
        .flatMap((row) => JSON.parse(String(row.value)) as Reservation[]);
      const oldest = Math.min(...held.map(({ madeAt }) => madeAt));
      const entries = sql
        .exec(
          'select seq, value from ended where seq > ? or made_until >= ? order by seq',
          base?.folded ?? 0,
          Number.isFinite(oldest) ? oldest : Number.MAX_SAFE_INTEGER,
        )
        .toArray()
        .map(toEntry);
      const ahead = get<Ahead>('ahead') ?? NOTHING_AHEAD;
      return { snapshot: get<OwnerSnapshot>('snapshot'), base, ahead, held, entries, lastSeq: lastSeq() };
    },
    saveSnapshot: (snapshot) => put('snapshot', snapshot),
    saveAhead: (ahead) => put('ahead', ahead),
    append(ended) {
      const [row] = write(
        'insert into ended (made_until, value) values (?, ?) returning seq',
        Math.max(...ended.map(({ madeAt }) => madeAt)),
        JSON.stringify(ended.map(fromEnded)),
      );
      return Number(row?.seq);
    },
    saveBase(base, held) {
      put('base', base);
      put('ahead', NOTHING_AHEAD);
      if (held.length === 0) return;
      write(
        'insert into held (expires_until, value) values (?, ?)',
        Math.max(...held.map(({ expiresAt }) => expiresAt)),
        JSON.stringify(held),
      );
    },
    findEnded(id) {
      // The last word counts: what had run out may have been settled late.
      const [row] = sql
        .exec('select seq, value from ended where instr(value, ?) > 0 order by seq desc limit 1', `["${id}"`)
        .toArray();
      return row ? (toEntry(row).ended.findLast((one) => one.id === id) ?? null) : null;
    },
    endedIds: (madeSince) =>
      sql
        .exec('select seq, value from ended where made_until >= ?', madeSince)
        .toArray()
        .flatMap((row) => toEntry(row).ended.map(({ id }) => id)),
    entriesAfter: (seq, limit) =>
      sql
        .exec('select seq, value from ended where seq > ? order by seq limit ?', seq, limit)
        .toArray()
        .map(toEntry),
    delivered: () => get<Delivered>('delivered') ?? { seq: 0, models: {} },
    saveDelivered: (delivered) => put('delivered', delivered),
    address: () => get<OwnerAddress>('address'),
    saveAddress: (at) => put('address', at),
    prune(madeBefore, now, delivered) {
      const { folded, clock } = get<Base>('base') ?? { folded: 0, clock: 0 };
      // As long as a held row may be there, so is its end.
      const madeUntil = Math.min(madeBefore, clock - DAY);
      write('delete from ended where made_until < ? and seq <= ?', madeUntil, Math.min(delivered, folded));
      write('delete from held where expires_until <= ?', Math.min(now, clock));
    },
  };
}

/** As a row of a table without names: a third of the bytes. The id comes first, so that it can be looked for. */
type EndedRow = [
  id: string,
  state: Ended['state'],
  settled: number,
  tokens: number,
  userId: string,
  keyId: string,
  model: string | null,
  test: boolean,
  madeAt: number,
  expiresAt: number,
  endedAt: number,
  late: boolean,
];

function fromEnded(one: Ended): EndedRow {
  const { id, state, settled, tokens, userId, keyId, model, test, madeAt, expiresAt, endedAt, late } = one;
  return [id, state, settled, tokens, userId, keyId, model, test, madeAt, expiresAt, endedAt, late];
}

function toEnded(row: EndedRow): Ended {
  const [id, state, settled, tokens, userId, keyId, model, test, madeAt, expiresAt, endedAt, late] = row;
  return { id, state, settled, tokens, userId, keyId, model, test, madeAt, expiresAt, endedAt, late };
}
