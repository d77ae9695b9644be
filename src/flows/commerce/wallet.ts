import { z } from 'zod';
import { commit } from '#db/commit';
import { requireAdmin, requirePerson } from '#kernel/actor';
import type { Ctx } from '#kernel/context';
import { AppError, invalid } from '#kernel/errors';
import { isDecimal, parseDecimal } from '#kernel/money';
import type { Page, Slice } from '#kernel/page';
import { findUserById } from '#modules/accounts/store';
import {
  type BalanceRow,
  type EntryRow,
  findBalances,
  listEntryRows,
  post,
} from '#modules/commerce/wallet-store';
import { requireAct } from '#modules/enterprise/acting';
import { findEnterpriseRow } from '#modules/enterprise/store';

const ASSETS = ['EOC', 'ELC', 'points'] as const;

export const WalletQuery = z.object({ owner: z.string().max(64).optional() });
export const EntriesQuery = WalletQuery.extend({ asset: z.string().max(16).optional() });
export const AdjustInput = z.object({
  asset: z.string().max(16),
  amount: z
    .string()
    .refine(
      (text) => isDecimal(text.replace(/^-/, '')) && parseDecimal(text.replace(/^-/, '')) > 0,
      'must be an amount such as "10.00" or "-10.00"',
    ),
  reason: z.string().trim().min(1).max(200),
  reference: z.string().trim().min(1).max(128),
});

/**
 * Whose wallet is asked for: without `owner` one's enterprise's (403 for plain members), else one's own; with it either
 * of the two. Anybody else's is not found.
 */
function walletOf(ctx: Ctx, owner: string | undefined): string {
  const person = requirePerson(ctx.actor);
  const wanted = owner ?? person.enterprise?.id ?? person.userId;
  if (wanted === person.userId) return wanted;
  if (wanted !== person.enterprise?.id) throw new AppError('not_found');
  return requireAct(person, 'wallet.read').enterprise.id;
}

/** What is there of each asset; the site's currency is always among them. */
export async function getWallet(
  ctx: Ctx,
  input: z.infer<typeof WalletQuery>,
): Promise<{ currency: string; balances: BalanceRow[] }> {
  const owner = walletOf(ctx, input.owner);
  const { currency } = ctx.site;
  const balances = await findBalances(ctx, owner);
  const missing = balances.some(({ asset }) => asset === currency)
    ? []
    : [{ owner, asset: currency, balance: 0, debt: 0 }];
  return { currency, balances: [...missing, ...balances] };
}

/** The ledger, newest first. */
export async function listEntries(
  ctx: Ctx,
  input: z.infer<typeof EntriesQuery>,
  page: Page,
): Promise<Slice<EntryRow>> {
  const owner = walletOf(ctx, input.owner);
  if (input.asset !== undefined) assertAsset(ctx, input.asset, 'query.asset');
  return listEntryRows(ctx, owner, input.asset, page);
}

/** Books an amount by hand, once for each reference; what would go below nothing is refused. */
export async function adjustWallet(
  ctx: Ctx,
  owner: string,
  input: z.infer<typeof AdjustInput>,
): Promise<BalanceRow[]> {
  requireAdmin(ctx.actor);
  const { asset, reason, reference } = input;
  assertAsset(ctx, asset, 'asset');
  await requireOwner(ctx, owner);
  const sign = input.amount.startsWith('-') ? -1 : 1;
  const amount = sign * parseDecimal(input.amount.replace(/^-/, ''));
  await commit(
    ctx,
    post(ctx, { owner, asset, amount, reason: 'adjustment', reference }, amount < 0 ? 'spend' : 'force'),
    { action: 'wallet.adjusted', target: owner, detail: { asset, amount: input.amount, reason, reference } },
  );
  return findBalances(ctx, owner);
}

async function requireOwner(ctx: Ctx, owner: string): Promise<void> {
  const found = owner.startsWith('ent_')
    ? await findEnterpriseRow(ctx, owner)
    : (await findUserById(ctx, owner))[0];
  if (!found) throw new AppError('not_found');
}

function assertAsset(ctx: Ctx, asset: string, path: string): void {
  const known = [ctx.site.currency, ...ASSETS];
  if (!known.includes(asset)) throw invalid(path, `must be one of: ${known.join(', ')}`);
}
