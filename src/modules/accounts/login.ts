import { z } from 'zod';
import { commit, commitApart, guard } from '#db/commit';
import type { Ctx } from '#kernel/context';
import { AppError } from '#kernel/errors';
import { PERMISSIONS } from '#kernel/permissions';
import { randomBase62 } from '#security/api-key';
import { sameText } from '#security/keyed-hash';
import { DUMMY_HASH, hashPassword, verifyPassword } from '#security/password';
import { setAccess } from './admin-store.ts';
import { attemptPassword } from './attempt-password.ts';
import { Ciphertext, KeyId } from './inputs.ts';
import { openCiphertext } from './rsa-keys.ts';
import { parseAccountName } from './rules.ts';
import { insertSession } from './session-store.ts';
import { issueTokens, SESSION_LIFE, type SignIn } from './sign-in.ts';
import { countAdmins, findAccount, insertFirstAdmin, type UserRow } from './store.ts';

export const LoginInput = z.object({
  account: z.string().min(1).max(254),
  key_id: KeyId,
  password: Ciphertext,
  captcha_token: z.string().max(8192).nullish(),
});

/**
 * Signs someone in. What is throttled, asked for and computed is the same whether the account exists or not,
 * and so are the words.
 */
export async function login(
  ctx: Ctx,
  input: z.infer<typeof LoginInput>,
  device: string | null,
): Promise<SignIn> {
  const name = parseAccountName(input.account);
  const [account] = name ? await findAccount(ctx, name) : [];
  const { giveBack } = await attemptPassword(ctx, name ?? input.account, account?.id, input.captcha_token);
  const password = await openCiphertext(ctx, input.key_id, input.password);
  const user = account ?? (await makeFirstAdmin(ctx, input.account, password.text));
  // One derivation whatever there is: of the account's hash, of the new admin's, of nobody's.
  const right = account
    ? await verifyPassword(password.text, account.passwordHash ?? DUMMY_HASH)
    : user !== null || (await verifyPassword(password.text, DUMMY_HASH));
  if (!user || !right || user.passwordHash === null) {
    await commitApart(ctx, password.spend);
    throw new AppError('credentials_invalid');
  }
  if (user.status !== 'active') {
    await commitApart(ctx, [...password.spend, ...giveBack]);
    throw new AppError(user.status === 'frozen' ? 'account_frozen' : 'credentials_invalid');
  }

  const sessionId = ctx.ids.next('ses', ctx.now);
  const { statement, signIn } = await issueTokens(ctx, sessionId, user);
  await commit(ctx, [
    ...password.spend,
    insertSession(
      ctx,
      {
        id: sessionId,
        userId: user.id,
        device: device?.slice(0, 200) ?? null,
        address: ctx.address,
        createdAt: ctx.now,
        lastUsedAt: ctx.now,
        expiresAt: ctx.now + SESSION_LIFE,
      },
      user.passwordHash,
    ),
    guard(ctx, 'credentials_invalid'),
    statement,
    ...giveBack,
  ]);
  return signIn;
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
  try {
    await commitApart(
      { ...ctx, actor: { kind: 'system' } },
      [
        insertFirstAdmin(ctx, row),
        guard(ctx, 'credentials_invalid'),
        setAccess(ctx, id, { systems: ctx.site.systems, permissions: [...PERMISSIONS] }, ctx.now),
      ],
      { action: 'admin.created', target: id },
    );
  } catch (error) {
    // Two first logins at once: the other one made the admin, with the same password.
    if (!(error instanceof AppError)) throw error;
  }
  const [user] = await findAccount(ctx, { email: admin.email.toLowerCase() });
  return user?.role === 'admin' ? user : null;
}
