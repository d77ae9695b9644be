/** What is sold: AI-token plans, site packages, alliance tiers, storefront levels. */
export const PROGRAMS = ['token', 'package', 'tier', 'vip'] as const;
export type Program = (typeof PROGRAMS)[number];

/** Orders also top up wallets, which grants no product. */
export type OrderProgram = Program | 'wallet';
