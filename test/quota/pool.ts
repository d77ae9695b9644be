import type { MemberCap } from '#kernel/quota';
import { type Limits, snapshotOf, spenderOf } from '../support/quota-fixtures.ts';
import { type EngineWith, STRATEGIES } from './engine-with.ts';

export const ANN = 'u_ann';
export const BEN = 'u_ben';
export const ann = spenderOf('k_ann', { userId: ANN });
export const ben = spenderOf('k_ben', { userId: BEN });

type Caps = Record<string, Partial<MemberCap>>;
export const capped = (caps: Caps): Record<string, MemberCap> =>
  Object.fromEntries(
    Object.entries(caps).map(([user, cap]) => [
      user,
      { tokens_per_day: null, requests_per_day: null, ...cap },
    ]),
  );

/** An enterprise with this pool and what its members may spend of it. */
function makePool(engineWith: EngineWith, limits: Limits, caps: Caps = {}) {
  const engine = engineWith(limits, { scope: 'enterprise', caps: capped(caps) });
  let version = 1;
  return {
    ...engine,
    reserve: (spender: typeof ann, id: string, tokens: number, now: number, settle = false) =>
      engine.reserve(id, tokens, now, { spender, settle }),
    /** What an enterprise's admin does: new caps for all. */
    cap: (caps: Caps) => {
      version += 1;
      engine.apply(snapshotOf(limits, { version, scope: 'enterprise', caps: capped(caps) }));
    },
  };
}

export type Pool = ReturnType<typeof makePool>;

export const POOLS = STRATEGIES.map(({ strategy, engineWith }) => ({
  strategy,
  engineWith,
  pool: (limits: Limits, caps?: Caps) => makePool(engineWith, limits, caps),
}));
