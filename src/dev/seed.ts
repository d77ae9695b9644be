import { commit } from '#db/commit';
import { addMonths } from '#kernel/calendar';
import type { Ctx } from '#kernel/context';
import { PERMISSIONS } from '#kernel/permissions';
import { selectAccess, setAccess } from '#modules/accounts/admin-store';
import { findAccount, insertFirstAdmin, insertUser } from '#modules/accounts/store';
import { advanceHolding, findHolding, insertEvent, insertGrant } from '#modules/commerce/holding-store';
import { findKeyByHash, insertApiKey } from '#modules/keys/store';
import { requestPush } from '#modules/operations/store';
import { apiKeyPrefix, randomBase62, withChecksum } from '#security/api-key';
import { toHex } from '#security/bytes';
import { hmac, keyedHash } from '#security/keyed-hash';
import { hashPassword } from '#security/password';

export const DEMO_EMAIL = 'demo@example.com';

export interface Seeded {
  admin_email: string | null;
  demo_email: string;
  demo_api_key: string;
}

/**
 * The accounts of a local run: an admin, and a demo user who holds `plan_basic` and has an API key that is
 * derived from a local secret, so that every start can print it. What is there already is kept.
 */
export async function seed(ctx: Ctx, demo: { keySecret: string; password: string }): Promise<Seeded> {
  await seedAdmin(ctx);
  const userId = await seedDemoUser(ctx, demo.password);
  await seedMembership(ctx, userId);
  const apiKey = await seedApiKey(ctx, userId, demo.keySecret);
  return { admin_email: ctx.secrets.admin?.email ?? null, demo_email: DEMO_EMAIL, demo_api_key: apiKey };
}

async function seedAdmin(ctx: Ctx): Promise<void> {
  const { admin } = ctx.secrets;
  if (!admin) return;
  const [known] = await findAccount(ctx, { email: admin.email.toLowerCase() });
  const id = known?.id ?? ctx.ids.next('u', ctx.now);
  const [granted] = known ? await selectAccess(ctx, id) : [];
  await commit(ctx, [
    ...(known
      ? []
      : [
          insertFirstAdmin(ctx, {
            id,
            email: admin.email,
            passwordHash: await hashPassword(admin.password),
            referralCode: randomBase62(8),
            createdAt: ctx.now,
          }),
        ]),
    // Also where an earlier start made the admin before there was anything to grant.
    ...(granted
      ? []
      : [setAccess(ctx, id, { systems: ctx.site.systems, permissions: [...PERMISSIONS] }, ctx.now)]),
  ]);
}

async function seedDemoUser(ctx: Ctx, password: string): Promise<string> {
  const [known] = await findAccount(ctx, { email: DEMO_EMAIL });
  if (known) return known.id;
  const id = ctx.ids.next('u', ctx.now);
  await commit(ctx, [
    insertUser(ctx, {
      id,
      userType: 'personal',
      email: DEMO_EMAIL,
      emailKey: DEMO_EMAIL,
      emailVerifiedAt: ctx.now,
      nickname: 'Demo',
      passwordHash: await hashPassword(password),
      referralCode: randomBase62(8),
      createdAt: ctx.now,
      updatedAt: ctx.now,
    }),
  ]);
  return id;
}

async function seedMembership(ctx: Ctx, owner: string): Promise<void> {
  const { holding } = await findHolding(ctx, owner, 'token');
  if (holding) return;
  const untilAt = addMonths(ctx.now, 12);
  const span = { fromAt: ctx.now, untilAt, anchorAt: ctx.now, anchorMonths: 12 };
  await commit(ctx, [
    advanceHolding(ctx, { owner, program: 'token', version: 0, sweepAt: untilAt, now: ctx.now }),
    insertGrant(ctx, {
      id: ctx.ids.next('gr', ctx.now),
      owner,
      program: 'token',
      productId: 'plan_basic',
      source: 'manual',
      period: 'yearly',
      ...span,
      createdAt: ctx.now,
    }),
    insertEvent(ctx, {
      id: ctx.ids.next('mh', ctx.now),
      owner,
      program: 'token',
      action: 'subscribe',
      reference: 'seed',
      productId: 'plan_basic',
      productName: '基础版',
      period: 'yearly',
      startedAt: span.fromAt,
      endsAt: span.untilAt,
      reason: 'demo',
      createdAt: ctx.now,
    }),
    requestPush(ctx, owner, ctx.now),
  ]);
}

async function seedApiKey(ctx: Ctx, userId: string, secret: string): Promise<string> {
  const digits = toHex(await hmac(secret, `demo-key:${ctx.site.key}`)).slice(0, 26);
  const apiKey = withChecksum(`sk-prod-${digits}`);
  const hash = await keyedHash(ctx.secrets.apiKeyPepper, 'api-key', apiKey);
  if (await findKeyByHash(ctx, [hash])) return apiKey;
  const row = {
    id: ctx.ids.next('key', ctx.now),
    userId,
    name: 'Demo key',
    keyType: 'production' as const,
    prefix: apiKeyPrefix(apiKey),
    hash,
    allowedModels: [],
    allowedIps: [],
    createdAt: ctx.now,
    changedAt: ctx.now,
  };
  await commit(ctx, [insertApiKey(ctx, row, 50)]);
  return apiKey;
}
