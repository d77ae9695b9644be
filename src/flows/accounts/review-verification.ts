import { z } from 'zod';
import { abortIf, commit, guard } from '#db/commit';
import type { Statement } from '#db/statement';
import { requireAdmin } from '#kernel/actor';
import type { Ctx } from '#kernel/context';
import { AppError } from '#kernel/errors';
import type { Page, Slice } from '#kernel/page';
import {
  type EnterprisePapers,
  numberHashes,
  openPapers,
  type RealnamePapers,
} from '#modules/accounts/identity';
import { creditCodeCheckHolds, idCheckDigitHolds } from '#modules/accounts/identity-rules';
import { findUserById, updateUser } from '#modules/accounts/store';
import {
  decideVerification,
  findVerification,
  isNumberTaken,
  isTakenNow,
  listVerifications,
  supersedeVerifications,
  type VerificationRow,
} from '#modules/accounts/verification-store';
import { findEnterpriseRow, refreshEnterprise } from '#modules/enterprise/store';
import { queueMail } from '#modules/operations/queue-mail';
import { sendDueMail } from '../mail/send-mail.ts';

export const ListVerificationsInput = z.object({
  kind: z.enum(['realname', 'enterprise']).optional(),
  status: z.enum(['pending', 'verified', 'rejected']).optional(),
});
export const DecisionInput = z.object({ reason: z.string().trim().min(1).max(200) });

/** What a reviewer looks at. */
export interface Review {
  row: VerificationRow;
  /** Null once the account was erased. */
  papers: RealnamePapers | EnterprisePapers | null;
  checks: {
    /** Whether the check digit follows; null where the number has none. Shown, and no reason to refuse by itself. */
    checkDigit: boolean | null;
    /** Somebody else is verified with this number: an approval would be refused. */
    takenByAnother: boolean;
  } | null;
}

/** Submissions, newest first, masked. */
export async function searchVerifications(
  ctx: Ctx,
  input: z.infer<typeof ListVerificationsInput>,
  page: Page,
): Promise<Slice<VerificationRow>> {
  requireAdmin(ctx.actor);
  return listVerifications(ctx, input, page);
}

/** One submission, decrypted; the reading itself is audited, before anything is shown. */
export async function readVerification(ctx: Ctx, id: string): Promise<Review> {
  requireAdmin(ctx.actor);
  const row = await getRow(ctx, id);
  await commit(ctx, [], { action: 'verification.read', target: id });
  const papers = await openPapers(ctx, row);
  if (!papers) return { row, papers, checks: null };
  const realname = 'id_card' in papers;
  const number = realname ? papers.id_card : papers.credit_code;
  const taken = isNumberTaken(row.kind, row.subject, await numberHashes(ctx, row.kind, number));
  return {
    row,
    papers,
    checks: {
      checkDigit: realname ? idCheckDigitHolds(number) : creditCodeCheckHolds(number),
      takenByAnother: await isTakenNow(ctx, taken),
    },
  };
}

/** Verifies what is pending. A number that is somebody else's is refused; of a company the papers before end. */
export async function approveVerification(ctx: Ctx, id: string): Promise<VerificationRow> {
  const row = await getRow(ctx, id);
  const papers = await openPapers(ctx, row);
  if (!papers || row.state !== 'pending') throw new AppError('verification_decided');
  const number = 'id_card' in papers ? papers.id_card : papers.credit_code;
  const hashes = await numberHashes(ctx, row.kind, number);
  return decide(ctx, row, 'pending', { state: 'verified' }, 'approved', [
    abortIf(ctx, isNumberTaken(row.kind, row.subject, hashes), 'identity_taken'),
    supersedeVerifications(ctx, row.subject, row.kind, 'verified', 'replaced by a newer one', ctx.now),
  ]);
}

/** Rejects what is pending; a company falls back to what was verified before. */
export async function rejectVerification(ctx: Ctx, id: string, reason: string): Promise<VerificationRow> {
  return decide(ctx, await getRow(ctx, id), 'pending', { state: 'rejected', reason }, 'rejected');
}

/** Takes a verification back. */
export async function revokeVerification(ctx: Ctx, id: string, reason: string): Promise<VerificationRow> {
  return decide(ctx, await getRow(ctx, id), 'verified', { state: 'revoked', reason }, 'revoked');
}

async function decide(
  ctx: Ctx,
  row: VerificationRow,
  from: 'pending' | 'verified',
  to: { state: 'verified' | 'rejected' | 'revoked'; reason?: string },
  word: string,
  before: Statement[] = [],
): Promise<VerificationRow> {
  const { userId } = requireAdmin(ctx.actor);
  await commit(
    ctx,
    [
      ...before,
      decideVerification(ctx, row.id, from, { ...to, decidedAt: ctx.now, decidedBy: userId }),
      guard(ctx, 'verification_decided'),
      ...effectOf(ctx, row, to.state),
      ...(await tell(ctx, row, to)),
    ],
    // The reason may be personal; it is with the verification, and goes with it.
    { action: `verification.${word}`, target: row.id },
  );
  ctx.defer(sendDueMail(ctx));
  return getRow(ctx, row.id);
}

/** What a decision means to the person or the company. */
function effectOf(ctx: Ctx, row: VerificationRow, state: 'verified' | 'rejected' | 'revoked'): Statement[] {
  if (row.kind === 'enterprise') return [refreshEnterprise(ctx, row.subject, ctx.now)];
  if (state === 'rejected') return [];
  const realnameVerifiedAt = state === 'verified' ? ctx.now : null;
  return [updateUser(ctx, row.userId, { realnameVerifiedAt, updatedAt: ctx.now })];
}

async function tell(
  ctx: Ctx,
  row: VerificationRow,
  { state, reason }: { state: 'verified' | 'rejected' | 'revoked'; reason?: string },
): Promise<Statement[]> {
  // Of a company whoever owns it now: who handed the papers in may have left.
  const company = row.kind === 'enterprise' ? await findEnterpriseRow(ctx, row.subject) : null;
  const [user] = await findUserById(ctx, company?.ownerId ?? row.userId);
  if (!user?.email) return [];
  return queueMail(ctx, {
    to: user.email,
    userId: user.id,
    template: `verification_${state}`,
    parameters: { kind: row.kind, reason: reason ?? '' },
  });
}

async function getRow(ctx: Ctx, id: string): Promise<VerificationRow> {
  requireAdmin(ctx.actor);
  const row = await findVerification(ctx, id);
  if (!row) throw new AppError('not_found');
  return row;
}
