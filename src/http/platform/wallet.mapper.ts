import type { z } from '@hono/zod-openapi';
import { toIso } from '#kernel/clock';
import { formatDecimal } from '#kernel/money';
import type { VoucherTerms } from '#modules/commerce/voucher-rules';
import { type VoucherRow, type VoucherTypeRow, voucherStatus } from '#modules/commerce/voucher-store';
import type { BalanceRow, EntryRow } from '#modules/commerce/wallet-store';
import type { VoucherType } from './admin-commerce.routes.ts';
import type { Voucher, WalletEntry } from './wallet.routes.ts';

export function toBalances(balances: BalanceRow[]) {
  return balances.map(({ asset, balance, debt }) => ({
    asset,
    balance: formatDecimal(balance),
    debt: formatDecimal(debt),
  }));
}

export function toEntry(row: EntryRow): z.infer<typeof WalletEntry> {
  return {
    entry_id: row.id,
    asset: row.asset,
    amount: formatDecimal(row.amount),
    balance_after: formatDecimal(row.balanceAfter),
    reason: row.reason,
    reference: row.reference,
    created_at: toIso(row.createdAt),
  };
}

/** A fixed value is money, a percentage a whole number. */
function toTerms({ type, value, minAmount, plans, programs, startsAt, endsAt }: VoucherTerms) {
  return {
    type,
    value: type === 'fixed' ? formatDecimal(value) : String(value),
    min_amount: formatDecimal(minAmount),
    plans: plans.length > 0 ? plans : null,
    programs,
    starts_at: toIso(startsAt),
    ends_at: toIso(endsAt),
  };
}

export function toVoucher(row: VoucherRow, now: number): z.infer<typeof Voucher> {
  return {
    voucher_id: row.id,
    ...toTerms(row),
    status: voucherStatus(row, now),
    order_id: row.orderId,
    used_at: row.usedAt === null ? null : toIso(row.usedAt),
  };
}

export function toVoucherType(
  row: VoucherTypeRow,
  counts = { issued: 0, used: 0 },
): z.infer<typeof VoucherType> {
  return {
    voucher_type_id: row.id,
    ...toTerms(row),
    issued: counts.issued,
    used: counts.used,
    voided_at: row.voidedAt === null ? null : toIso(row.voidedAt),
    created_at: toIso(row.createdAt),
  };
}
