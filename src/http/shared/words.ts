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
  'must be an amount such as "0.05"': '必须为金额,例如 "0.05"',
  'must be an amount such as "12.34"': '必须为金额,例如 "12.34"',
  'must be an amount such as "10.00"': '必须为金额,例如 "10.00"',
  'must be an amount such as "49.00"': '必须为金额,例如 "49.00"',
  'is required': '不能为空',
  'is not known': '不存在',
  'is given twice': '重复',
  'must be a whole percentage from 0 to 100': '必须为 0 到 100 的整数百分比',
  'is more than 100 with z_rate': '与 z_rate 之和超过 100',
  'must be a day or a time, such as 2020-01-15 16:06:58': '必须为日期或时间,例如 2020-01-15 16:06:58',
  'is before start_time': '早于 start_time',
  'must be a user’s number or id': '必须为用户编号或 id',
  'must be an order number': '必须为订单号',
  'is for a mixed purchase': '仅用于混合支付',
  'must be at least 1 for a mixed purchase': '混合支付至少为 1',
  'leaves less than 0.01 to be paid': '现金部分不足 0.01',
  'is required: the gift is shipped': '不能为空:礼包需要寄送',
  'must be an object': '必须为对象',
  'must be a form or JSON': '必须为表单或 JSON',
  'is not a valid form': '不是有效的表单',
  'is too long, or no text that can be read': '过长或无法读取',
  'is not among the payments': '支付方式不存在',
  'must be Base64 of an address on an own host': '必须为本站地址的 Base64',
  'must be a phone number': '必须为电话号码',
  'must be letters, digits, - and _, such as VIP': '必须由字母、数字、- 和 _ 组成,例如 VIP',
};

/** The same with a number in it. */
const AT_MOST = /^must be at most (\d+)$/;

/** A fault's words in the language of the request. */
export function inLocale(message: string, locale: Locale): string {
  if (locale !== 'zh') return message;
  const most = AT_MOST.exec(message)?.[1];
  return most === undefined ? (CHINESE[message] ?? message) : `最多为 ${most}`;
}
