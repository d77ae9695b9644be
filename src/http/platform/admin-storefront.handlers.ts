import type { OpenAPIHono, z } from '@hono/zod-openapi';
import { createLevel, getLevels, removeLevel, updateLevel } from '#flows/storefront/edit-levels';
import { setStorefront } from '#flows/storefront/edit-settings';
import type { HeldLevel } from '#flows/storefront/level-of';
import { bookActivity, giveLevel, quoteGoods } from '#flows/storefront/members';
import { getStorefront } from '#flows/storefront/settings';
import { createStorefrontToken } from '#flows/storefront/tokens';
import { toIso } from '#kernel/clock';
import { formatDecimal } from '#kernel/money';
import type { VipLevel } from '#modules/catalogue/vip/store';
import { lastSecondOf } from '#modules/commerce/rules';
import type { SurfaceEnv } from '../shared/surface.ts';
import * as routes from './admin-storefront.routes.ts';
import { serve } from './operation.ts';

export function serveStorefrontAdmin(app: OpenAPIHono<SurfaceEnv>): void {
  serve(app, routes.getSettings, (ctx) => getStorefront(ctx));
  serve(app, routes.setSettings, (ctx, { body }) => setStorefront(ctx, body));
  serve(app, routes.listLevels, async (ctx) => ({ items: (await getLevels(ctx)).map(toLevel) }));
  serve(app, routes.createLevel, async (ctx, { body }) => toLevel(await createLevel(ctx, body)));
  serve(app, routes.updateLevel, async (ctx, { params, body }) =>
    toLevel(await updateLevel(ctx, params.level_id, body)),
  );
  serve(app, routes.removeLevel, async (ctx, { params }) => {
    await removeLevel(ctx, params.level_id);
    return {};
  });
  serve(app, routes.giveLevel, async (ctx, { params, body }) => ({
    level: toHeld(await giveLevel(ctx, params.user_id, body.level_id)),
  }));
  serve(app, routes.bookActivity, async (ctx, { params, body }) => {
    const { points, spending } = await bookActivity(ctx, params.user_id, body);
    return { points, spending: formatDecimal(spending) };
  });

  serve(app, routes.token, async (ctx) => {
    const { token, expiresAt } = await createStorefrontToken(ctx);
    return { token, expires_at: toIso(expiresAt) };
  });
  serve(app, routes.quote, async (ctx, { body }) => {
    const { amount, pays, held } = await quoteGoods(ctx, body.amount);
    return {
      amount: formatDecimal(amount),
      discount_amount: formatDecimal(amount - pays),
      final_amount: formatDecimal(pays),
      level: toHeld(held),
    };
  });
}

function toHeld(held: HeldLevel | null) {
  return (
    held && {
      level_id: String(held.level.serial),
      level_name: held.level.name,
      model: held.model,
      expires_at: held.endsAt === null ? null : toIso(lastSecondOf(held.endsAt)),
    }
  );
}

function toLevel(level: VipLevel): z.infer<typeof routes.Level> {
  const flag = (on: boolean) => (on ? ('1' as const) : ('0' as const));
  return {
    id: String(level.serial),
    name: level.name,
    images_url: level.imagesUrl,
    rules_min: String(level.rulesMin),
    rules_max: String(level.rulesMax),
    order_price: formatDecimal(level.orderPrice),
    full_reduction_price: formatDecimal(level.fullReductionPrice),
    discount_rate: level.discountRate,
    is_enable: flag(level.enabled),
    is_supported_pay_buy: flag(level.onSale),
    is_supported_renew: flag(level.renewForbidden),
    pay_period_rules: level.periods.map(({ number, value, unit, price, commission }) => ({
      number,
      value,
      unit,
      price,
      commission,
    })),
    created_at: toIso(level.createdAt),
    updated_at: level.updatedAt === null ? null : toIso(level.updatedAt),
  };
}
