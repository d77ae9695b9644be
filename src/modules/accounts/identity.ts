import { commit } from '#db/commit';
import type { Ctx } from '#kernel/context';
import { fingerprint, keyedHash, keyedHashes } from '#security/keyed-hash';
import { seal, unsealText } from '#security/sealed';
import {
  findOutdatedSeals,
  resealVerification,
  type VerificationKind,
  type VerificationRow,
} from './verification-store.ts';

/** What a person hands in (seed 002 §1.3). */
export interface RealnamePapers {
  real_name: string;
  id_card: string;
  id_card_front: string;
  id_card_back: string;
}

/** What a company hands in (seed 002 §1.4). */
export interface EnterprisePapers {
  enterprise_name: string;
  credit_code: string;
  license_image: string;
  contact_name: string | null;
  contact_phone: string | null;
}

type IdentityCtx = Pick<Ctx, 'secrets' | 'site'>;

/** Papers as they are kept: sealed for their row, the number findable by its hash alone. */
export async function sealPapers(
  ctx: IdentityCtx,
  kind: VerificationKind,
  id: string,
  papers: RealnamePapers | EnterprisePapers,
): Promise<{ sealed: string; numberHash: string }> {
  return {
    sealed: await seal(ctx.secrets.encryption, contextOf(ctx, id), JSON.stringify(papers)),
    numberHash: await keyedHash(ctx.secrets.identityPepper, kind, numberOf(papers)),
  };
}

/** Opens what {@link sealPapers} kept; null where the account was erased since. */
export async function openPapers<T extends RealnamePapers | EnterprisePapers>(
  ctx: IdentityCtx,
  row: VerificationRow,
): Promise<T | null> {
  if (row.sealed === null) return null;
  return JSON.parse(await unsealText(ctx.secrets.encryption, contextOf(ctx, row.id), row.sealed)) as T;
}

/** Every hash under which a number may be kept: during a rotation there are two. */
export function numberHashes(ctx: IdentityCtx, kind: VerificationKind, number: string): Promise<string[]> {
  return keyedHashes(ctx.secrets.identityPepper, kind, number);
}

/**
 * Brings what is kept under the secrets before a rotation to the current ones, so that those before can go. Outside a
 * rotation there is nothing to look for. A row that cannot be opened keeps no other waiting.
 *
 * @returns how many rows were brought over
 */
export async function resealIdentities(ctx: Ctx, most: number): Promise<number> {
  const { encryption, identityPepper } = ctx.secrets;
  if (encryption.previous === null && identityPepper.previous === null) return 0;
  const current = {
    sealed: await fingerprint(encryption.current),
    hashed: await fingerprint(identityPepper.current),
  };
  let done = 0;
  let after = '';
  for (let left = most; left > 0; left -= BATCH) {
    const rows = await findOutdatedSeals(ctx, current, after, Math.min(BATCH, left));
    for (const row of rows) done += (await reseal(ctx, row)) ? 1 : 0;
    after = rows.at(-1)?.id ?? after;
    if (rows.length < BATCH) break;
  }
  return done;
}

const BATCH = 50;

async function reseal(ctx: Ctx, row: VerificationRow): Promise<boolean> {
  try {
    const papers = await openPapers(ctx, row);
    if (!papers) return false;
    await commit(ctx, [resealVerification(ctx, row, await sealPapers(ctx, row.kind, row.id, papers))]);
    return true;
  } catch (error) {
    ctx.log.error('identity.reseal', error, { verificationId: row.id });
    return false;
  }
}

function numberOf(papers: RealnamePapers | EnterprisePapers): string {
  return 'id_card' in papers ? papers.id_card : papers.credit_code;
}

/** Table, column and row: papers moved to another row do not open. */
function contextOf({ site }: IdentityCtx, id: string): string {
  return `verifications.sealed:${site.key}:${id}`;
}
