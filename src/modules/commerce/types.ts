/** What was on offer when an order was placed; settling and refunds read this and never today's catalogue. */
export interface OrderSnapshot {
  productName: string;
  /** Name with its period in words, as orders and history show it: 基础版(年付). */
  title: string;
  /** Whole days of the period, null for calendar periods and for ever. */
  days: number | null;
}
