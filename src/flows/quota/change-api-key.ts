import { z } from 'zod';
import { guard } from '#db/commit';
import { requirePerson } from '#kernel/actor';
import { SECOND } from '#kernel/clock';
import type { Ctx } from '#kernel/context';
import { AppError, hasCode, invalid, retryOn } from '#kernel/errors';
import {
  type ApiKeyRow,
  deleteApiKey as deleteRow,
  findApiKey,
  rotateApiKeyRow,
  updateApiKeyRow,
} from '#modules/keys/store';
import { apiKeyPrefix, generateApiKey } from '#security/api-key';
import { keyedHash } from '#security/keyed-hash';
import { Expiry, IpRule, ModelPattern } from './create-api-key.ts';
import { commitForOwner, pushAgain, pushOwner } from './push-owner.ts';

export const UpdateApiKeyInput = z.object({
  name: z.string().trim().min(1).max(64).optional(),
  status: z.enum(['active', 'disabled']).optional(),
  expires_at: Expiry.nullish(),
  allowed_models: z.array(ModelPattern).max(100).optional(),
  allowed_ips: z.array(IpRule).max(100).optional(),
});

export const RotateApiKeyInput = z.object({ grace_seconds: z.int().min(0).max(86_400).default(0) });

/**
 * Every change of a key moves its version, and its quota object knows before this is answered: what caches
 * say of the older version is refused from the next request on.
 */
export async function updateApiKey(
  ctx: Ctx,
  keyId: string,
  input: z.infer<typeof UpdateApiKeyInput>,
): Promise<ApiKeyRow> {
  const { userId } = requirePerson(ctx.actor);
  const key = await ownKey(ctx, userId, keyId);
  const expiresAt = input.expires_at;
  if (typeof expiresAt === 'number' && expiresAt <= ctx.now)
    throw invalid('expires_at', 'must be in the future');
  const owner = await commitForOwner(ctx, userId, [
    updateApiKeyRow(ctx, userId, key.id, {
      name: input.name,
      status: input.status,
      expiresAt,
      allowedModels: input.allowed_models,
      allowedIps: input.allowed_ips,
      changedAt: ctx.now,
    }),
    guard(ctx, 'not_found'),
  ]);
  await pushOwner(ctx, owner);
  return ownKey(ctx, userId, keyId);
}

export interface Rotation {
  row: ApiKeyRow;
  apiKey: string;
  graceUntil: number | null;
}

/** A new secret under the same id, shown once. The old one works through the grace; one old one is kept. */
export async function rotateApiKey(
  ctx: Ctx,
  keyId: string,
  input: z.infer<typeof RotateApiKeyInput>,
): Promise<Rotation> {
  const { userId } = requirePerson(ctx.actor);
  const grace = input.grace_seconds * SECOND;
  const graceUntil = grace > 0 ? ctx.now + grace : null;
  const { owner, ...rotation } = await retryOn('key_stale', () => rotate(ctx, userId, keyId, graceUntil));
  // With a grace nothing is revoked yet, so a push that must wait is no reason to keep the new secret back.
  await pushOwner(ctx, owner).catch((error: unknown) => {
    if (graceUntil === null) throw error;
  });
  return rotation;
}

/** `key_stale` where another change of the key came between. */
async function rotate(
  ctx: Ctx,
  userId: string,
  keyId: string,
  graceUntil: number | null,
): Promise<Rotation & { owner: string }> {
  const row = await ownKey(ctx, userId, keyId);
  const apiKey = generateApiKey(row.keyType);
  const owner = await commitForOwner(ctx, userId, [
    rotateApiKeyRow(ctx, userId, row, {
      hash: await keyedHash(ctx.secrets.apiKeyPepper, 'api-key', apiKey),
      prefix: apiKeyPrefix(apiKey),
      graceUntilAt: graceUntil,
      changedAt: ctx.now,
    }),
    guard(ctx, 'key_stale'),
  ]);
  return { row, apiKey, graceUntil, owner };
}

/** Deletes a key. Tried again while its object still has to be told, it tells it and succeeds. */
export async function deleteApiKey(ctx: Ctx, keyId: string): Promise<void> {
  const { userId } = requirePerson(ctx.actor);
  try {
    const owner = await commitForOwner(ctx, userId, [
      deleteRow(ctx, userId, keyId, ctx.now),
      guard(ctx, 'not_found'),
    ]);
    await pushOwner(ctx, owner);
  } catch (error) {
    if (!hasCode(error, 'not_found') || !(await pushAgain(ctx, userId, keyId))) throw error;
  }
}

async function ownKey(ctx: Ctx, userId: string, keyId: string): Promise<ApiKeyRow> {
  const key = await findApiKey(ctx, userId, keyId);
  if (!key) throw new AppError('not_found');
  return key;
}
