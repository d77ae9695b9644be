import type { ErrorRow } from './row.ts';

/** Of requests themselves, on every surface. */
export const REQUEST_ERRORS = {
  invalid_input: { status: 400, n: 0, en: 'Some of the input is not valid.', zh: '输入有误。' },
  unauthenticated: { status: 401, n: 0, en: 'Sign in first.', zh: '请先登录。' },
  forbidden: { status: 403, n: 0, en: 'You may not do this.', zh: '无权执行此操作。' },
  not_found: { status: 404, n: 0, en: 'Not found.', zh: '未找到。' },
  site_unknown: { status: 404, n: 1, en: 'There is no such site.', zh: '站点不存在。' },
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
  payload_too_large: { status: 413, n: 0, en: 'The body is larger than 64 KiB.', zh: '请求体超过 64 KiB。' },
  idempotency_key_reused: {
    status: 422,
    n: 0,
    en: 'This Idempotency-Key was used with another body.',
    zh: '该 Idempotency-Key 已用于其他请求体。',
  },
  internal_error: { status: 500, n: 0, en: 'Something went wrong on our side.', zh: '服务器内部错误。' },
  service_unavailable: { status: 503, n: 0, en: 'Try again in a moment.', zh: '服务暂不可用,请稍后重试。' },
} satisfies Record<string, ErrorRow>;
