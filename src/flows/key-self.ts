import type { Ctx } from '#kernel/context';
import { AppError } from '#kernel/errors';
import { FREE_PLAN_ID } from '#modules/catalogue/plans';
import { selectTokenPlans, type TokenPlan } from '#modules/catalogue/store';
import { selectGrants } from '#modules/commerce/holding-store';
import { membershipAt } from '#modules/commerce/rules';
import { noteKeyUse } from '#modules/keys/note-key-use';
import { type KeyRecord, resolveKey } from '#modules/keys/resolve-key';
import { findApiKey } from '#modules/keys/store';
import { assertLive } from './meter.ts';

/** What a key is and what its owner's plan allows now. Reads D1, since no object is asked that knows dead keys. */
export async function getKeySelf(
  ctx: Ctx,
  text: string,
): Promise<{ key: KeyRecord; name: string; plan: TokenPlan }> {
  const found = await resolveKey(ctx, text, true);
  if (!found) throw new AppError('api_key_unknown');
  const { record } = found;
  assertLive(ctx, record);
  noteKeyUse(ctx, record.keyId);
  const { status, current } = membershipAt(await selectGrants(ctx, record.owner, 'token'), false, ctx.now);
  const id = status === 'active' && current ? current.productId : FREE_PLAN_ID;
  const [plan] = await selectTokenPlans(ctx, [id]);
  if (!plan) throw new Error(`no plan ${id}`);
  const row = await findApiKey(ctx, record.userId, record.keyId);
  return { key: record, name: row?.name ?? '', plan };
}
