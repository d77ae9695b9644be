import { and, asc, count, eq, sql } from 'drizzle-orm';
import { guard } from '#db/commit';
import { slice } from '#db/slice';
import { rawStatement, type Statement } from '#db/statement';
import type { Ctx } from '#kernel/context';
import type { Page } from '#kernel/page';
import { walletBalances, walletEntries } from './money-tables.ts';

type Db = Pick<Ctx, 'db'>;

export type EntryRow = typeof walletEntries.$inferSelect;
export type BalanceRow = typeof walletBalances.$inferSelect;

/** One booking: signed minor units. The same (owner, asset, reason, reference) fails the batch (`wallet_duplicate`). */
export interface Posting {
  owner: string;
  asset: string;
  amount: number;
  reason: string;
  reference: string;
}

/**
 * Books an amount. `spend` takes what is there and no debt is open, else the batch fails (`wallet_short`); `force` is
 * for what cannot be avoided: what is missing becomes debt. Whatever comes in pays debt first.
 */
export function post(
  ctx: Pick<Ctx, 'db' | 'ids' | 'now'>,
  { owner, asset, amount, reason, reference }: Posting,
  mode: 'spend' | 'force',
): Statement[] {
  const { db, ids, now } = ctx;
  const covered = sql` and debt = 0 and balance + ${amount} >= 0`;
  return [
    db.insert(walletBalances).values({ owner, asset }).onConflictDoNothing(),
    rawStatement(
      db,
      sql`
      update wallet_balances
      set balance = max(0, balance - debt + ${amount}), debt = max(0, debt - balance - ${amount})
      where owner = ${owner} and asset = ${asset}${mode === 'spend' ? covered : sql``}`,
    ),
    guard(ctx, 'wallet_short'),
    rawStatement(
      db,
      sql`
      insert into wallet_entries (id, owner, asset, amount, balance_after, reason, reference, created_at)
      select ${ids.next('we', now)}, owner, asset, ${amount}, balance - debt, ${reason}, ${reference}, ${now}
      from wallet_balances where owner = ${owner} and asset = ${asset}`,
    ),
  ];
}

/** Gives back the EOC that an order holds, where it is closed by now: once, since it holds nothing afterwards. */
export function releaseHeld({ db, ids, now }: Pick<Ctx, 'db' | 'ids' | 'now'>, orderId: string): Statement[] {
  const held = sql`orders.id = ${orderId} and orders.status = 'closed' and orders.token_held > 0
    and wallet_balances.owner = orders.owner and wallet_balances.asset = 'EOC'`;
  return [
    rawStatement(
      db,
      sql`
      update wallet_balances
      set balance = max(0, balance - debt + token_held), debt = max(0, debt - balance - token_held)
      from orders where ${held}`,
    ),
    rawStatement(
      db,
      sql`
      insert into wallet_entries (id, owner, asset, amount, balance_after, reason, reference, created_at)
      select ${ids.next('we', now)}, wallet_balances.owner, asset, token_held, balance - debt, 'tier_release',
        orders.id, ${now}
      from wallet_balances, orders where ${held}`,
    ),
    rawStatement(
      db,
      sql`update orders set token_held = 0 where id = ${orderId} and status = 'closed' and token_held > 0`,
    ),
  ];
}

/** What an owner has, by asset; an asset that was never booked has no row. */
export function findBalances({ db }: Db, owner: string): Promise<BalanceRow[]> {
  return db
    .select()
    .from(walletBalances)
    .where(eq(walletBalances.owner, owner))
    .orderBy(asc(walletBalances.asset));
}

/** What may be spent of an asset: nothing while a debt is open. */
export async function findBalance({ db }: Db, owner: string, asset: string): Promise<number> {
  const [row] = await db
    .select({ balance: walletBalances.balance })
    .from(walletBalances)
    .where(and(eq(walletBalances.owner, owner), eq(walletBalances.asset, asset)));
  return row?.balance ?? 0;
}

/** The ledger of an owner, newest first. */
export function listEntryRows({ db }: Db, owner: string, asset: string | undefined, page: Page) {
  const where = and(eq(walletEntries.owner, owner), asset ? eq(walletEntries.asset, asset) : undefined);
  return slice(
    db,
    page,
    (limit, offset) =>
      db
        .select()
        .from(walletEntries)
        .where(where)
        .orderBy(sql`wallet_entries.rowid desc`)
        .limit(limit)
        .offset(offset),
    db.select({ n: count() }).from(walletEntries).where(where),
  );
}
