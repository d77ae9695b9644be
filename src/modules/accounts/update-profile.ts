import { z } from 'zod';
import { commit } from '#db/commit';
import { requirePerson } from '#kernel/actor';
import type { Ctx } from '#kernel/context';
import { updateUser } from './store.ts';

export const UpdateProfileInput = z.object({
  nickname: z.string().trim().max(64).nullish(),
  avatar: z
    .url({ protocol: /^https$/, error: 'must be an https URL' })
    .startsWith('https://', 'must be an https URL')
    .max(2048)
    .transform((text) => new URL(text).href)
    .nullish(),
});

/** Changes nickname and avatar (seed 002 §1.1); what is left out stays, null takes away. */
export async function updateProfile(ctx: Ctx, input: z.infer<typeof UpdateProfileInput>): Promise<void> {
  const { userId } = requirePerson(ctx.actor);
  const { nickname, avatar } = input;
  await commit(ctx, [updateUser(ctx, userId, { nickname, avatar, updatedAt: ctx.now })]);
}
