import { z } from 'zod';
import { commit } from '#db/commit';
import { requirePerson } from '#kernel/actor';
import type { Ctx } from '#kernel/context';
import { HttpsUrl } from './inputs.ts';
import { updateUser } from './store.ts';

export const UpdateProfileInput = z.object({
  nickname: z.string().trim().max(64).nullish(),
  avatar: HttpsUrl.nullish(),
});

/** Changes nickname and avatar (seed 002 §1.1); what is left out stays, null takes away. */
export async function updateProfile(ctx: Ctx, input: z.infer<typeof UpdateProfileInput>): Promise<void> {
  const { userId } = requirePerson(ctx.actor);
  const { nickname, avatar } = input;
  await commit(ctx, [updateUser(ctx, userId, { nickname, avatar, updatedAt: ctx.now })]);
}
