import { DAY, SECOND } from '#kernel/clock';
import type { OwnerMetric, OwnerSnapshot, PlanLimits, Spender } from '#kernel/quota';

export const at = (iso: string) => Date.parse(iso);

/** New York around the end of summer time, which falls into a new month: midnights by hand. */
export const ZONE = 'America/New_York';
export const MIDNIGHTS = [
  ...['2026-10-30T04:00Z', '2026-10-31T04:00Z', '2026-11-01T04:00Z'].map(at),
  ...Array.from({ length: 30 }, (_, day) => at('2026-11-02T05:00Z') + day * DAY),
];
export const NOVEMBER = at('2026-11-01T04:00Z');
export const DECEMBER = at('2026-12-01T05:00Z');
export const START = at('2026-10-30T20:00Z');
export const END = at('2026-11-27T00:00Z');

export const dayOf = (time: number) => MIDNIGHTS.filter((midnight) => midnight <= time).length;
export const nextMidnight = (time: number) => MIDNIGHTS.find((midnight) => midnight > time) ?? Number.NaN;
export const monthOf = (time: number) => (time < NOVEMBER ? 10 : 11);
export const secondOf = (time: number) => Math.floor(time / SECOND);

export type Limits = Partial<Record<OwnerMetric, number>>;

export const USER = 'u_1';
export const spenderOf = (keyId: string, more: Partial<Spender> = {}): Spender => ({
  keyId,
  keyVersion: 1,
  userId: USER,
  test: false,
  ownerVersion: 0,
  dead: false,
  ...more,
});

export const plan = (limits: Limits & Pick<PlanLimits, 'models'>): PlanLimits => ({
  ...limits,
  priority: 'P2',
  tokenDiscount: null,
});

export const snapshotOf = (
  limits: Limits & Pick<PlanLimits, 'models'>,
  more: Partial<OwnerSnapshot> = {},
): OwnerSnapshot => ({
  version: 1,
  scope: 'member',
  timeZone: ZONE,
  frozen: false,
  spans: [],
  fallback: plan(limits),
  keyVersions: {},
  caps: {},
  ...more,
});
