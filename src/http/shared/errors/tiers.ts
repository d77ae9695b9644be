import type { ErrorRow } from './row.ts';

/** Of an alliance's tiers, rewards, gifts and withdrawals (seed 003). */
export const TIERS_ERRORS = {
  idempotency_key_required: {
    status: 400,
    n: 23,
    en: 'Send an Idempotency-Key.',
    zh: '请携带请求头 Idempotency-Key。',
  },
  tier_not_above: {
    status: 409,
    n: 44,
    en: 'Only a tier above your own can be bought.',
    zh: '只能购买高于当前等级的会员。',
  },
  tier_same: { status: 409, n: 45, en: 'This is the tier already.', zh: '已是该会员等级。' },
  gift_none: { status: 409, n: 46, en: 'There is no gift to claim.', zh: '没有可领取的礼包。' },
  gift_claimed: { status: 409, n: 47, en: 'The gift was claimed already.', zh: '礼包已领取。' },
  gift_not_shippable: {
    status: 409,
    n: 48,
    en: 'There is nothing to ship: the gift is not claimed, or needs no shipping.',
    zh: '礼包未领取或无需发货。',
  },
  refund_needs_force: {
    status: 409,
    n: 56,
    en: 'A gift that came with it was claimed: send `force` to refund it all the same.',
    zh: '礼包已领取,如仍需退款请传 force。',
  },
  commission_taken: { status: 409, n: 49, en: 'This order was booked already.', zh: '该订单佣金已登记。' },
  withdrawal_decided: {
    status: 409,
    n: 50,
    en: 'The withdrawal is decided already.',
    zh: '该提现申请已处理。',
  },
} satisfies Record<string, ErrorRow>;
