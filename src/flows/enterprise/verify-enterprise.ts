import { z } from 'zod';
import { commit, guard } from '#db/commit';
import type { Statement } from '#db/statement';
import type { Ctx } from '#kernel/context';
import { AppError, invalid } from '#kernel/errors';
import { type EnterprisePapers, numberHashes, openPapers, sealPapers } from '#modules/accounts/identity';
import { parseCreditCode } from '#modules/accounts/identity-rules';
import { HttpsUrl, Phone, PlainName } from '#modules/accounts/inputs';
import {
  findLastRejection,
  findShownVerification,
  insertVerification,
  statusOf,
  supersedeVerifications,
  type VerificationRow,
} from '#modules/accounts/verification-store';
import { requireAct, stillManages } from '#modules/enterprise/acting';
import {
  type EnterpriseRow,
  findEnterpriseRow,
  refreshEnterprise,
  updateContact,
} from '#modules/enterprise/store';
import { maskCode } from '#security/mask';

const CreditCode = z
  .string()
  .refine((text) => parseCreditCode(text) !== null, 'must be 15 to 18 digits and letters')
  .transform((text) => text.toUpperCase());

export const EnterpriseVerificationInput = z.object({
  enterprise_name: PlainName,
  credit_code: CreditCode,
  license_image: HttpsUrl,
  contact_name: PlainName,
  contact_phone: Phone,
});

export const UpdateEnterpriseInput = EnterpriseVerificationInput.partial();

/** Hands in a company's papers (seed 002 §1.4), for an admin to decide. Only its owner does. */
export async function submitEnterprise(
  ctx: Ctx,
  input: z.infer<typeof EnterpriseVerificationInput>,
): Promise<VerificationRow> {
  const acting = requireAct(ctx.actor, 'verification.submit');
  const { enterprise, person } = acting;
  await commit(
    ctx,
    [
      stillManages(ctx, acting),
      ...(await handIn(ctx, enterprise.id, person.userId, input, ['pending', 'verified'])),
      updateContact(
        ctx,
        enterprise.id,
        { contactName: input.contact_name, contactPhone: input.contact_phone },
        ctx.now,
      ),
      refreshEnterprise(ctx, enterprise.id, ctx.now),
    ],
    { action: 'enterprise.verification_submitted', target: enterprise.id },
  );
  const row = await findShownVerification(ctx, enterprise.id, 'enterprise');
  if (!row) throw new Error('a verification vanished after it was handed in');
  return row;
}

/** How the papers of the caller's company stand, and why the last change was rejected; null before any. */
export async function getEnterpriseVerification(
  ctx: Ctx,
): Promise<{ row: VerificationRow; rejection: string | null } | null> {
  const { enterprise } = requireAct(ctx.actor, 'verification.read');
  const row = await findShownVerification(ctx, enterprise.id, 'enterprise');
  return row && { row, rejection: await findLastRejection(ctx, row) };
}

/**
 * Changes the profile: contacts at once. Another name or code is handed in anew, with a new licence, and takes
 * the place of what is pending; plan and keys run on meanwhile.
 */
export async function updateEnterprise(
  ctx: Ctx,
  input: z.infer<typeof UpdateEnterpriseInput>,
): Promise<void> {
  const acting = requireAct(ctx.actor, 'profile.update');
  const { enterprise, person } = acting;
  const current = await findEnterpriseRow(ctx, enterprise.id);
  if (!current) throw new AppError('not_found');
  const papers = await changedPapers(ctx, current, input);
  if (papers) requireAct(ctx.actor, 'verification.submit');
  await commit(
    ctx,
    [
      stillManages(ctx, acting),
      ...(papers
        ? [
            supersedeVerifications(
              ctx,
              enterprise.id,
              'enterprise',
              'pending',
              'replaced by a newer submission',
              ctx.now,
            ),
            ...(await handIn(ctx, enterprise.id, person.userId, papers, ['pending'])),
          ]
        : []),
      updateContact(
        ctx,
        enterprise.id,
        { contactName: input.contact_name, contactPhone: input.contact_phone },
        ctx.now,
      ),
      refreshEnterprise(ctx, enterprise.id, ctx.now),
    ],
    {
      action: 'enterprise.profile_updated',
      target: enterprise.id,
      detail: { fields: Object.keys(input), verification: papers !== null },
    },
  );
}

/** What must be reviewed of a change; null where nothing of it must. */
async function changedPapers(
  ctx: Ctx,
  current: EnterpriseRow,
  input: z.infer<typeof UpdateEnterpriseInput>,
): Promise<EnterprisePapers | null> {
  const shown = await findShownVerification(ctx, current.id, 'enterprise');
  const standing = shown && statusOf(shown.state) !== 'rejected' ? shown : null;
  const renamed = input.enterprise_name !== undefined && input.enterprise_name !== current.name;
  const recoded =
    input.credit_code !== undefined &&
    !(await numberHashes(ctx, 'enterprise', input.credit_code)).includes(standing?.numberHash ?? '');
  if (!renamed && !recoded) return null;
  if (input.license_image === undefined) {
    throw invalid('license_image', 'is required where the name or the code changes');
  }
  const before = standing && (await openPapers<EnterprisePapers>(ctx, standing));
  const code = input.credit_code ?? before?.credit_code;
  if (code === undefined) throw invalid('credit_code', 'is required');
  return {
    enterprise_name: input.enterprise_name ?? current.name,
    credit_code: code,
    license_image: input.license_image,
    contact_name: input.contact_name ?? current.contactName,
    contact_phone: input.contact_phone ?? current.contactPhone,
  };
}

async function handIn(
  ctx: Ctx,
  enterpriseId: string,
  userId: string,
  papers: EnterprisePapers,
  unless: ('pending' | 'verified')[],
): Promise<Statement[]> {
  const id = ctx.ids.next('ver', ctx.now);
  const row = {
    id,
    kind: 'enterprise' as const,
    subject: enterpriseId,
    userId,
    name: papers.enterprise_name,
    maskedNumber: maskCode(papers.credit_code),
    ...(await sealPapers(ctx, 'enterprise', id, papers)),
    createdAt: ctx.now,
  };
  return [insertVerification(ctx, row, unless), guard(ctx, 'verification_open')];
}
