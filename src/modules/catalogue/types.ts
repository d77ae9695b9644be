/** One line of what a token plan grants (seed 000 §8.1). Unknown keys are kept and shown as they are. */
export interface Benefit {
  key: string;
  value: unknown;
  desc?: string;
}

/** A storefront period as its admin typed it (seed 004 `pay_period_rules`). */
export interface OfferDetail {
  price: string;
  value: string;
  unit: string;
  commission: string;
}

/** A tier's gift (seed 003 `gift_info`); `receive` only for bronze. */
export interface Gift {
  name: string;
  cover: string;
  content: string[];
  receive: { url: string; code: string } | null;
}

/** An equity as a tier grants it (seed 003): which of the values are present depends on the key. */
export interface EquityGrant {
  key: string;
  desc: string;
  value?: null;
  rate?: string;
  z_rate?: string;
  m_rate?: string;
  z_elc_rate?: string;
}

/** How a tier is reached (seed 003 `condition`). Amounts in minor units, `limit` whole EOC. */
export interface TierCondition {
  direct: { price: number; limit: number; costPrice: number | null };
  /** So many direct invitees of that level or higher. */
  indirect: { num: number; level: string } | null;
}
