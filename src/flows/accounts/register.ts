import { z } from 'zod';
import { commit } from '#db/commit';
import type { Statement } from '#db/statement';
import { HOUR } from '#kernel/clock';
import type { Ctx } from '#kernel/context';
import { AppError, invalid } from '#kernel/errors';
import {
  CaptchaToken,
  Ciphertext,
  Email,
  KeyId,
  MailedCode,
  Phone,
  PlainName,
} from '#modules/accounts/inputs';
import { takeCiphertext } from '#modules/accounts/rsa-keys';
import { passwordFault } from '#modules/accounts/rules';
import { takeCaptcha } from '#modules/accounts/spend-captcha';
import {
  findAccount,
  findByReferralCode,
  findUserById,
  insertUser,
  type UserRow,
} from '#modules/accounts/store';
import { attempt } from '#modules/accounts/throttle';
import type { InvitationRow } from '#modules/enterprise/invitation-store';
import { insertMember } from '#modules/enterprise/member-store';
import { insertEnterprise } from '#modules/enterprise/store';
import { randomBase62 } from '#security/api-key';
import { throttleAddress } from '#security/ip';
import { hashPassword } from '#security/password';
import {
  findInvitationFor,
  INVITATION_PREFIX,
  isOpen,
  joinedAudit,
  joining,
} from '../enterprise/join-enterprise.ts';
import { takeCode } from './email-code.ts';

export const RegisterInput = z
  .object({
    user_type: z.enum(['personal', 'enterprise']),
    email: Email,
    key_id: KeyId,
    password: Ciphertext,
    phone: Phone.nullish(),
    enterprise_name: PlainName.nullish(),
    captcha_token: CaptchaToken,
    email_code: MailedCode.nullish(),
    invite_code: z.string().min(1).max(200).nullish(),
  })
  .superRefine((input, issues) => {
    if (input.user_type === 'enterprise' && !input.enterprise_name) {
      issues.addIssue({
        code: 'custom',
        path: ['enterprise_name'],
        message: 'is required for an enterprise',
      });
    }
  });

/**
 * Makes an account (seed 002 §1.1), and for an enterprise its unverified company. The captcha is spent and
 * the attempt counted whatever comes of it; two at once with one e-mail make one account.
 */
export async function register(ctx: Ctx, input: z.infer<typeof RegisterInput>): Promise<UserRow> {
  await attempt(ctx, [
    {
      bucket: `register:${throttleAddress(ctx.address)}`,
      limit: ctx.policy.registrationsPerHour,
      windowMs: HOUR,
    },
  ]);
  await takeCaptcha(ctx, input.captcha_token);
  const password = await takeCiphertext(ctx, input.key_id, input.password);
  const fault = passwordFault(password);
  if (fault) throw new AppError('password_weak', { faults: [{ path: 'password', message: fault }] });

  const emailKey = input.email.toLowerCase();
  const { inviterId, invitation } = await readInvite(ctx, input, emailKey);

  const verified = input.email_code ? await takeCode(ctx, emailKey, 'register', input.email_code) : [];
  if (emailKey === ctx.secrets.admin?.email.toLowerCase()) throw new AppError('email_taken');
  const [taken] = await findAccount(ctx, { email: emailKey });
  if (taken) throw new AppError('email_taken');

  const id = ctx.ids.next('u', ctx.now);
  const statements = [
    ...verified,
    insertUser(ctx, {
      id,
      userType: input.user_type,
      email: input.email,
      emailKey,
      // Whoever has the link of an invitation has read that mailbox.
      emailVerifiedAt: verified.length > 0 || invitation ? ctx.now : null,
      phone: input.phone ?? null,
      passwordHash: await hashPassword(password),
      referralCode: randomBase62(8),
      inviterId,
      createdAt: ctx.now,
      updatedAt: ctx.now,
    }),
    ...(input.user_type === 'enterprise' && input.enterprise_name
      ? founding(ctx, id, input.enterprise_name)
      : []),
    ...(invitation ? joining(ctx, invitation, id) : []),
  ];
  await commit(ctx, statements, invitation ? joinedAudit(invitation, id) : undefined);
  const [user] = await findUserById(ctx, id);
  if (!user) throw new Error('a user vanished after registration');
  return user;
}

/** A company, unverified, whose first member is its owner. */
function founding(ctx: Ctx, ownerId: string, name: string): Statement[] {
  const enterpriseId = ctx.ids.next('ent', ctx.now);
  return [
    insertEnterprise(ctx, {
      id: enterpriseId,
      ownerId,
      name,
      createdAt: ctx.now,
      updatedAt: ctx.now,
    }),
    insertMember(ctx, {
      id: ctx.ids.next('em', ctx.now),
      enterpriseId,
      userId: ownerId,
      role: 'admin',
      joinedAt: ctx.now,
    }),
  ];
}

/** What an invite code stands for: an invitation into an enterprise (`inv_…`), else a user's referral code. */
async function readInvite(
  ctx: Ctx,
  { invite_code: code, user_type }: z.infer<typeof RegisterInput>,
  emailKey: string,
): Promise<{ inviterId: string | null; invitation: InvitationRow | null }> {
  if (!code) return { inviterId: null, invitation: null };
  if (code.startsWith(INVITATION_PREFIX)) {
    if (user_type === 'enterprise')
      throw badInvite('is for a personal account: an enterprise joins no other');
    const invitation = await findInvitationFor(ctx, code, emailKey);
    if (!invitation || !isOpen(invitation, ctx.now)) throw badInvite('is not known, used or too old');
    return { inviterId: null, invitation };
  }
  const [inviter] = await findByReferralCode(ctx, code);
  if (!inviter) throw badInvite('is not known');
  return { inviterId: inviter.id, invitation: null };
}

function badInvite(message: string): AppError {
  return new AppError('invite_code_invalid', invalid('invite_code', message).detail);
}
