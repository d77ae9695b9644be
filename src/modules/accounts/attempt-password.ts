import { commit } from '#db/commit';
import { MINUTE } from '#kernel/clock';
import type { Ctx } from '#kernel/context';
import { AppError } from '#kernel/errors';
import { throttleAddress } from '#security/ip';
import { sha256 } from '#security/keyed-hash';
import { takeCaptcha } from './spend-captcha.ts';
import { attempt, givenBack, type Throttle } from './throttle.ts';

const WINDOW = 15 * MINUTE;
/** From this many failures of one account from one address on, a captcha is asked for. */
const CAPTCHA_AFTER = 3;

/**
 * Counts an attempt at a password before anything is hashed: failures of one account from one address, of one
 * address, of one account. After three a captcha is asked for, which is no failure. What is given back on
 * success is what this returns.
 *
 * @param who the user's id, or what was typed where there is no such user: both are counted alike
 */
export async function attemptPassword(
  ctx: Ctx,
  who: string,
  captchaToken: string | null | undefined,
): Promise<Throttle[]> {
  // A hash, so that no table keeps what strangers type.
  const name = (await sha256(`password-attempt:${who.toLowerCase()}`)).slice(0, 32);
  const where = throttleAddress(ctx.address);
  const throttles = [
    { bucket: `password:${name}:${where}`, limit: 5, windowMs: WINDOW },
    { bucket: `password:*:${where}`, limit: 20, windowMs: WINDOW },
    { bucket: `password:${name}:*`, limit: 50, windowMs: WINDOW },
  ];
  const [mine] = await attempt(ctx, throttles);
  if ((mine?.count ?? 1) - 1 < CAPTCHA_AFTER) return throttles;
  try {
    if (!captchaToken) throw new AppError('captcha_required', { data: { captcha: true } });
    await takeCaptcha(ctx, captchaToken);
  } catch (error) {
    await commit({ ...ctx, idempotency: null }, givenBack(ctx, throttles));
    throw error;
  }
  return throttles;
}
