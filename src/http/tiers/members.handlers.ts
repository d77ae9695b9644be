import type { OpenAPIHono } from '@hono/zod-openapi';
import { setTier } from '#flows/alliance/set-tier';
import { AppError } from '#kernel/errors';
import { updateTierInput } from '#modules/catalogue/tiers/inputs';
import { getLadder, requireTier, updateEquity, updateTier } from '#modules/catalogue/tiers/tiers';
import { faultsOf } from '../shared/faults.ts';
import type { SurfaceEnv } from '../shared/surface.ts';
import { said } from './envelope.ts';
import { toEquity, toMember } from './members.mapper.ts';
import * as routes from './members.routes.ts';
import { serve } from './operation.ts';

export function serveMembers(app: OpenAPIHono<SurfaceEnv>): void {
  serve(app, routes.list, async (ctx) => {
    const { tiers, equities } = await getLadder(ctx);
    const { timeZone } = ctx.site;
    return {
      members: tiers.map((tier) => toMember(tier, timeZone)),
      equities: equities.map((row) => toEquity(row, timeZone)),
    };
  });

  serve(app, routes.updateEquity, async (ctx, { params, body, c }) => {
    await updateEquity(ctx, params.id, body);
    return said(c, '更新成功', 'Updated.');
  });

  serve(app, routes.update, async (ctx, { params, body, c }) => {
    const { tiers, equities } = await getLadder(ctx);
    const tier = requireTier(tiers, params.id);
    const known = new Map(equities.map(({ key, description }) => [key, description]));
    const parsed = updateTierInput(tier.level, known).safeParse(body);
    if (!parsed.success) {
      throw new AppError('invalid_input', { faults: faultsOf(parsed.error, ctx.locale, 'json') });
    }
    const member = toMember(await updateTier(ctx, tier, parsed.data), ctx.site.timeZone);
    return { ...said(c, '更新成功', 'Updated.'), member };
  });

  serve(app, routes.setTier, async (ctx, { params, body, c }) => {
    const tier = await setTier(ctx, params.id, body.member_id);
    return { ...said(c, '设置成功', 'Set.'), member: toMember(tier, ctx.site.timeZone) };
  });
}
