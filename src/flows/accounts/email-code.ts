import { z } from 'zod';
import { commit, guard } from '#db/commit';
import type { Statement } from '#db/statement';
import { HOUR, MINUTE } from '#kernel/clock';
import type { Ctx } from '#kernel/context';
import { AppError } from '#kernel/errors';
import { demandCaptcha } from '#modules/accounts/attempt-password';
import { type CodePurpose, insertCode, tryCodes, useCode } from '#modules/accounts/code-store';
import { CaptchaToken, Email } from '#modules/accounts/inputs';
import { findAccount } from '#modules/accounts/store';
import { attempt } from '#modules/accounts/throttle';
import { queueMail } from '#modules/operations/queue-mail';
import { throttleAddress } from '#security/ip';
import { keyedHash, keyedHashes } from '#security/keyed-hash';
import { sendDueMail } from '../mail/send-mail.ts';

export const SendCodeInput = z.object({
  email: Email,
  purpose: z.enum(['register', 'reset_password', 'change_email']),
  captcha_token: CaptchaToken.nullish(),
});

const CODE_LIFE = 10 * MINUTE;

/**
 * Mails a code (seed 002 §1.1), or tells an address that it has an account already. The answer, the limits and
 * the work are the same whether there is an account or not.
 */
export async function sendEmailCode(ctx: Ctx, input: z.infer<typeof SendCodeInput>): Promise<void> {
  const userId = 'userId' in ctx.actor ? ctx.actor.userId : null;
  if (input.purpose === 'change_email' && userId === null) throw new AppError('unauthenticated');
  const emailKey = input.email.toLowerCase();
  await throttleCodes(ctx, emailKey, input.captcha_token);

  const [account] = await findAccount(ctx, { email: emailKey });
  const code = sixDigits();
  const template = templateFor(input.purpose, account?.id ?? null, userId);
  // Where no code is to be used, one is kept all the same: of digits that nobody is sent.
  await commit(ctx, [
    insertCode(ctx, {
      id: ctx.ids.next('code', ctx.now),
      emailKey,
      purpose: input.purpose,
      userId,
      hash: await hashOf(ctx, emailKey, template?.startsWith('code_') ? code : sixDigits()),
      expiresAt: ctx.now + CODE_LIFE,
      createdAt: ctx.now,
    }),
    ...(await queueMail(ctx, {
      to: template && input.email,
      userId: account?.id ?? userId,
      template: template ?? 'code_reset_password',
      parameters: { code },
      staleAt: ctx.now + CODE_LIFE,
    })),
  ]);
  ctx.defer(sendDueMail(ctx));
}

function templateFor(purpose: CodePurpose, account: string | null, asker: string | null): string | null {
  const taken = account !== null && account !== asker;
  switch (purpose) {
    case 'reset_password':
      return account === null ? null : 'code_reset_password';
    case 'register':
      return taken ? 'already_registered' : 'code_register';
    case 'change_email':
      return taken ? 'already_registered' : 'code_change_email';
  }
}

/** One a minute and five an hour for an address, twenty an hour from one; from the second on with a captcha. */
async function throttleCodes(
  ctx: Ctx,
  emailKey: string,
  captchaToken: string | null | undefined,
): Promise<void> {
  const taken = await attempt(ctx, [
    { bucket: `code-minute:${emailKey}`, limit: 1, windowMs: MINUTE },
    { bucket: `code-hour:${emailKey}`, limit: 5, windowMs: HOUR },
    { bucket: `code-from:${throttleAddress(ctx.address)}`, limit: 20, windowMs: HOUR },
  ]);
  const [, address = 1, client = 1] = taken.counts;
  if (address > 1 || client > 1) await demandCaptcha(ctx, taken, captchaToken);
}

/**
 * Checks a code against every one that is live for the address, each of which loses a try. Gives the
 * statements that use it up: put them in the batch of what it allows.
 *
 * @param userId who must have asked for it, where that matters (`change_email`)
 */
export async function takeCode(
  ctx: Ctx,
  emailKey: string,
  purpose: CodePurpose,
  code: string,
  userId: string | null = null,
): Promise<Statement[]> {
  const live = await tryCodes(ctx, emailKey, purpose, userId, ctx.now);
  const hashes = await keyedHashes(ctx.secrets.tokenPepper, 'email-code', `${emailKey}:${code}`);
  const match = live.find((one) => hashes.includes(one.hash));
  if (!match)
    throw new AppError('code_invalid', { faults: [{ path: 'code', message: 'is wrong or too old' }] });
  return [useCode(ctx, match.id, ctx.now), guard(ctx, 'code_invalid')];
}

function hashOf(ctx: Ctx, emailKey: string, code: string): Promise<string> {
  return keyedHash(ctx.secrets.tokenPepper, 'email-code', `${emailKey}:${code}`);
}

/** Uniform over 000000–999999: what would make the first digits likelier is drawn again. */
function sixDigits(): string {
  const limit = 4_294_000_000;
  let drawn = limit;
  while (drawn >= limit) drawn = crypto.getRandomValues(new Uint32Array(1))[0] ?? limit;
  return String(drawn % 1_000_000).padStart(6, '0');
}
