import { z } from 'zod';
import { commit, guard } from '#db/commit';
import { requirePerson } from '#kernel/actor';
import type { Ctx } from '#kernel/context';
import { AppError } from '#kernel/errors';
import { CaptchaToken, Ciphertext, Email, KeyId, MailedCode } from '#modules/accounts/inputs';
import { endSessions } from '#modules/accounts/session-store';
import { findUserById, type UserRow, updateUser, updateUserOfPassword } from '#modules/accounts/store';
import { queueMail } from '#modules/operations/queue-mail';
import { maskEmail } from '#security/mask';
import { sendDueMail } from '../mail/send-mail.ts';
import { takeCode } from './email-code.ts';
import { confirmPassword } from './passwords.ts';

export const ConfirmEmailInput = z.discriminatedUnion('purpose', [
  z.object({ purpose: z.literal('register'), email: Email, code: MailedCode }),
  z.object({
    purpose: z.literal('change_email'),
    email: Email,
    code: MailedCode,
    key_id: KeyId,
    password: Ciphertext,
    captcha_token: CaptchaToken.nullish(),
  }),
]);

/** Verifies the caller's address, or (with the password) moves the account to another one. */
export async function confirmEmail(ctx: Ctx, input: z.infer<typeof ConfirmEmailInput>): Promise<UserRow> {
  const { userId } = requirePerson(ctx.actor);
  await (input.purpose === 'register' ? verifyOwn(ctx, userId, input) : changeEmail(ctx, userId, input));
  const [user] = await findUserById(ctx, userId);
  if (!user) throw new AppError('unauthenticated');
  return user;
}

async function verifyOwn(ctx: Ctx, userId: string, input: { email: string; code: string }): Promise<void> {
  const emailKey = input.email.toLowerCase();
  const [user] = await findUserById(ctx, userId);
  if (user?.emailKey !== emailKey) throw new AppError('code_invalid');
  const used = await takeCode(ctx, emailKey, 'register', input.code);
  await commit(ctx, [
    ...used,
    updateUser(ctx, userId, { emailVerifiedAt: user.emailVerifiedAt ?? ctx.now, updatedAt: ctx.now }),
  ]);
}

/** The old address is told, other sessions end. */
async function changeEmail(
  ctx: Ctx,
  userId: string,
  input: Extract<z.infer<typeof ConfirmEmailInput>, { purpose: 'change_email' }>,
): Promise<void> {
  const emailKey = input.email.toLowerCase();
  const { user } = await confirmPassword(ctx, userId, { ...input, encrypted: input.password }, 'password');
  const used = await takeCode(ctx, emailKey, 'change_email', input.code, userId);
  if (emailKey === ctx.secrets.admin?.email.toLowerCase()) throw new AppError('email_taken');
  const { sessionId } = requirePerson(ctx.actor);
  await commit(ctx, [
    ...used,
    updateUserOfPassword(ctx, user, {
      email: input.email,
      emailKey,
      emailVerifiedAt: ctx.now,
      updatedAt: ctx.now,
    }),
    guard(ctx, 'password_wrong'),
    endSessions(ctx, userId, ctx.now, sessionId),
    ...(user.email
      ? await queueMail(ctx, {
          to: user.email,
          userId,
          template: 'email_changed',
          parameters: { masked: maskEmail(input.email) },
        })
      : []),
  ]);
  ctx.defer(sendDueMail(ctx));
}
