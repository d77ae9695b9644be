import { z } from 'zod';
import { commit } from '#db/commit';
import { HOUR } from '#kernel/clock';
import type { Ctx } from '#kernel/context';
import { AppError, invalid } from '#kernel/errors';
import { CaptchaToken, Ciphertext, Email, KeyId, MailedCode } from '#modules/accounts/inputs';
import { parsePhone } from '#modules/accounts/phone';
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
import { insertEnterprise } from '#modules/enterprise/store';
import { randomBase62 } from '#security/api-key';
import { throttleAddress } from '#security/ip';
import { hashPassword } from '#security/password';
import { takeCode } from './email-code.ts';

export const RegisterInput = z
  .object({
    user_type: z.enum(['personal', 'enterprise']),
    email: Email,
    key_id: KeyId,
    password: Ciphertext,
    phone: z
      .string()
      .refine((text) => parsePhone(text) !== null, 'must be a mainland mobile number or in E.164 form')
      .nullish(),
    enterprise_name: z.string().trim().min(1).max(64).nullish(),
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
  const inviterId = input.invite_code ? await findInviter(ctx, input.invite_code) : null;

  const verified = input.email_code ? await takeCode(ctx, emailKey, 'register', input.email_code) : [];
  if (emailKey === ctx.secrets.admin?.email.toLowerCase()) throw new AppError('email_taken');
  const [taken] = await findAccount(ctx, { email: emailKey });
  if (taken) throw new AppError('email_taken');

  const id = ctx.ids.next('u', ctx.now);
  await commit(ctx, [
    ...verified,
    insertUser(ctx, {
      id,
      userType: input.user_type,
      email: input.email,
      emailKey,
      emailVerifiedAt: verified.length > 0 ? ctx.now : null,
      phone: input.phone ? parsePhone(input.phone) : null,
      passwordHash: await hashPassword(password),
      referralCode: randomBase62(8),
      inviterId,
      createdAt: ctx.now,
      updatedAt: ctx.now,
    }),
    ...(input.user_type === 'enterprise' && input.enterprise_name
      ? [
          insertEnterprise(ctx, {
            id: ctx.ids.next('ent', ctx.now),
            ownerId: id,
            name: input.enterprise_name,
            createdAt: ctx.now,
            updatedAt: ctx.now,
          }),
        ]
      : []),
  ]);
  const [user] = await findUserById(ctx, id);
  if (!user) throw new Error('a user vanished after registration');
  return user;
}

async function findInviter(ctx: Ctx, code: string): Promise<string> {
  const [inviter] = await findByReferralCode(ctx, code);
  if (!inviter) throw new AppError('invite_code_invalid', invalid('invite_code', 'is not known').detail);
  return inviter.id;
}
