import { modelAllowed } from '#kernel/models';
import type { Denial, OwnerSnapshot, PlanLimits, ReserveRequest, Spender } from '#kernel/quota';
import type { Ended } from './journal.ts';
import { costOf, ownerLimits } from './rules.ts';

/** Refusals that have nothing to do with what is left: a model that is not allowed, a size that never fits. */
export function denialOf(limits: PlanLimits, { model, tokens }: ReserveRequest): Denial | null {
  if (limits.models && model === null) return 'model_required';
  if (limits.models && model !== null && !modelAllowed(limits.models, model)) return 'model_not_allowed';
  // Only of the plan: a member's cap may be raised at any time, so it always answers 429.
  const never = ownerLimits('member', limits).some((one) => costOf(one, tokens) > one.limit);
  return never ? 'quota_never_fits' : null;
}

/** What a key is refused for on every path that begins something. */
export function keyDenial(snapshot: OwnerSnapshot, spender: Spender): Denial | null {
  if (isStaleKey(snapshot, spender)) return 'key_stale';
  return snapshot.frozen ? 'owner_frozen' : null;
}

/** Whether the Worker knew an older version of this key than the object was told of. */
export function isStaleKey({ keyVersions }: OwnerSnapshot, { keyId, keyVersion }: Spender): boolean {
  return keyVersion < (keyVersions[keyId] ?? 0);
}

/** Why what has ended cannot be settled with this figure, or null; settled with the same figure it can, again. */
export function settleConflict({ state, settled }: Ended, tokens: number): Denial | null {
  if (state === 'released') return 'reservation_released';
  return state === 'settled' && settled !== tokens ? 'reservation_settled' : null;
}

/** Why what has ended cannot be released, or null; released it can, again. */
export function releaseConflict({ state }: Ended): Denial | null {
  return state === 'settled' ? 'reservation_settled' : null;
}
