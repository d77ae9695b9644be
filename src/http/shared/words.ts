import type { Locale } from '#kernel/locale';

/** What our own checks say of an input, in Chinese; what is not here is said in English to everybody. */
const CHINESE: Record<string, string> = {
  'Content-Type must be application/json': 'Content-Type 必须为 application/json',
  'is not valid JSON in UTF-8': '不是有效的 UTF-8 JSON',
  'has a text with a lone surrogate or a NUL character': '文本中含有非法字符',
  'is nested more than 64 levels deep': '嵌套超过 64 层',
  'was not sent to its end': '请求体不完整',
  'must be 0 or 1': '必须为 0 或 1',
  'must be a whole number': '必须为整数',
  'must be an amount such as "99.99"': '必须为金额,例如 "99.99"',
  'must be letters, digits, - and _, such as VIP': '必须由字母、数字、- 和 _ 组成,例如 VIP',
};

/** A fault's words in the language of the request. */
export function inLocale(message: string, locale: Locale): string {
  return locale === 'zh' ? (CHINESE[message] ?? message) : message;
}
