import { z } from 'zod';
import { commit, guard } from '#db/commit';
import { DAY, MINUTE } from '#kernel/clock';
import type { Ctx } from '#kernel/context';
import { AppError } from '#kernel/errors';
import { randomBase62 } from '#security/api-key';
import { throttleAddress } from '#security/ip';
import { ACCESS_TOKEN_SECONDS, signAccessToken } from '#security/jwt';
import { keyedHash, sameText, sha256 } from '#security/keyed-hash';
import { DUMMY_HASH, hashPassword, verifyPassword } from '#security/password';
import { openCiphertext } from './rsa-keys.ts';
import { parseAccountName } from './rules.ts';
import { takeCaptcha } from './spend-captcha.ts';
import {
  countAdmins,
  findAccount,
  findUserById,
  insertFirstAdmin,
  insertRefreshToken,
  insertSession,
  type UserRow,
} from './store.ts';
import { attempt, givenBack, type Throttle } from './throttle.ts';

export const LoginInput = z.object({
  account: z.string().min(1).max(254),
  key_id: z.string().min(1).max(64),
  password: z.string().min(1).max(1024),
  captcha_token: z.string().max(8192).optional(),
});

export interface SignIn {
  accessToken: string;
  expiresIn: number;
  refreshToken: string;
  user: UserRow;
}

const SESSION_LIFE = 90 * DAY;
const REFRESH_LIFE = 30 * DAY;
const WINDOW = 15 * MINUTE;
/** From this many failures of one account from one address on, a captcha is asked for. */
const CAPTCHA_AFTER = 3;

/**
 * Signs someone in. What is throttled, asked for and computed is the same whether the account exists or not,
 * and so are the words.
 */
export async function login(
  ctx: Ctx,
  input: z.infer<typeof LoginInput>,
  device: string | null,
): Promise<SignIn> {
  const throttles = await loginThrottles(ctx, input.account);
  const [mine] = await attempt(ctx, throttles);
  await askForCaptcha(ctx, (mine?.count ?? 1) - 1, throttles, input.captcha_token);

  const password = await openCiphertext(ctx, input.key_id, input.password);
  const name = parseAccountName(input.account);
  const [account] = name ? await findAccount(ctx, name) : [];
  const user = account ?? (await makeFirstAdmin(ctx, input.account, password.text));
  const right = account
    ? await verifyPassword(password.text, account.passwordHash ?? DUMMY_HASH)
    : user !== null || (await verifyPassword(password.text, DUMMY_HASH));
  if (!user || !right || user.passwordHash === null) {
    await commit({ ...ctx, idempotency: null }, [password.spend]);
    throw new AppError('credentials_invalid');
  }
  if (user.status !== 'active') {
    await commit({ ...ctx, idempotency: null }, [password.spend, ...givenBack(ctx, throttles)]);
    throw new AppError(user.status === 'frozen' ? 'account_frozen' : 'credentials_invalid');
  }

  const sessionId = ctx.ids.next('ses', ctx.now);
  const refreshToken = `rt_${randomBase62(43)}`;
  await commit(ctx, [
    password.spend,
    insertSession(ctx, {
      id: sessionId,
      userId: user.id,
      device: device?.slice(0, 200) ?? null,
      address: ctx.address,
      createdAt: ctx.now,
      lastUsedAt: ctx.now,
      expiresAt: ctx.now + SESSION_LIFE,
    }),
    insertRefreshToken(ctx, {
      hash: await keyedHash(ctx.secrets.tokenPepper, 'refresh', refreshToken),
      sessionId,
      createdAt: ctx.now,
      expiresAt: ctx.now + REFRESH_LIFE,
    }),
    ...givenBack(ctx, throttles),
  ]);
  const accessToken = await signAccessToken(
    ctx.secrets.accessToken,
    ctx.site.key,
    { userId: user.id, sessionId },
    ctx.now,
  );
  return { accessToken, expiresIn: ACCESS_TOKEN_SECONDS, refreshToken, user };
}

/** Failures of one account from one address, of one address, of one account. Names are kept as hashes. */
async function loginThrottles(ctx: Ctx, account: string): Promise<Throttle[]> {
  const name = parseAccountName(account);
  const who = (await sha256(JSON.stringify(name ?? account))).slice(0, 32);
  const where = throttleAddress(ctx.address);
  return [
    { bucket: `login:${who}:${where}`, limit: 5, windowMs: WINDOW },
    { bucket: `login:*:${where}`, limit: 20, windowMs: WINDOW },
    { bucket: `login:${who}:*`, limit: 50, windowMs: WINDOW },
  ];
}

/** Being asked is not a failure: what was taken is given back. */
async function askForCaptcha(
  ctx: Ctx,
  failures: number,
  throttles: Throttle[],
  token: string | undefined,
): Promise<void> {
  if (failures < CAPTCHA_AFTER) return;
  try {
    if (token === undefined) throw new AppError('captcha_required', { data: { captcha: true } });
    await takeCaptcha(ctx, token);
  } catch (error) {
    await commit({ ...ctx, idempotency: null }, givenBack(ctx, throttles));
    throw error;
  }
}

/** The secrets make the first admin of a site that has none, and mean nothing afterwards. */
async function makeFirstAdmin(ctx: Ctx, account: string, password: string): Promise<UserRow | null> {
  const { admin } = ctx.secrets;
  if (!admin || account.toLowerCase() !== admin.email.toLowerCase()) return null;
  if (!sameText(password, admin.password) || (await countAdmins(ctx)) > 0) return null;
  const id = ctx.ids.next('u', ctx.now);
  const row = {
    id,
    email: admin.email,
    passwordHash: await hashPassword(password),
    referralCode: randomBase62(8),
    createdAt: ctx.now,
  };
  await commit(
    { ...ctx, idempotency: null, actor: { kind: 'system' } },
    [insertFirstAdmin(ctx, row), guard(ctx, 'credentials_invalid')],
    { action: 'admin.created', target: id },
  );
  const [user] = await findUserById(ctx, id);
  return user ?? null;
}
