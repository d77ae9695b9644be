import { commit } from '#db/commit';
import type { Statement } from '#db/statement';
import type { Ctx } from '#kernel/context';
import { findUserById, type UserRow } from '#modules/accounts/store';
import { findProduct } from '#modules/catalogue/store';
import type { GrantRow } from '#modules/commerce/holding-store';
import { findEnterpriseRow } from '#modules/enterprise/store';
import { queueMail } from '#modules/operations/queue-mail';

/** Why a membership will end. */
export type EndReason = 'will_not_renew' | 'wallet_short' | 'plan_disabled' | 'frozen';

/** The person behind an owner: the user, or whoever owns the enterprise. */
export async function personBehind(ctx: Ctx, owner: string): Promise<UserRow | null> {
  const enterprise = owner.startsWith('ent_') ? await findEnterpriseRow(ctx, owner) : null;
  const [user] = await findUserById(ctx, enterprise?.ownerId ?? owner);
  return user ?? null;
}

/** Tells that a membership ends soon, where it will: one mail for each end and notice. */
export async function endNotice(
  ctx: Ctx,
  current: GrantRow,
  endsAt: number,
  days: 1 | 7,
  reason: EndReason | null,
): Promise<void> {
  if (reason === null) return;
  const { owner, program } = current;
  const [plan, user] = [await findProduct(ctx, current.productId), await personBehind(ctx, owner)];
  if (!user?.email) return;
  await commit(
    ctx,
    await queueMail(ctx, {
      id: `mail_ends${days}_${owner}_${program}_${endsAt}`,
      to: user.email,
      userId: user.id,
      template: 'membership_ends',
      parameters: { plan: plan?.name ?? current.productId, ends: dateOf(endsAt), reason },
      staleAt: endsAt,
    }),
  );
}

/** Tells that it has ended; for the batch that writes its history. */
export async function expiryMail(
  ctx: Ctx,
  { owner, program }: GrantRow,
  endsAt: number,
  plan: string,
): Promise<Statement[]> {
  const user = await personBehind(ctx, owner);
  if (!user?.email) return [];
  return queueMail(ctx, {
    id: `mail_expired_${owner}_${program}_${endsAt}`,
    to: user.email,
    userId: user.id,
    template: 'membership_expired',
    parameters: { plan, ended: dateOf(endsAt) },
  });
}

function dateOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}
