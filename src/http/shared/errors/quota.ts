import type { ErrorRow } from './row.ts';

/** Of API keys and quotas. */
export const QUOTA_ERRORS = {
  model_required: { status: 400, n: 11, en: 'Name the model.', zh: '请指定模型。' },
  quota_never_fits: {
    status: 400,
    n: 12,
    en: 'The request is larger than the plan ever allows.',
    zh: '请求超出套餐上限,无法满足。',
  },
  api_key_unknown: { status: 401, n: 3, en: 'There is no such key.', zh: 'Key 不存在。' },
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
  reservation_not_found: { status: 404, n: 3, en: 'There is no such reservation.', zh: '预留不存在。' },
  api_key_limit_reached: {
    status: 409,
    n: 2,
    en: 'There are 50 API keys already.',
    zh: 'API Key 数量已达 50 个上限。',
  },
  reservation_expired: { status: 409, n: 22, en: 'The reservation has run out.', zh: '预留已过期。' },
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
  quota_overloaded: { status: 503, n: 1, en: 'The limits of this owner are busy.', zh: '限额服务繁忙。' },
  key_stale: { status: 503, n: 2, en: 'The key is being changed. Try again.', zh: 'Key 正在变更,请重试。' },
} satisfies Record<string, ErrorRow>;
