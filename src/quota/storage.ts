import type { OwnerSnapshot } from '#kernel/quota';
import type { CounterKey, Hold, Tally } from './rules.ts';

/** A reservation and what became of it. */
export interface HoldRow extends Hold {
  id: string;
  state: 'held' | 'settled' | 'released' | 'expired';
  settled: number;
  userId: string;
  keyId: string;
  model: string | null;
  test: boolean;
  madeAt: number;
}

/** What the engine keeps. Writes are synchronous; the runtime answers nobody before they are durable. */
export interface QuotaStorage {
  snapshot(): OwnerSnapshot | null;
  saveSnapshot(snapshot: OwnerSnapshot): void;
  /** The last time that was kept; 0 where none was. */
  clock(): number;
  saveClock(now: number): void;
  counters(): [CounterKey, Tally][];
  saveCounters(tallies: [CounterKey, Tally][]): void;
  dropCounters(keys: CounterKey[]): void;
  hold(id: string): HoldRow | undefined;
  saveHold(hold: HoldRow): void;
  /** Held rows whose ttl is over. */
  expired(now: number): HoldRow[];
  /** When the next held row runs out; Infinity when none is held. */
  nextExpiry(): number;
  /** Forgets ended rows made before this time. */
  dropHolds(madeBefore: number): void;
}

/** Writes every change to the object's SQLite at once. */
export function sqlStorage(sql: SqlStorage): QuotaStorage {
  sql.exec(`
    create table if not exists snapshot (id integer primary key check (id = 1), value text not null);
    create table if not exists clock (id integer primary key check (id = 1), now integer not null);
    create table if not exists counters (
      key text primary key, used integer not null, reserved integer not null
    ) without rowid;
    create table if not exists holds (
      id text primary key, state text not null, made_at integer not null, expires_at integer not null,
      value text not null
    ) without rowid;
    create index if not exists holds_held on holds (expires_at) where state = 'held';
    create index if not exists holds_made on holds (made_at);
  `);
  // Holds of before members were counted name none.
  const toHold = (row: Record<string, SqlStorageValue>): HoldRow => {
    const hold = JSON.parse(String(row.value)) as HoldRow;
    return { ...hold, member: hold.member ?? null };
  };

  return {
    snapshot() {
      const row = sql.exec('select value from snapshot').toArray()[0];
      return row ? (JSON.parse(String(row.value)) as OwnerSnapshot) : null;
    },
    saveSnapshot(snapshot) {
      sql.exec(
        'insert into snapshot (id, value) values (1, ?) on conflict (id) do update set value = excluded.value',
        JSON.stringify(snapshot),
      );
    },
    clock: () => Number(sql.exec('select now from clock').toArray()[0]?.now ?? 0),
    saveClock(now) {
      sql.exec(
        'insert into clock (id, now) values (1, ?) on conflict (id) do update set now = excluded.now',
        now,
      );
    },
    counters: () =>
      sql
        .exec('select key, used, reserved from counters')
        .toArray()
        .map((row) => [String(row.key), { used: Number(row.used), reserved: Number(row.reserved) }]),
    saveCounters(tallies) {
      for (const [key, { used, reserved }] of tallies) {
        sql.exec(
          `insert into counters (key, used, reserved) values (?, ?, ?)
           on conflict (key) do update set used = excluded.used, reserved = excluded.reserved`,
          key,
          used,
          reserved,
        );
      }
    },
    dropCounters(keys) {
      for (const key of keys) sql.exec('delete from counters where key = ?', key);
    },
    hold(id) {
      const row = sql.exec('select value from holds where id = ?', id).toArray()[0];
      return row && toHold(row);
    },
    saveHold(hold) {
      sql.exec(
        `insert into holds (id, state, made_at, expires_at, value) values (?, ?, ?, ?, ?)
         on conflict (id) do update set state = excluded.state, made_at = excluded.made_at,
           expires_at = excluded.expires_at, value = excluded.value`,
        hold.id,
        hold.state,
        hold.madeAt,
        hold.expiresAt,
        JSON.stringify(hold),
      );
    },
    expired: (now) =>
      sql.exec("select value from holds where state = 'held' and expires_at <= ?", now).toArray().map(toHold),
    nextExpiry() {
      const row = sql.exec("select min(expires_at) as next from holds where state = 'held'").toArray()[0];
      return row?.next === null || row === undefined ? Number.POSITIVE_INFINITY : Number(row.next);
    },
    dropHolds(madeBefore) {
      sql.exec("delete from holds where made_at < ? and state <> 'held'", madeBefore);
    },
  };
}
