import type { z } from '@hono/zod-openapi';
import type { StorefrontSettings } from '#flows/storefront/settings';
import type { Ctx } from '#kernel/context';
import { AppError, type ErrorCode, invalid } from '#kernel/errors';
import type { Page } from '#kernel/page';
import { countOf, type Parameters, textOf } from './parameters.ts';

/** One action of the plugin: what a front end calls `control/action`. */
export interface Action<S extends z.ZodType = z.ZodType> {
  control: string;
  action: string;
  summary: string;
  description: string;
  /** Anybody may ask. */
  open?: boolean;
  /** It writes, so it is done by POST. */
  writes?: boolean;
  /** Parameters beyond the public ones. */
  takes?: Record<string, Taken>;
  /** What it answers; and what that looks like. */
  data: S;
  example: z.input<S>;
  /** What it can refuse beyond what every action can, in the order in which it is checked. */
  errors: readonly ErrorCode[];
  run(ctx: Ctx, settings: StorefrontSettings, parameters: Parameters): Promise<z.input<S>>;
}

/** A parameter as the document shows it; a text always. */
export interface Taken {
  description: string;
  example: string;
  /** It cannot do without. */
  required?: boolean;
  enum?: string[];
  pattern?: string;
  default?: string;
}

/** Declares an action, and checks its example and its answer against its schema. */
export function action<S extends z.ZodType>(one: Action<S>): Action {
  return one;
}

export const ID = (description: string, example: string) => ({
  id: { description, example, required: true },
});
export const ORDER_ID = ID('The order’s `id`, or its `payment_user_order_no`.', '1043');
export const PAGE = {
  page: { description: 'From 1; ten on each.', example: '1', pattern: '^[1-9]\\d{0,8}$', default: '1' },
};
export const MORE = {
  is_more: {
    description: '`1`: the filters of numbers count; else they are not looked at.',
    example: '1',
    enum: ['0', '1'],
    default: '0',
  },
};

const PAGE_SIZE = 10;
/** What a detail asks of a list. */
export const ONE: Page = { page: 1, pageSize: 1 };

export function idOf(parameters: Parameters): string {
  const id = textOf(parameters, 'id');
  if (id === '') throw invalid('id', 'is required');
  return id;
}

export function serialOf(parameters: Parameters): number {
  const id = idOf(parameters);
  if (!/^[1-9]\d{0,14}$/.test(id)) throw new AppError('not_found');
  return Number(id);
}

export function only<T>(items: T[]): T {
  const [one] = items;
  if (!one) throw new AppError('not_found');
  return one;
}

export function pageOf(parameters: Parameters): Page {
  return { page: countOf(parameters, 'page', 1), pageSize: PAGE_SIZE };
}

export function isMore(parameters: Parameters): boolean {
  return textOf(parameters, 'is_more') === '1';
}

/** One of some numbers; −1, or nothing, is all of them. */
export function choice<N extends number>(
  parameters: Parameters,
  name: string,
  numbers: readonly N[],
): N | undefined {
  const number = countOf(parameters, name, -1, -1);
  if (number === -1) return undefined;
  const found = numbers.find((one) => one === number);
  if (found === undefined) throw invalid(name, `must be -1 or one of: ${numbers.join(', ')}`);
  return found;
}
