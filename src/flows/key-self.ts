import type { Ctx } from '#kernel/context';
import { AppError } from '#kernel/errors';
import { FREE_PLAN_ID } from '#modules/catalogue/plans';
import { selectTokenPlans, type TokenPlan } from '#modules/catalogue/store';
import { selectGrants } from '#modules/commerce/holding-store';
import { membershipAt } from '#modules/commerce/rules';
import { type KeyRecord, resolveKey } from '#modules/keys/resolve-key';
import { assertLive } from './meter.ts';

/** What a key is and what its owner's plan allows now. Reads D1, since no object is asked that knows dead keys. */
export async function getKeySelf(ctx: Ctx, text: string): Promise<{ key: KeyRecord; plan: TokenPlan }> {
  const found = await resolveKey(ctx, text, true);
  if (!found) throw new AppError('api_key_unknown');
  const { record } = found;
  assertLive(ctx, record);
  const { status, current } = membershipAt(await selectGrants(ctx, record.owner, 'token'), false, ctx.now);
  const id = status === 'active' && current ? current.productId : FREE_PLAN_ID;
  const [plan] = await selectTokenPlans(ctx, [id]);
  if (!plan) throw new Error(`no plan ${id}`);
  return { key: record, plan };
}
