import { env } from 'cloudflare:test';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openDatabase } from '#db/client';
import { commit } from '#db/commit';
import { hasCode } from '#kernel/errors';
import { createIds } from '#kernel/ids';
import { findBalances, listEntryRows, post } from '#modules/commerce/wallet-store';

const { DB_DEFAULT } = env as unknown as { DB_DEFAULT: D1Database };
const ctx = { db: openDatabase(DB_DEFAULT), ids: createIds(), now: 0, idempotency: null } as never;

const bookings = fc.record({
  owner: fc.constantFrom('a', 'b'),
  asset: fc.constantFrom('CNY', 'points'),
  amount: fc.integer({ min: -3000, max: 3000 }).filter((amount) => amount !== 0),
  mode: fc.constantFrom<'spend' | 'force'>('spend', 'spend', 'force'),
  /** Few, so that some come twice. */
  reference: fc.nat(40).map(String),
});

describe('the wallet', () => {
  it('has what its entries add up to, after any sequence of bookings', async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(bookings, { maxLength: 40, size: 'max' }), async (sequence) => {
        run += 1;
        /** Balance less debt, by owner and asset. */
        const net = new Map<string, number>();
        const booked = new Set<string>();
        for (const { owner, asset, amount, mode, reference } of sequence) {
          const name = `${owner}${run}:${asset}`;
          const before = net.get(name) ?? 0;
          const posting = { owner: `${owner}${run}`, asset, amount, reason: 'test', reference };
          const refused = await commit(ctx, post(ctx, posting, mode)).then(
            () => null,
            (error: unknown) => error,
          );
          // No debt is open, and it is covered.
          const spendable = mode === 'force' || (before >= 0 && before + amount >= 0);
          const again = booked.has(`${name}:${reference}`);
          if (!spendable) expect(hasCode(refused, 'wallet_short')).toBe(true);
          else if (again) expect(hasCode(refused, 'wallet_duplicate')).toBe(true);
          else {
            expect(refused).toBeNull();
            booked.add(`${name}:${reference}`);
            net.set(name, before + amount);
          }
        }
        for (const owner of [`a${run}`, `b${run}`]) {
          for (const { asset, balance, debt } of await findBalances(ctx, owner)) {
            const { items } = await listEntryRows(ctx, owner, asset, { page: 1, pageSize: 100 });
            const sum = items.reduce((total, { amount }) => total + amount, 0);
            expect(balance - debt).toBe(sum);
            expect(sum).toBe(net.get(`${owner}:${asset}`) ?? 0);
            expect(Math.min(balance, debt)).toBe(0);
            if (items[0]) expect(items[0].balanceAfter).toBe(sum);
          }
        }
      }),
      { numRuns: 25 },
    );
  });
});
