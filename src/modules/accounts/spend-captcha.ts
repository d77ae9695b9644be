import { commitApart } from '#db/commit';
import type { Ctx } from '#kernel/context';
import { AppError } from '#kernel/errors';
import { spendCaptcha } from './store.ts';

/** Takes a captcha token; it is spent from now on, also when the request then fails. */
export async function takeCaptcha(ctx: Ctx, token: string): Promise<void> {
  const proof = await ctx.captcha.verify(ctx.site.key, token, ctx.now, ctx.address);
  if (!proof) throw new AppError('captcha_invalid', { data: { captcha: true } });
  // Not part of the operation: neither its idempotency claim nor its outcome may undo the spending.
  try {
    await commitApart(ctx, [spendCaptcha(ctx, proof.nonce, proof.expiresAt)]);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    throw new AppError(error.code, { data: { captcha: true } });
  }
}
