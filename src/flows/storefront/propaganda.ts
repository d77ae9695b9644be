import { renderSVG } from 'uqr';
import { requirePerson } from '#kernel/actor';
import type { Ctx } from '#kernel/context';
import { AppError } from '#kernel/errors';
import type { Page, Slice } from '#kernel/page';
import { listProfitRows, listTeam, type ProfitRow, type TeamRow } from '#modules/storefront/store';
import { getInvite } from '../alliance/my-tier.ts';
import { getStorefront } from './settings.ts';

/** My direct invitees, newest first. */
export async function listMyTeam(ctx: Ctx, serial: number | undefined, page: Page): Promise<Slice<TeamRow>> {
  await requirePropaganda(ctx);
  return listTeam(ctx, requirePerson(ctx.actor).userId, serial, page);
}

/** The link that carries my code, and its QR picture as a data URL. */
export async function getPoster(ctx: Ctx): Promise<{ url: string; picture: string }> {
  await requirePropaganda(ctx);
  const { link } = await getInvite(ctx);
  return { url: link, picture: `data:image/svg+xml;base64,${btoa(renderSVG(link))}` };
}

/** What my invitees' purchases earn me, newest first. */
export async function listMyProfits(
  ctx: Ctx,
  filter: { status?: ProfitRow['status']; generation?: number; serial?: number },
  page: Page,
): Promise<Slice<ProfitRow>> {
  return listProfitRows(ctx, requirePerson(ctx.actor).userId, filter, page);
}

async function requirePropaganda(ctx: Ctx): Promise<void> {
  if ((await getStorefront(ctx)).is_propaganda !== '1') throw new AppError('vip_propaganda_off');
}
