import { z } from 'zod';
import { commit, guard } from '#db/commit';
import type { Statement } from '#db/statement';
import { requirePerson } from '#kernel/actor';
import { MINUTE } from '#kernel/clock';
import type { Ctx } from '#kernel/context';
import { AppError } from '#kernel/errors';
import { attemptPassword } from '#modules/accounts/attempt-password';
import { deleteCodes } from '#modules/accounts/code-store';
import { CaptchaToken, Ciphertext, Email, KeyId, MailedCode } from '#modules/accounts/inputs';
import { takeCiphertext } from '#modules/accounts/rsa-keys';
import { passwordFault } from '#modules/accounts/rules';
import { endSessions } from '#modules/accounts/session-store';
import {
  findAccount,
  findUserById,
  type UserRow,
  updateUser,
  updateUserOfPassword,
} from '#modules/accounts/store';
import { attempt, giveBackNow } from '#modules/accounts/throttle';
import { deleteApiKeysOf } from '#modules/keys/store';
import { queueMail } from '#modules/operations/queue-mail';
import { throttleAddress } from '#security/ip';
import { DUMMY_HASH, hashPassword, verifyPassword } from '#security/password';
import { sendDueMail } from '../mail/send-mail.ts';
import { commitForOwner, pushOwner } from '../quota/push-owner.ts';
import { takeCode } from './email-code.ts';

export const ChangePasswordInput = z.object({
  key_id: KeyId,
  old_password: Ciphertext,
  new_password: Ciphertext,
  captcha_token: CaptchaToken.nullish(),
});

export const ResetPasswordInput = z.object({
  email: Email,
  code: MailedCode,
  key_id: KeyId,
  new_password: Ciphertext,
});

/** Changes the caller's password (seed 002 §1.1); all other sessions end at once. */
export async function changePassword(ctx: Ctx, input: z.infer<typeof ChangePasswordInput>): Promise<void> {
  const { userId, sessionId } = requirePerson(ctx.actor);
  const { user, password: old } = await confirmPassword(
    ctx,
    userId,
    { ...input, encrypted: input.old_password },
    'old_password',
  );
  const fresh = await takeCiphertext(ctx, input.key_id, input.new_password);
  const fault = fresh === old ? 'must differ from the old one' : passwordFault(fresh);
  if (fault) throw new AppError('password_weak', { faults: [{ path: 'new_password', message: fault }] });
  await commit(ctx, [
    updateUserOfPassword(ctx, user, { passwordHash: await hashPassword(fresh), updatedAt: ctx.now }),
    guard(ctx, 'password_wrong'),
    endSessions(ctx, userId, ctx.now, sessionId),
    ...(user.email
      ? await queueMail(ctx, { to: user.email, userId, template: 'password_changed', parameters: {} })
      : []),
  ]);
  ctx.defer(sendDueMail(ctx));
}

/**
 * Sets a new password with a code from the mailbox; all sessions end. Of an address that was never verified
 * the API keys and other codes go too: whoever registered with it may not have been its owner.
 */
export async function resetPassword(ctx: Ctx, input: z.infer<typeof ResetPasswordInput>): Promise<void> {
  const emailKey = input.email.toLowerCase();
  const where = throttleAddress(ctx.address);
  await attempt(ctx, [
    { bucket: `reset:${emailKey}:${where}`, limit: 10, windowMs: 15 * MINUTE },
    { bucket: `reset:*:${where}`, limit: 20, windowMs: 15 * MINUTE },
  ]);
  const fresh = await takeCiphertext(ctx, input.key_id, input.new_password);
  const fault = passwordFault(fresh);
  if (fault) throw new AppError('password_weak', { faults: [{ path: 'new_password', message: fault }] });
  const used = await takeCode(ctx, emailKey, 'reset_password', input.code);
  const [user] = await findAccount(ctx, { email: emailKey });
  if (!user) throw new AppError('code_invalid');
  const unverified = user.emailVerifiedAt === null;
  const statements = [
    ...used,
    updateUser(ctx, user.id, {
      passwordHash: await hashPassword(fresh),
      emailVerifiedAt: user.emailVerifiedAt ?? ctx.now,
      updatedAt: ctx.now,
    }),
    endSessions(ctx, user.id, ctx.now, null),
    ...(await queueMail(ctx, {
      to: input.email,
      userId: user.id,
      template: 'password_changed',
      parameters: {},
    })),
  ];
  if (unverified) {
    const takenBack = [...statements, ...takeBack(ctx, user, emailKey)];
    await pushOwner(ctx, await commitForOwner(ctx, user.id, takenBack));
  } else await commit(ctx, statements);
  ctx.defer(sendDueMail(ctx));
}

function takeBack(ctx: Ctx, user: UserRow, emailKey: string): Statement[] {
  return [deleteApiKeysOf(ctx, user.id, ctx.now), deleteCodes(ctx, emailKey)];
}

/**
 * The caller's own password once more, for what a stolen session must not be able to do. Shares the counters
 * of the login; what is right is given back.
 */
export async function confirmPassword(
  ctx: Ctx,
  userId: string,
  input: { key_id: string; encrypted: string; captcha_token?: string | null },
  path: 'old_password' | 'password',
): Promise<{ user: UserRow; password: string }> {
  const [user] = await findUserById(ctx, userId);
  const name = user?.emailKey ? { email: user.emailKey } : { phone: user?.phone ?? '' };
  const { giveBack } = await attemptPassword(ctx, name, userId, input.captcha_token);
  const password = await takeCiphertext(ctx, input.key_id, input.encrypted);
  const right = await verifyPassword(password, user?.passwordHash ?? DUMMY_HASH);
  if (!user || !right) throw new AppError('password_wrong', { faults: [{ path, message: 'is wrong' }] });
  await giveBackNow(ctx, giveBack);
  return { user, password };
}
