import { MINUTE } from '#kernel/clock';
import type { Ctx } from '#kernel/context';
import { AppError } from '#kernel/errors';
import { throttleAddress } from '#security/ip';
import type { AccountName } from './rules.ts';
import { takeCaptcha } from './spend-captcha.ts';
import { type Attempt, attempt, giveBackNow } from './throttle.ts';

const WINDOW = 15 * MINUTE;
/** From this many failures of one account from one address on, a captcha is asked for. */
const CAPTCHA_AFTER = 3;

/**
 * Counts an attempt at a password before anything is hashed: failures of one account from one address, of one
 * address, of one account. After three a captcha is asked for, which is no failure.
 *
 * What is counted is the name that was typed, in one spelling; a name that nobody has counts alike. Only the
 * limit of an account over all addresses unites its names.
 */
export async function attemptPassword(
  ctx: Ctx,
  name: AccountName | string,
  userId: string | undefined,
  captchaToken: string | null | undefined,
): Promise<Attempt> {
  const who = JSON.stringify(name);
  const where = throttleAddress(ctx.address);
  const taken = await attempt(ctx, [
    { bucket: `password:${who}:${where}`, limit: 5, windowMs: WINDOW },
    { bucket: `password:*:${where}`, limit: 20, windowMs: WINDOW },
    { bucket: `password:${userId ?? who}:*`, limit: 50, windowMs: WINDOW },
  ]);
  const [mine = 1] = taken.counts;
  if (mine > CAPTCHA_AFTER) await demandCaptcha(ctx, taken, captchaToken);
  return taken;
}

/** Asks for a captcha and takes it; where it is missing or bad, the attempt does not count. */
export async function demandCaptcha(
  ctx: Ctx,
  taken: Attempt,
  token: string | null | undefined,
): Promise<void> {
  try {
    if (!token) throw new AppError('captcha_required', { data: { captcha: true } });
    await takeCaptcha(ctx, token);
  } catch (error) {
    await giveBackNow(ctx, taken.giveBack);
    throw error;
  }
}
