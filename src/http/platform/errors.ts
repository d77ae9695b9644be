import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { ErrorCode } from '#kernel/errors';

/** How the platform tells a refusal: `code` on the wire is `status × 100 + n`. Published; never renumbered. */
export interface ErrorRow {
  status: ContentfulStatusCode;
  /** 0–99, unique within its status. */
  n: number;
  en: string;
  zh: string;
}

export const PLATFORM_ERRORS = {
  invalid_input: { status: 400, n: 0, en: 'Some of the input is not valid.', zh: '输入有误。' },
  ciphertext_invalid: {
    status: 400,
    n: 1,
    en: 'The encrypted value cannot be used. Fetch the public key and encrypt again.',
    zh: '加密内容无法使用,请重新获取公钥并加密。',
  },
  captcha_required: { status: 400, n: 2, en: 'Solve a captcha first.', zh: '请先完成验证码。' },
  captcha_invalid: { status: 400, n: 3, en: 'The captcha is not valid any more.', zh: '验证码无效。' },
  password_weak: { status: 400, n: 4, en: 'The password is not strong enough.', zh: '密码强度不足。' },
  invite_code_invalid: { status: 400, n: 5, en: 'The invite code is not valid.', zh: '邀请码无效。' },
  plan_not_for_sale: { status: 400, n: 6, en: 'This plan is not sold.', zh: '该套餐不出售。' },
  period_not_for_sale: {
    status: 400,
    n: 7,
    en: 'The plan is not sold for this period.',
    zh: '该套餐不支持此周期。',
  },
  voucher_invalid: { status: 400, n: 8, en: 'The voucher cannot be used.', zh: '优惠券不可用。' },
  provider_unavailable: {
    status: 400,
    n: 9,
    en: 'The payment provider is not available.',
    zh: '支付渠道不可用。',
  },
  signature_invalid: { status: 400, n: 10, en: 'The signature is not valid.', zh: '签名无效。' },
  model_required: { status: 400, n: 11, en: 'Name the model.', zh: '请指定模型。' },
  quota_never_fits: {
    status: 400,
    n: 12,
    en: 'The request is larger than the plan ever allows.',
    zh: '请求超出套餐上限,无法满足。',
  },
  code_invalid: { status: 400, n: 14, en: 'The code is wrong or too old.', zh: '验证码错误或已过期。' },
  password_wrong: { status: 400, n: 15, en: 'The password is wrong.', zh: '密码错误。' },
  unauthenticated: { status: 401, n: 0, en: 'Sign in first.', zh: '请先登录。' },
  credentials_invalid: {
    status: 401,
    n: 1,
    en: 'The account or the password is wrong.',
    zh: '账号或密码错误。',
  },
  session_ended: { status: 401, n: 2, en: 'The session has ended.', zh: '登录已失效。' },
  api_key_unknown: { status: 401, n: 3, en: 'There is no such key.', zh: 'Key 不存在。' },
  forbidden: { status: 403, n: 0, en: 'You may not do this.', zh: '无权执行此操作。' },
  account_frozen: { status: 403, n: 1, en: 'The account is frozen.', zh: '账号已被冻结。' },
  owner_frozen: {
    status: 403,
    n: 2,
    en: 'The owner of this key is frozen.',
    zh: '该 Key 的所有者已被冻结。',
  },
  ip_not_allowed: {
    status: 403,
    n: 3,
    en: 'The key may not be used from this address.',
    zh: '该 Key 不允许从此地址使用。',
  },
  model_not_allowed: { status: 403, n: 4, en: 'The model may not be used.', zh: '不允许使用该模型。' },
  enterprise_plan_forbidden: {
    status: 403,
    n: 5,
    en: 'Enterprise plans are for verified enterprises.',
    zh: '企业套餐仅限已认证企业购买。',
  },
  enterprise_none: { status: 403, n: 6, en: 'You belong to no enterprise.', zh: '您不属于任何企业。' },
  enterprise_frozen: {
    status: 403,
    n: 7,
    en: 'The enterprise’s owner is frozen: nothing can be bought or managed.',
    zh: '企业主账号已被冻结,暂不能购买或管理。',
  },
  enterprise_unverified: {
    status: 403,
    n: 8,
    en: 'Only a verified enterprise may do this.',
    zh: '仅已认证企业可执行此操作。',
  },
  invitation_not_yours: {
    status: 403,
    n: 9,
    en: 'The invitation is for another e-mail address.',
    zh: '该邀请属于其他邮箱。',
  },
  not_found: { status: 404, n: 0, en: 'Not found.', zh: '未找到。' },
  site_unknown: { status: 404, n: 1, en: 'There is no such site.', zh: '站点不存在。' },
  plan_not_available: { status: 404, n: 2, en: 'There is no such plan.', zh: '套餐不存在。' },
  reservation_not_found: { status: 404, n: 3, en: 'There is no such reservation.', zh: '预留不存在。' },
  email_taken: { status: 409, n: 0, en: 'The e-mail address is registered already.', zh: '邮箱已注册。' },
  phone_taken: { status: 409, n: 1, en: 'The phone number is registered already.', zh: '手机号已注册。' },
  api_key_limit_reached: {
    status: 409,
    n: 2,
    en: 'There are 50 API keys already.',
    zh: 'API Key 数量已达 50 个上限。',
  },
  plan_code_taken: { status: 409, n: 3, en: 'The code is in use.', zh: '套餐编码已存在。' },
  plan_protected: { status: 409, n: 4, en: 'The free plan cannot be switched off.', zh: '免费版不可停用。' },
  membership_none: { status: 409, n: 6, en: 'There is no membership.', zh: '当前没有会员。' },
  membership_too_long: {
    status: 409,
    n: 7,
    en: 'At most 36 months can be paid ahead.',
    zh: '最多可预付 36 个月。',
  },
  membership_changed: {
    status: 409,
    n: 8,
    en: 'The membership changed meanwhile.',
    zh: '会员状态已变更,请重试。',
  },
  order_open: {
    status: 409,
    n: 9,
    en: 'Another order was placed at the same time.',
    zh: '同时存在另一笔订单。',
  },
  payment_duplicate: { status: 409, n: 21, en: 'This payment is known already.', zh: '该支付已处理。' },
  reservation_expired: { status: 409, n: 22, en: 'The reservation has run out.', zh: '预留已过期。' },
  order_not_payable: { status: 409, n: 10, en: 'The order cannot be paid.', zh: '订单不可支付。' },
  order_not_cancellable: { status: 409, n: 11, en: 'The order cannot be cancelled.', zh: '订单不可取消。' },
  reservation_settled: { status: 409, n: 12, en: 'The reservation is settled already.', zh: '预留已结算。' },
  reservation_released: {
    status: 409,
    n: 13,
    en: 'The reservation is released already.',
    zh: '预留已释放。',
  },
  request_id_conflict: {
    status: 409,
    n: 14,
    en: 'This request_id was used with another amount.',
    zh: '该 request_id 已用于其他数量。',
  },
  idempotency_in_progress: {
    status: 409,
    n: 15,
    en: 'The first request is still running.',
    zh: '首个请求仍在处理中。',
  },
  idempotency_answer_lost: {
    status: 409,
    n: 16,
    en: 'The first request was carried out, but its answer is lost.',
    zh: '首个请求已执行,但其响应已丢失。',
  },
  clock_backwards: { status: 409, n: 17, en: 'The clock does not go backwards.', zh: '时钟不可回拨。' },
  last_admin: { status: 409, n: 18, en: 'This is the last admin.', zh: '这是最后一位管理员。' },
  not_yourself: { status: 409, n: 19, en: 'You cannot do this to yourself.', zh: '不能对自己执行此操作。' },
  verification_open: {
    status: 409,
    n: 23,
    en: 'A verification is pending or verified already.',
    zh: '已有待审核或已通过的认证。',
  },
  verification_decided: {
    status: 409,
    n: 24,
    en: 'This verification is decided already.',
    zh: '该认证已处理。',
  },
  identity_taken: {
    status: 409,
    n: 25,
    en: 'This number is verified for somebody else.',
    zh: '该证件号码已被其他账号认证。',
  },
  invitation_ended: {
    status: 409,
    n: 26,
    en: 'The invitation was used, revoked or replaced, or has run out.',
    zh: '邀请已使用、撤销、被替换或已过期。',
  },
  member_already: {
    status: 409,
    n: 27,
    en: 'This person belongs to an enterprise already.',
    zh: '该用户已属于某个企业。',
  },
  seats_full: { status: 409, n: 28, en: 'All seats are taken.', zh: '成员席位已满。' },
  owner_protected: {
    status: 409,
    n: 29,
    en: 'The owner can be neither removed nor demoted; hand the enterprise over first.',
    zh: '企业主账号不可移除或降级,请先转让企业。',
  },
  enterprise_has_members: {
    status: 409,
    n: 30,
    en: 'The enterprise still has members.',
    zh: '企业仍有成员。',
  },
  personal_plan_forbidden: {
    status: 409,
    n: 31,
    en: 'Who belongs to an enterprise buys no personal plan.',
    zh: '企业成员不可购买个人套餐。',
  },
  order_not_refundable: {
    status: 409,
    n: 32,
    en: 'There is nothing to refund.',
    zh: '该订单无可退款项。',
  },
  order_changed: { status: 409, n: 33, en: 'The order changed meanwhile.', zh: '订单状态已变更,请重试。' },
  refund_exceeds: {
    status: 409,
    n: 34,
    en: 'This is more than can be refunded.',
    zh: '退款金额超过可退金额。',
  },
  refund_duplicate: { status: 409, n: 35, en: 'This refund is known already.', zh: '该退款已处理。' },
  credit_exceeds_price: {
    status: 409,
    n: 36,
    en: 'The credit is more than this period costs; choose a longer one.',
    zh: '剩余价值超过该周期价格,请选择更长周期。',
  },
  plan_disabled: {
    status: 409,
    n: 37,
    en: 'The plan is not sold any more and cannot be renewed.',
    zh: '该套餐已下架,无法续费。',
  },
  downgrade_paid: {
    status: 409,
    n: 38,
    en: 'The plan that follows is paid already.',
    zh: '后续套餐已支付。',
  },
  voucher_taken: {
    status: 409,
    n: 39,
    en: 'The voucher was used by another order at the same time.',
    zh: '优惠券已被其他订单占用。',
  },
  voucher_void: { status: 409, n: 42, en: 'This kind of voucher is void.', zh: '该优惠券已作废。' },
  wallet_short: { status: 409, n: 40, en: 'The wallet does not cover this.', zh: '钱包余额不足。' },
  wallet_duplicate: {
    status: 409,
    n: 41,
    en: 'This reference was booked already.',
    zh: '该流水号已入账。',
  },
  payload_too_large: { status: 413, n: 0, en: 'The body is larger than 64 KiB.', zh: '请求体超过 64 KiB。' },
  idempotency_key_reused: {
    status: 422,
    n: 0,
    en: 'This Idempotency-Key was used with another body.',
    zh: '该 Idempotency-Key 已用于其他请求体。',
  },
  account_throttled: {
    status: 429,
    n: 0,
    en: 'Too many attempts. Try again later.',
    zh: '尝试次数过多,请稍后再试。',
  },
  order_throttled: { status: 429, n: 1, en: 'Too many orders within an hour.', zh: '一小时内订单过多。' },
  quota_exceeded: {
    status: 429,
    n: 2,
    en: 'A limit is reached; data says which.',
    zh: '已达限额,详见 data。',
  },
  too_many_unknown_keys: {
    status: 429,
    n: 3,
    en: 'Too many unknown keys from this address.',
    zh: '该地址的无效 Key 过多。',
  },
  internal_error: { status: 500, n: 0, en: 'Something went wrong on our side.', zh: '服务器内部错误。' },
  service_unavailable: { status: 503, n: 0, en: 'Try again in a moment.', zh: '服务暂不可用,请稍后重试。' },
  quota_overloaded: { status: 503, n: 1, en: 'The limits of this owner are busy.', zh: '限额服务繁忙。' },
  key_stale: { status: 503, n: 2, en: 'The key is being changed. Try again.', zh: 'Key 正在变更,请重试。' },
} satisfies Record<ErrorCode, ErrorRow>;

/** The number on the wire. */
export function wireCode(code: ErrorCode): number {
  const { status, n } = PLATFORM_ERRORS[code];
  return status * 100 + n;
}
