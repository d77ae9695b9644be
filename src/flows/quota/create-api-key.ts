import { z } from 'zod';
import { commit, guard } from '#db/commit';
import { quotaOwnerOf, requirePerson } from '#kernel/actor';
import { toSecond } from '#kernel/clock';
import type { Ctx } from '#kernel/context';
import { invalid } from '#kernel/errors';
import { type ApiKeyRow, insertApiKey } from '#modules/keys/store';
import { moveOwnerVersion } from '#modules/operations/store';
import { apiKeyPrefix, generateApiKey } from '#security/api-key';
import { isIpRule } from '#security/ip';
import { keyedHash } from '#security/keyed-hash';

/** Keys a user may have, deleted ones not counted. */
const MOST_KEYS = 50;

export const ModelPattern = z
  .string()
  .regex(/^[A-Za-z0-9._:/-]{1,64}\*?$/, 'must be a model id; a trailing * is a prefix');
export const IpRule = z.string().max(64).refine(isIpRule, 'must be an IPv4 or IPv6 address or a CIDR block');

/** A time to the second, within four-digit years. */
export const Expiry = z.iso
  .datetime({ offset: true })
  .refine((text) => Date.parse(text) < Date.UTC(9999, 11, 31), 'is too far away')
  .transform((text) => toSecond(Date.parse(text)));

export const CreateApiKeyInput = z.object({
  name: z.string().trim().min(1).max(64),
  key_type: z.enum(['production', 'test']),
  expires_at: Expiry.nullish(),
  allowed_models: z.array(ModelPattern).max(100).default([]),
  allowed_ips: z.array(IpRule).max(100).default([]),
});

/** Makes a key. The text of it is in this answer and nowhere else, not even with us. */
export async function createApiKey(
  ctx: Ctx,
  input: z.infer<typeof CreateApiKeyInput>,
): Promise<{ row: Pick<ApiKeyRow, 'id' | 'name' | 'keyType'>; apiKey: string }> {
  const person = requirePerson(ctx.actor);
  const { userId } = person;
  const expiresAt = input.expires_at ?? null;
  if (expiresAt !== null && expiresAt <= ctx.now) throw invalid('expires_at', 'must be in the future');
  const apiKey = generateApiKey(input.key_type);
  const row = {
    id: ctx.ids.next('key', ctx.now),
    userId,
    name: input.name,
    keyType: input.key_type,
    prefix: apiKeyPrefix(apiKey),
    hash: await keyedHash(ctx.secrets.apiKeyPepper, 'api-key', apiKey),
    allowedModels: input.allowed_models,
    allowedIps: input.allowed_ips,
    expiresAt,
    createdAt: ctx.now,
    changedAt: ctx.now,
  };
  await commit(ctx, [
    insertApiKey(ctx, row, MOST_KEYS),
    guard(ctx, 'api_key_limit_reached'),
    // The owner's object may know limits from before there was anybody to push to: the key's record names a
    // newer version, so its first use reads D1.
    moveOwnerVersion(ctx, quotaOwnerOf(person)),
  ]);
  return { row, apiKey };
}
