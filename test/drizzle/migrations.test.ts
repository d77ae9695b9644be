import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';

const folder = resolve(import.meta.dirname, '../../drizzle');
const files = readdirSync(folder)
  .filter((file) => file.endsWith('.sql'))
  .sort();
const sqlOf = (file: string) => readFileSync(join(folder, file), 'utf8');

describe('migrations', () => {
  it.each(files)(
    '%s only creates and adds: D1 would lose the children of a table that is rebuilt',
    (file) => {
      expect(sqlOf(file)).not.toMatch(/__new_|drop\s+table|on\s+delete\s+cascade|rename\s+to/i);
    },
  );

  it.each(files.map((_, index) => index))(
    'upgrade a filled database from before number %i, and keep its rows',
    (first) => {
      const db = new DatabaseSync(':memory:');
      apply(db, files.slice(0, first));
      if (first > 0) fill(db);
      const before = counts(db);
      apply(db, files.slice(first));
      const after = counts(db);
      for (const [table, rows] of Object.entries(before))
        expect(after[table], table).toBeGreaterThanOrEqual(rows);
      expect(db.prepare('pragma foreign_key_check').all()).toEqual([]);
      expect(db.prepare('pragma integrity_check').all()).toEqual([{ integrity_check: 'ok' }]);
    },
  );

  it.each([
    ['an order whose amounts do not add up', 'update orders set discount_amount = 1'],
    ['a paid order without a time', "update orders set status = 'paid'"],
    ['more refunded than paid', 'update orders set refunded_amount = 1'],
    ['a state that is none', "update orders set status = 'lost'"],
    [
      'a second open order of one owner and program',
      `insert into orders (id, user_id, owner, program, kind, currency,
      original_amount, final_amount, snapshot, created_at, expires_at)
      select 'ord_2', user_id, owner, program, kind, currency, 1, 1, snapshot, 0, 0 from orders`,
    ],
    ['a grant that ends before it begins', 'update grants set until_at = from_at - 1'],
    ['a role that is none', "update users set role = 'root'"],
    ['a negative price', 'update offers set amount = -1'],
  ])('refuse %s', (_, sql) => {
    const db = new DatabaseSync(':memory:');
    apply(db, files);
    fill(db);
    expect(() => db.exec(sql)).toThrow(/constraint failed/);
  });

  it('never give a serial twice', () => {
    const db = new DatabaseSync(':memory:');
    apply(db, files);
    fill(db);
    const last = () => db.prepare('select max(serial) as serial from users').get()?.serial as number;
    const first = last();
    db.exec('pragma foreign_keys = off; delete from users; pragma foreign_keys = on');
    fill(db);
    expect(last()).toBeGreaterThan(first);
  });
});

function apply(db: DatabaseSync, some: string[]): void {
  for (const file of some)
    for (const statement of sqlOf(file).split('--> statement-breakpoint')) db.exec(statement);
}

/** A user with an order and what they hold: rows that other rows point at. */
function fill(db: DatabaseSync): void {
  db.exec(`
    insert or ignore into products (id, program, serial, code, name, created_at)
      values ('plan_filled', 'token', 900, 'filled', 'Filled', 0);
    insert or ignore into offers (product_id, period, amount) values ('plan_filled', 'monthly', 100);
    insert into users (id, user_type, referral_code, created_at, updated_at)
      values ('u_filled', 'personal', 'code', 0, 0);
    insert or ignore into orders (id, user_id, owner, program, kind, product_id, currency, original_amount,
      final_amount, snapshot, created_at, expires_at)
      values ('ord_filled', 'u_filled', 'u_filled', 'token', 'subscribe', 'plan_filled', 'CNY', 1, 1, '{}', 0, 0);
    insert or ignore into grants (id, owner, program, product_id, source, from_at, until_at, anchor_at, created_at)
      values ('gr_filled', 'u_filled', 'token', 'plan_filled', 'manual', 0, 1, 0, 0);
  `);
}

function counts(db: DatabaseSync): Record<string, number> {
  const tables = db
    .prepare("select name from sqlite_master where type = 'table' and name not like 'sqlite%'")
    .all()
    .map(({ name }) => String(name));
  return Object.fromEntries(
    tables.map((table) => [table, Number(db.prepare(`select count(*) as n from "${table}"`).get()?.n)]),
  );
}
