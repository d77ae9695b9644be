import type { Credit } from './credit.ts';

export type QuoteKind = 'subscribe' | 'renew' | 'upgrade' | 'downgrade';

/** What buying a product means to somebody who holds what they hold. */
export interface Quote {
  kind: QuoteKind;
  /** Of an upgrade: what is left of what was paid. */
  credit: Credit;
  /** When it would begin; of an order that is paid later it begins later. */
  startsAt: number;
}

export const NO_CREDIT: Credit = { total: 0, shares: [] };
