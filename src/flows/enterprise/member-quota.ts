import { z } from 'zod';
import { commit, guard } from '#db/commit';
import type { Ctx } from '#kernel/context';
import { invalid } from '#kernel/errors';
import { requireTarget, stillManages } from '#modules/enterprise/acting';
import { type MemberRow, setCaps } from '#modules/enterprise/member-store';
import { requestPush } from '#modules/operations/store';
import { pushOwner } from '../quota/push-owner.ts';

const Cap = z.int().min(0).nullish();

/** Seed 002 §1.5: what is left out stays, null takes the cap away, 0 lets nothing pass. */
export const MemberQuotaInput = z.object({ tokens_per_day: Cap, requests_per_day: Cap });

/** A member's caps and what they settled today. */
export interface MemberQuota {
  tokensPerDay: number | null;
  requestsPerDay: number | null;
  tokensUsedToday: number;
  requestsUsedToday: number;
}

export async function getMemberQuota(ctx: Ctx, memberId: string): Promise<MemberQuota> {
  const { enterprise, member } = await requireTarget(ctx, 'quota.read', memberId);
  return withUsage(ctx, enterprise.id, member);
}

/** Caps a member; the enterprise's object knows before this is answered. */
export async function setMemberQuota(
  ctx: Ctx,
  memberId: string,
  input: z.infer<typeof MemberQuotaInput>,
): Promise<MemberQuota> {
  const target = await requireTarget(ctx, 'quota.set', memberId);
  const { enterprise, member } = target;
  await assertWithinPool(ctx, enterprise.id, member.userId, input);
  const caps = { tokensPerDay: input.tokens_per_day, requestsPerDay: input.requests_per_day };
  const changes = Object.values(caps).some((cap) => cap !== undefined);
  if (changes) {
    await commit(
      ctx,
      [
        stillManages(ctx, target),
        setCaps(ctx, enterprise.id, member.userId, caps),
        guard(ctx, 'not_found'),
        requestPush(ctx, enterprise.id, ctx.now),
      ],
      { action: 'enterprise.quota_set', target: enterprise.id, detail: { member: member.userId, ...input } },
    );
    await pushOwner(ctx, enterprise.id);
  }
  return withUsage(ctx, enterprise.id, {
    tokensPerDay: caps.tokensPerDay === undefined ? member.tokensPerDay : caps.tokensPerDay,
    requestsPerDay: caps.requestsPerDay === undefined ? member.requestsPerDay : caps.requestsPerDay,
    userId: member.userId,
  });
}

/** A cap above what the enterprise itself may spend today promises what it cannot keep: 400. */
async function assertWithinPool(
  ctx: Ctx,
  enterpriseId: string,
  userId: string,
  input: z.infer<typeof MemberQuotaInput>,
): Promise<void> {
  const asked = [input.tokens_per_day, input.requests_per_day].some((cap) => typeof cap === 'number');
  if (!asked) return;
  const { limits } = await ctx.quota.read({ site: ctx.site.key, owner: enterpriseId }, { userId });
  const pool = { tokens_per_day: 'tpd', requests_per_day: 'requests_per_day' } as const;
  for (const field of ['tokens_per_day', 'requests_per_day'] as const) {
    const most = limits.find(({ scope, metric }) => scope === 'enterprise' && metric === pool[field])?.limit;
    const cap = input[field];
    if (typeof cap === 'number' && most !== undefined && cap > most) {
      throw invalid(field, `is above the enterprise's own ${most} a day`);
    }
  }
}

async function withUsage(
  ctx: Ctx,
  enterpriseId: string,
  { userId, tokensPerDay, requestsPerDay }: Pick<MemberRow, 'userId' | 'tokensPerDay' | 'requestsPerDay'>,
): Promise<MemberQuota> {
  const usage = await ctx.quota.memberUsage({ site: ctx.site.key, owner: enterpriseId });
  const { tokens = 0, requests = 0 } = usage[userId] ?? {};
  return { tokensPerDay, requestsPerDay, tokensUsedToday: tokens, requestsUsedToday: requests };
}
