import { z } from 'zod';
import { abortIf, commit, guard } from '#db/commit';
import { DAY, MINUTE } from '#kernel/clock';
import type { Ctx } from '#kernel/context';
import { AppError } from '#kernel/errors';
import type { Page, Slice } from '#kernel/page';
import { Email } from '#modules/accounts/inputs';
import { attempt, giveBackNow } from '#modules/accounts/throttle';
import { seatsOf } from '#modules/catalogue/rules';
import { selectGrantsWithBenefits } from '#modules/commerce/holding-store';
import { requireAct, stillManages } from '#modules/enterprise/acting';
import {
  findInvitation,
  type InvitationRow,
  insertInvitation,
  isMemberByEmail,
  listOpenInvitations,
  replaceInvitation,
  revokeInvitation as revokeRow,
} from '#modules/enterprise/invitation-store';
import { findEnterpriseRow, isUnverified } from '#modules/enterprise/store';
import { queueMail } from '#modules/operations/queue-mail';
import { randomBase62 } from '#security/api-key';
import { keyedHash } from '#security/keyed-hash';
import { sendDueMail } from '../mail/send-mail.ts';

export const InviteInput = z.object({ email: Email, role: z.enum(['admin', 'member']).default('member') });

const INVITATION_LIFE = 7 * DAY;
const MOST_A_DAY = 50;
const MOST_TRIES_A_DAY = 200;

/**
 * Invites somebody by mail into the caller's enterprise (seed 002 §1.5): a link that works once, for seven days
 * and for that address only. Invited again, the one before is replaced.
 */
export async function inviteMember(ctx: Ctx, input: z.infer<typeof InviteInput>): Promise<InvitationRow> {
  const acting = requireAct(ctx.actor, 'invitations.manage');
  const { enterprise, person } = acting;
  if (!enterprise.verified) throw new AppError('enterprise_unverified');
  const emailKey = input.email.toLowerCase();
  const taken = await attempt(ctx, [
    { bucket: `invite-minute:${emailKey}`, limit: 1, windowMs: MINUTE },
    { bucket: `invite-day:${enterprise.id}`, limit: MOST_A_DAY, windowMs: DAY },
    // Never given back: each try also tells whether somebody belongs to an enterprise.
    { bucket: `invite-try:${enterprise.id}`, limit: MOST_TRIES_A_DAY, windowMs: DAY },
  ]);
  const token = `inv_${randomBase62(40)}`;
  const row = {
    id: ctx.ids.next('invitation', ctx.now),
    enterpriseId: enterprise.id,
    email: input.email,
    emailKey,
    role: input.role,
    tokenHash: await keyedHash(ctx.secrets.tokenPepper, 'invitation', token),
    invitedBy: person.userId,
    createdAt: ctx.now,
    expiresAt: ctx.now + INVITATION_LIFE,
  };
  try {
    const [seats, company] = await Promise.all([
      seatsNow(ctx, enterprise.id),
      findEnterpriseRow(ctx, enterprise.id),
    ]);
    await commit(
      ctx,
      [
        stillManages(ctx, acting),
        abortIf(ctx, isUnverified(enterprise.id), 'enterprise_unverified'),
        abortIf(ctx, isMemberByEmail(emailKey), 'member_already'),
        replaceInvitation(ctx, enterprise.id, emailKey, ctx.now),
        insertInvitation(ctx, row, seats),
        guard(ctx, 'seats_full'),
        ...(await queueMail(ctx, {
          to: input.email,
          userId: null,
          template: 'enterprise_invitation',
          parameters: {
            enterprise: company?.name ?? '',
            link: invitationLink(ctx, token),
            token,
          },
          staleAt: row.expiresAt,
        })),
      ],
      {
        action: 'enterprise.member_invited',
        target: enterprise.id,
        detail: { invitation: row.id, role: row.role },
      },
    );
  } catch (error) {
    // No mail went out.
    await giveBackNow(ctx, taken.giveBack.slice(0, 2));
    throw error;
  }
  ctx.defer(sendDueMail(ctx));
  return { ...row, state: 'open', endedAt: null };
}

/** A page of ours; the token is in the fragment, which no log and no referrer ever sees. */
function invitationLink({ publicUrl, site }: Ctx, token: string): string {
  const query = site.key === 'default' ? '' : `?site=${site.key}`;
  return `${publicUrl}/docs/invitation${query}#${token}`;
}

/** What can still be accepted, newest first. */
export async function listInvitations(ctx: Ctx, page: Page): Promise<Slice<InvitationRow>> {
  const { enterprise } = requireAct(ctx.actor, 'invitations.read');
  return listOpenInvitations(ctx, enterprise.id, ctx.now, page);
}

/** Takes an invitation back; of accept and revoke at once one wins. */
export async function revokeInvitation(ctx: Ctx, id: string): Promise<void> {
  const acting = requireAct(ctx.actor, 'invitations.manage');
  const { enterprise } = acting;
  const row = await findInvitation(ctx, enterprise.id, id);
  if (!row || row.state === 'revoked' || row.state === 'replaced') throw new AppError('not_found');
  await commit(
    ctx,
    [stillManages(ctx, acting), revokeRow(ctx, id, ctx.now), guard(ctx, 'invitation_ended')],
    { action: 'enterprise.invitation_revoked', target: enterprise.id, detail: { invitation: id } },
  );
}

/** Seats of the plan that is held now. */
async function seatsNow(ctx: Ctx, enterpriseId: string): Promise<number> {
  const granted = await selectGrantsWithBenefits(ctx, enterpriseId, 'token', ctx.now);
  const held = granted.findLast(({ fromAt }) => fromAt <= ctx.now);
  return seatsOf(held?.benefits ?? []);
}
