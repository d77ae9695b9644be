import { z } from 'zod';
import { commit, guard } from '#db/commit';
import { requireAdmin, requirePerson } from '#kernel/actor';
import type { Ctx } from '#kernel/context';
import { AppError, invalid } from '#kernel/errors';
import { isDecimal, parseDecimal } from '#kernel/money';
import type { Page, Slice } from '#kernel/page';
import { findExistingUsers } from '#modules/accounts/store';
import {
  type CountedVoucherType,
  countVouchers,
  findVoucherType,
  insertVoucher,
  insertVoucherType,
  listVoucherRows,
  listVoucherTypeRows,
  type VoucherRow,
  type VoucherTypeRow,
  voidVoucherType,
} from '#modules/commerce/voucher-store';
import { Expiry } from '../quota/create-api-key.ts';

const Amount = z.string().refine(isDecimal, 'must be an amount such as "20.00"');

export const CreateVoucherInput = z
  .object({
    type: z.enum(['fixed', 'percent']),
    value: z.string(),
    min_amount: Amount.default('0.00'),
    plans: z.array(z.string().min(1).max(64)).min(1).max(100).nullish(),
    programs: z
      .array(z.enum(['token', 'package', 'tier', 'vip']))
      .min(1)
      .default(['token']),
    starts_at: Expiry,
    ends_at: Expiry,
  })
  .superRefine(({ type, value, starts_at, ends_at }, issues) => {
    const right =
      type === 'fixed' ? isDecimal(value) && parseDecimal(value) > 0 : /^([1-9]\d?|100)$/.test(value);
    const message = type === 'fixed' ? 'must be an amount such as "20.00"' : 'must be "1" to "100"';
    if (!right) issues.addIssue({ code: 'custom', path: ['value'], message });
    if (ends_at <= starts_at) {
      issues.addIssue({ code: 'custom', path: ['ends_at'], message: 'must be after `starts_at`' });
    }
  });

export const IssueInput = z.object({ user_ids: z.array(z.string().min(1).max(64)).min(1).max(100) });
export const ListVouchersInput = z.object({
  status: z.enum(['unused', 'locked', 'used', 'expired']).optional(),
});

/** The caller's vouchers, newest first. */
export async function listVouchers(
  ctx: Ctx,
  input: z.infer<typeof ListVouchersInput>,
  page: Page,
): Promise<Slice<VoucherRow>> {
  const { userId } = requirePerson(ctx.actor);
  return listVoucherRows(ctx, { userId, status: input.status, now: ctx.now }, page);
}

/** Makes a kind of voucher; nobody has one before it is issued. */
export async function createVoucher(
  ctx: Ctx,
  input: z.infer<typeof CreateVoucherInput>,
): Promise<VoucherTypeRow> {
  requireAdmin(ctx.actor);
  const row = {
    id: ctx.ids.next('vt', ctx.now),
    type: input.type,
    value: input.type === 'fixed' ? parseDecimal(input.value) : Number(input.value),
    minAmount: parseDecimal(input.min_amount),
    plans: input.plans ?? [],
    programs: [...new Set(input.programs)],
    startsAt: input.starts_at,
    endsAt: input.ends_at,
    voidedAt: null,
    createdAt: ctx.now,
  };
  await commit(ctx, [insertVoucherType(ctx, row)], {
    action: 'voucher.created',
    target: row.id,
    detail: { type: input.type, value: input.value, min_amount: input.min_amount },
  });
  return row;
}

/** Gives one to each of these users, or to none where one is not known. */
export async function issueVouchers(
  ctx: Ctx,
  id: string,
  input: z.infer<typeof IssueInput>,
): Promise<{ id: string; userId: string }[]> {
  requireAdmin(ctx.actor);
  const type = await findVoucherType(ctx, id);
  if (!type) throw new AppError('not_found');
  if (type.voidedAt !== null) throw new AppError('voucher_void');
  const known = new Set(await findExistingUsers(ctx, input.user_ids));
  const unknown = input.user_ids.findIndex((userId) => !known.has(userId));
  if (unknown >= 0) throw invalid(`user_ids.${unknown}`, 'is not known');
  const issued = [...new Set(input.user_ids)].map((userId) => ({ id: ctx.ids.next('v', ctx.now), userId }));
  await commit(
    ctx,
    issued.flatMap((one) => [
      insertVoucher(ctx, { ...one, typeId: id, createdAt: ctx.now }),
      guard(ctx, 'voucher_void'),
    ]),
    { action: 'voucher.issued', target: id, detail: { user_ids: input.user_ids } },
  );
  return issued;
}

/** Makes every unused voucher of a kind worthless; an order that locked one keeps it. */
export async function voidVoucher(ctx: Ctx, id: string): Promise<CountedVoucherType> {
  requireAdmin(ctx.actor);
  if (!(await findVoucherType(ctx, id))) throw new AppError('not_found');
  await commit(ctx, [voidVoucherType(ctx, id, ctx.now)], { action: 'voucher.voided', target: id });
  const [counted] = await countVouchers(ctx, id);
  if (!counted) throw new AppError('not_found');
  return counted;
}

/** The kinds of vouchers, newest first, with how many were issued and used. */
export async function searchVouchers(ctx: Ctx, page: Page) {
  requireAdmin(ctx.actor);
  return listVoucherTypeRows(ctx, page);
}
