import { z } from 'zod';
import { requirePerson } from '#kernel/actor';
import type { Ctx } from '#kernel/context';
import type { Page, Slice } from '#kernel/page';
import { type ApiKeyRow, listApiKeys as list } from './store.ts';

export const ListApiKeysInput = z.object({
  key_type: z.enum(['production', 'test']).optional(),
  status: z.enum(['active', 'disabled', 'expired']).optional(),
});

/** The caller's keys, newest first, without deleted ones. */
export async function listApiKeys(
  ctx: Ctx,
  input: z.infer<typeof ListApiKeysInput>,
  page: Page,
): Promise<Slice<ApiKeyRow>> {
  const { userId } = requirePerson(ctx.actor);
  const filter = { userId, keyType: input.key_type, status: input.status, now: ctx.now };
  return list(ctx, filter, page);
}
