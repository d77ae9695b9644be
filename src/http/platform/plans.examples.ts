import type { z } from '@hono/zod-openapi';
import type { CreatePlanInput, UpdatePlanInput } from '#modules/catalogue/inputs';
import type { Plan } from './plans.routes.ts';

export const FREE = {
  plan_id: 'plan_free',
  name: '免费版',
  type: 'personal',
  price_monthly: '0.00',
  price_yearly: '0.00',
  currency: 'CNY',
  status: 'active',
  benefits: [
    { key: 'tpm', value: 10_000, desc: '每分钟 1万 Token' },
    { key: 'tpd', value: 100_000, desc: '每日 10万 Token' },
    { key: 'priority', value: 'P2', desc: '队列优先级 P2' },
  ],
} satisfies z.input<typeof Plan>;

export const BASIC = {
  plan_id: 'plan_basic',
  name: '基础版',
  type: 'personal',
  price_monthly: '49.00',
  price_yearly: '490.00',
  currency: 'CNY',
  status: 'active',
  benefits: [
    { key: 'tpm', value: 100_000, desc: '每分钟 10万 Token' },
    { key: 'tpd', value: 2_000_000, desc: '每日 200万 Token' },
    { key: 'models', value: ['gpt-4o', 'qwen-turbo'], desc: '可用模型' },
    { key: 'token_discount', value: '20%', desc: 'Token 费率 8折' },
    { key: 'priority', value: 'P1', desc: '队列优先级 P1' },
    { key: 'support', value: 'email', desc: '邮件工单支持' },
  ],
} satisfies z.input<typeof Plan>;

export const PREMIUM = {
  plan_id: 'plan_premium',
  name: '高级版',
  type: 'personal',
  price_monthly: '199.00',
  price_yearly: '1990.00',
  currency: 'CNY',
  status: 'active',
  benefits: [
    { key: 'tpm', value: 500_000, desc: '每分钟 50万 Token' },
    { key: 'tpd', value: 10_000_000, desc: '每日 1000万 Token' },
    { key: 'token_discount', value: '40%', desc: 'Token 费率 6折' },
    { key: 'priority', value: 'P1', desc: '队列优先级 P1' },
    { key: 'support', value: 'priority', desc: '优先技术支持' },
  ],
} satisfies z.input<typeof Plan>;

export const NEW_PLAN = {
  code: 'enterprise_standard',
  name: '企业标准版',
  type: 'enterprise',
  price_monthly: '999.00',
  price_yearly: '9990.00',
  currency: 'CNY',
  benefits: [
    { key: 'tpm', value: 2_000_000, desc: '每分钟 200万 Token' },
    { key: 'member_seats', value: 50, desc: '50个成员席位' },
    { key: 'priority', value: 'P0', desc: '队列最高优先级' },
  ],
} satisfies z.input<typeof CreatePlanInput>;

const { code, ...terms } = NEW_PLAN;
export const CREATED = {
  plan_id: `plan_${code}`,
  ...terms,
  status: 'active',
} satisfies z.input<typeof Plan>;

export const PLAN_CHANGE = {
  price_monthly: '1099.00',
  benefits: [
    { key: 'tpm', value: 2_000_000, desc: '每分钟 200万 Token' },
    { key: 'member_seats', value: 80, desc: '80个成员席位' },
    { key: 'priority', value: 'P0', desc: '队列最高优先级' },
  ],
} satisfies z.input<typeof UpdatePlanInput>;
