import { z } from 'zod';
import { commit, guard } from '#db/commit';
import { requirePerson } from '#kernel/actor';
import type { Ctx } from '#kernel/context';
import { invalid } from '#kernel/errors';
import { maskName } from '#security/mask';
import { sealPapers } from './identity.ts';
import { parseIdNumber } from './identity-rules.ts';
import { HttpsUrl, PlainName } from './inputs.ts';
import { findShownVerification, insertVerification, type VerificationRow } from './verification-store.ts';

export const RealnameInput = z.object({
  real_name: PlainName,
  id_card: z.string().max(32),
  id_card_front: HttpsUrl,
  id_card_back: HttpsUrl,
});

/** Hands in a person's papers (seed 002 §1.3), for an admin to decide. Again only after a rejection. */
export async function submitRealname(
  ctx: Ctx,
  input: z.infer<typeof RealnameInput>,
): Promise<VerificationRow> {
  const { userId } = requirePerson(ctx.actor);
  const number = parseIdNumber(input.id_card, ctx.now);
  if (number === null) throw invalid('id_card', 'must be 17 digits and a digit or X, with a real birth date');
  const id = ctx.ids.next('ver', ctx.now);
  await commit(ctx, [
    insertVerification(
      ctx,
      {
        id,
        kind: 'realname',
        subject: userId,
        userId,
        maskedName: maskName(input.real_name),
        ...(await sealPapers(ctx, 'realname', id, { ...input, id_card: number })),
        createdAt: ctx.now,
      },
      ['pending', 'verified'],
    ),
    guard(ctx, 'verification_open'),
  ]);
  const row = await getRealname(ctx);
  if (!row) throw new Error('a verification vanished after it was handed in');
  return row;
}

/** The caller's last submission; null before any. */
export async function getRealname(ctx: Ctx): Promise<VerificationRow | null> {
  const { userId } = requirePerson(ctx.actor);
  return findShownVerification(ctx, userId, 'realname');
}
