import type { Gift, TierCondition } from '#modules/catalogue/types';

/** What was on offer when an order was placed; settling and refunds read this and never today's catalogue. */
export interface OrderSnapshot {
  productName: string;
  /** Name with its period in words, as orders and history show it: 基础版(年付). */
  title: string;
  /** Whole days of the period, null for calendar periods and for ever. */
  days: number | null;
  /** Of a tier: how it was reached, and what it was then. */
  tier?: TierSnapshot;
  /** Of a storefront's level: what it was, and the period that was bought. */
  vip?: VipSnapshot;
  /** Where an upgrade's credit comes from, by the orders that were paid for it; absent without credit. */
  credits?: CreditShare[];
}

/** A storefront's level as it was when it was ordered; texts as its admin typed them. */
export interface VipSnapshot {
  serial: number;
  name: string;
  imagesUrl: string;
  number: string;
  value: string;
  unit: string;
  price: string;
  commission: string;
  carryOver: 'value' | 'days';
}

/** How a tier was reached: bought with cash, with EOC and cash, by invitees, or given by hand. */
export type TierMode = 'direct' | 'mixed' | 'indirect' | 'admin';

/** A tier as it was when somebody ordered or reached it. Amounts in minor units. */
export interface TierSnapshot {
  mode: TierMode;
  rank: number;
  level: string;
  icon: string | null;
  condition: TierCondition | null;
  gift: Gift | null;
  /** Of a purchase: what its buyer chose, and the two parts of its price. */
  payType?: 'wxpay' | 'alipay';
  /** Whole EOC. */
  eoc?: number;
  cash?: number;
  /** For how long the purchase's rewards are held, and from when it counts for the inviter. */
  holdMs?: number;
  /** What its inviter gets, at the rates of when it was ordered. */
  rewards?: RewardShare[];
}

/** What an inviter gets: `rate` whole percent. */
export interface RewardShare {
  owner: string;
  asset: string;
  rate: number;
  amount: number;
}

/** Part of an upgrade's credit: what it takes out of an earlier order. */
export interface CreditShare {
  /** Null for time that no order paid. */
  orderId: string | null;
  /** Minor units. */
  amount: number;
}

/** As much of a grant as the arithmetic reads and moves. Spans are [from, until); null = for ever. */
export interface GrantState {
  id: string;
  orderId: string | null;
  part: number;
  productId: string;
  period: string | null;
  fromAt: number;
  untilAt: number | null;
  anchorAt: number;
  anchorMonths: number;
  paid: number;
  voidedAt: number | null;
  /** The upgrade that took its place, and its end before that. */
  replacedBy: string | null;
  restoreUntilAt: number | null;
  /** Since when it waits for its holder to leave an enterprise. */
  pausedAt: number | null;
  source?: 'order' | 'promotion' | 'manual' | 'free';
}

/** A grant that is to be made of another one's time or of an order's. */
export type NewGrant = Omit<GrantState, 'id' | 'voidedAt' | 'replacedBy' | 'restoreUntilAt' | 'pausedAt'> & {
  pausedAt?: number;
  replacedBy?: string;
  restoreUntilAt?: number | null;
};

/** What changes of a grant. */
export type GrantUpdate = { id: string } & Partial<
  Pick<
    GrantState,
    | 'fromAt'
    | 'untilAt'
    | 'anchorAt'
    | 'anchorMonths'
    | 'paid'
    | 'voidedAt'
    | 'replacedBy'
    | 'restoreUntilAt'
    | 'pausedAt'
  >
>;

/** What a purchase, a refund or a pause does to what is held: computed purely, written as one batch. */
export interface GrantChange {
  insert: NewGrant[];
  update: GrantUpdate[];
}
