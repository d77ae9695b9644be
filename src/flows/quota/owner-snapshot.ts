import { DAY } from '#kernel/clock';
import type { Ctx } from '#kernel/context';
import type { OwnerSnapshot } from '#kernel/quota';
import { findUserById } from '#modules/accounts/store';
import { FREE_PLAN_ID } from '#modules/catalogue/plans';
import { limitsOf } from '#modules/catalogue/rules';
import { selectTokenPlans } from '#modules/catalogue/store';
import { selectGrantsWithBenefits } from '#modules/commerce/holding-store';
import { selectCaps } from '#modules/enterprise/member-store';
import { recentKeyVersions } from '#modules/keys/store';
import { selectPush } from '#modules/operations/store';

/** How long an object is told that a key version died: longer than KV remembers a key (a day). */
const KEY_MEMORY = 2 * DAY;

/** All that a quota object must know of its owner, of one moment: a single D1 batch. */
export async function loadOwnerSnapshot(
  ctx: Pick<Ctx, 'db' | 'site' | 'now'>,
  owner: string,
): Promise<OwnerSnapshot> {
  const [push, user, free, granted, keys, caps] = await ctx.db.batch([
    selectPush(ctx, owner),
    findUserById(ctx, owner),
    selectTokenPlans(ctx, [FREE_PLAN_ID]),
    selectGrantsWithBenefits(ctx, owner, 'token', ctx.now),
    recentKeyVersions(ctx, owner, ctx.now - KEY_MEMORY),
    selectCaps(ctx, owner),
  ]);
  const enterprise = owner.startsWith('ent_');
  return {
    version: push[0]?.version ?? 0,
    scope: enterprise ? 'enterprise' : 'member',
    timeZone: ctx.site.timeZone,
    // Of an enterprise a frozen owner stops no keys but the owner's own, which D1 knows of.
    frozen: !enterprise && user[0]?.status !== 'active',
    spans: granted.map(({ fromAt, untilAt, benefits }) => ({
      from: fromAt,
      until: untilAt,
      limits: limitsOf(benefits),
    })),
    fallback: limitsOf(free[0]?.benefits ?? []),
    keyVersions: Object.fromEntries(keys.map(({ id, version }) => [id, version])),
    caps: Object.fromEntries(
      caps.map(({ userId, tokensPerDay, requestsPerDay }) => [
        userId,
        { tokens_per_day: tokensPerDay, requests_per_day: requestsPerDay },
      ]),
    ),
  };
}
