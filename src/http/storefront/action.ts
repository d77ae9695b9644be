import type { StorefrontSettings } from '#flows/storefront/settings';
import type { Ctx } from '#kernel/context';
import { AppError, invalid } from '#kernel/errors';
import type { Page } from '#kernel/page';
import { countOf, type Parameters, textOf } from './parameters.ts';

/** One action of the plugin: what a front end calls `control/action`. */
export interface Action {
  control: string;
  action: string;
  summary: string;
  /** Anybody may ask. */
  open?: boolean;
  /** It writes, so it is done by POST. */
  writes?: boolean;
  /** Parameters beyond the public ones. */
  takes?: Record<string, string>;
  run(ctx: Ctx, settings: StorefrontSettings, parameters: Parameters): Promise<unknown>;
}

export const ID = { id: 'Its number' };
export const PAGING = { page: 'From 1; ten on each', is_more: '1: the filters count' };

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
