import type { Ctx } from '#kernel/context';
import { AppError } from '#kernel/errors';
import { FREE_PLAN_ID } from '#modules/catalogue/plans';
import { selectTokenPlans, type TokenPlan } from '#modules/catalogue/store';
import { selectGrants } from '#modules/commerce/holding-store';
import { heldAt } from '#modules/commerce/rules';
import { noteKeyUse } from '#modules/keys/note-key-use';
import { type KeyRecord, resolveKey } from '#modules/keys/resolve-key';
import { assertLive } from './meter.ts';

/** What a key is and what its owner's plan allows now. Reads D1, since no object is asked that knows dead keys. */
export async function getKeySelf(
  ctx: Ctx,
  text: string,
): Promise<{ key: KeyRecord; name: string; plan: TokenPlan }> {
  const found = await resolveKey(ctx, text, true);
  if (!found) throw new AppError('api_key_unknown');
  const { record, name } = found;
  assertLive(ctx, record);
  noteKeyUse(ctx, record.keyId);
  const held = heldAt(await selectGrants(ctx, record.owner, 'token'), ctx.now);
  const id = held?.productId ?? FREE_PLAN_ID;
  const [plan] = await selectTokenPlans(ctx, [id]);
  if (!plan) throw new Error(`no plan ${id}`);
  return { key: record, name: name ?? '', plan };
}
