import fc from 'fast-check';
import { HOUR, SECOND } from '#kernel/clock';
import type { MemberCap, OwnerSnapshot } from '#kernel/quota';
import { type Limits, snapshotOf, USER } from '../support/quota-fixtures.ts';

/** What may happen to a quota object, and what it is told. */
export type Operation =
  | { kind: 'wait'; span: number | 'midnight' | 'before midnight' }
  | { kind: 'reserve'; slot: number; tokens: number; ttl: number; consume: boolean; named: boolean }
  /** `share` of what was reserved is settled; null releases. By the newest id of the slot, or one further `back`. */
  | { kind: 'end'; slot: number; share: number | null; by: By; back: number }
  /** The memory is gone: at once, or once everything is written. */
  | { kind: 'crash' | 'evict' }
  | { kind: 'alarm' }
  | {
      kind: 'push';
      rules: Rules;
      step: number;
      planFor: [Limits, number] | null;
      frozen: boolean;
      dead: string;
    };
export type Of<K extends Operation['kind']> = Extract<Operation, { kind: K }>;
/** Who ends a reservation: its key, another of the same user, a colleague's, or one of nobody here. */
export type By = 'own' | 'sibling' | 'dead own' | 'dead sibling' | 'colleague' | 'stranger';

export interface Rules {
  limits: Limits;
  caps: Record<string, MemberCap>;
}

/** Whose quota it is: a person's, or that of an enterprise with two or three members. */
export type Team = string[];

/** Reservation s0 is of key k0, and so on; the keys are in pairs of one user each. */
export const SLOTS = 6;
export const userOf = (team: Team, slot: number) => team[Math.floor(slot / 2) % team.length] ?? USER;
/** Another key of the same user, and one of another user where there is one. */
export const siblingOf = (slot: number) => slot ^ 1;
export const colleagueOf = (slot: number) => (slot + 2) % SLOTS;

/** Caps are an enterprise's: a person's quota has none. */
export const snapshotFor = (team: Team, { limits, caps }: Rules, more: Partial<OwnerSnapshot> = {}) =>
  snapshotOf(limits, team.length > 1 ? { scope: 'enterprise', caps, ...more } : more);

export const teams: fc.Arbitrary<Team> = fc.constantFrom([USER], ['u_1', 'u_2'], ['u_1', 'u_2', 'u_3']);

const limitSets: fc.Arbitrary<Limits> = fc.record(
  {
    tpm: fc.integer({ min: 20, max: 100 }),
    tpd: fc.integer({ min: 20, max: 300 }),
    requests_per_day: fc.integer({ min: 1, max: 8 }),
    tokens_per_month: fc.integer({ min: 20, max: 600 }),
  },
  { requiredKeys: [] },
);

/** No cap, a cap of 0, or a small one that some requests are larger than. */
const capOf = (max: number) =>
  fc.oneof(
    { weight: 3, arbitrary: fc.constant(null) },
    { weight: 1, arbitrary: fc.constant(0) },
    { weight: 5, arbitrary: fc.integer({ min: 1, max }) },
  );
const caps: fc.Arbitrary<MemberCap> = fc.record({ tokens_per_day: capOf(150), requests_per_day: capOf(4) });

export const ruleSets: fc.Arbitrary<Rules> = fc.record({
  limits: limitSets,
  caps: fc.record({ u_1: caps, u_2: caps, u_3: caps }, { requiredKeys: [] }) as fc.Arbitrary<Rules['caps']>,
});

const slots = fc.nat(SLOTS - 1);
const spans: fc.Arbitrary<Of<'wait'>['span']> = fc.oneof(
  { weight: 5, arbitrary: fc.nat(3 * SECOND) },
  { weight: 4, arbitrary: fc.nat(90 * SECOND) },
  { weight: 2, arbitrary: fc.nat(1200 * SECOND) },
  { weight: 1, arbitrary: fc.constantFrom(60 * SECOND, 61 * SECOND, 25 * HOUR) },
  // The machine's clock is put right.
  {
    weight: 2,
    arbitrary: fc.oneof(fc.integer({ min: -5 * SECOND, max: 0 }), fc.integer({ min: -HOUR, max: 0 })),
  },
  { weight: 2, arbitrary: fc.constantFrom<'midnight' | 'before midnight'>('midnight', 'before midnight') },
);
const enders: By[] = ['own', 'own', 'own', 'own', 'sibling', 'dead own', 'dead sibling'];

export const operations: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('wait' as const), span: spans }) },
  {
    weight: 10,
    arbitrary: fc.record({
      kind: fc.constant('reserve' as const),
      slot: slots,
      tokens: fc.oneof(fc.integer({ min: 1, max: 110 }), fc.constantFrom(5, 10, 20), fc.constant(10)),
      ttl: fc.constantFrom(10, 60, 600, 3600),
      consume: fc.boolean(),
      named: fc.nat(3).map((number) => number > 0),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('end' as const),
      slot: slots,
      share: fc.constantFrom(0, 0.5, 1, 1.5, null, null),
      by: fc.constantFrom<By>(...enders, 'colleague', 'stranger'),
      back: fc.constantFrom(0, 0, 0, 1, 2),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('crash' as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('evict' as const, 'alarm' as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('push' as const),
      rules: ruleSets,
      step: fc.constantFrom(-1, 0, 1, 1),
      planFor: fc.option(fc.tuple(limitSets, fc.integer({ min: 1, max: 2000 }))),
      frozen: fc.integer({ min: 0, max: 5 }).map((number) => number === 0),
      // Mostly a key that nobody asks with.
      dead: fc.nat(38).map((number) => `k${number}`),
    }),
  },
);
