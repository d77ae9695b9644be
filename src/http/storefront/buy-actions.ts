import { createLevelOrder, renewLevelOrder } from '#flows/storefront/buy-level';
import { checkPayment, payLevelOrder } from '#flows/storefront/level-orders';
import type { Ctx } from '#kernel/context';
import { invalid } from '#kernel/errors';
import { listLevels } from '#modules/catalogue/vip/store';
import type { OrderRow } from '#modules/commerce/order-store';
import { type Action, ID, idOf } from './action.ts';
import { toBase, toLevel, toPayment, toPayments } from './mapper.ts';
import { type Parameters, textOf } from './parameters.ts';

/** What is sold, ordering it and paying for it. */
export const BUY_ACTIONS: Action[] = [
  {
    control: 'index',
    action: 'index',
    summary: 'What the plugin is',
    open: true,
    run: async (ctx, settings) => ({
      base: toBase(settings),
      default_images_data: { default_level_images: '', default_qrcode_images: '' },
      introduce_data: (await listLevels(ctx))
        .filter(({ enabled }) => enabled)
        .map((level) => toLevel(level, ctx.site.timeZone)),
    }),
  },
  {
    control: 'buy',
    action: 'index',
    summary: 'Levels that can be bought',
    run: async (ctx, settings) => ({
      base: toBase(settings),
      data: (await listLevels(ctx))
        .filter(({ enabled, onSale }) => enabled && onSale)
        .map((level) => toLevel(level, ctx.site.timeZone)),
      ...toPayments(ctx),
    }),
  },
  {
    control: 'buy',
    action: 'create',
    summary: 'Order a level',
    writes: true,
    takes: { opening: '`{level}-{number}`; nothing after the dash is for ever' },
    run: async (ctx, _, parameters) => toPlaced(await createLevelOrder(ctx, textOf(parameters, 'opening'))),
  },
  {
    control: 'buy',
    action: 'renew',
    summary: 'Order the last period again',
    writes: true,
    run: async (ctx) => toPlaced(await renewLevelOrder(ctx)),
  },
  {
    control: 'buy',
    action: 'pay',
    summary: 'Begin to pay an order',
    writes: true,
    takes: { ...ID, payment_id: 'Of `payment_list`', redirect_url: 'Base64, on an own host' },
    run: (ctx, _, parameters) => pay(ctx, parameters),
  },
  {
    control: 'buy',
    action: 'paycheck',
    summary: 'Whether an order is paid',
    takes: { order_no: 'The payment’s or the order’s' },
    run: async (ctx, _, parameters) => {
      await checkPayment(ctx, textOf(parameters, 'order_no'));
      return { url: `${siteUrl(ctx).origin}/storefront/order/index` };
    },
  },
];

function toPlaced(order: OrderRow) {
  const { vip } = order.snapshot;
  return {
    id: String(order.serial),
    payment_user_order_no: order.id,
    payment_user_id: String(order.serial),
    value: vip?.value ?? '',
    unit: vip?.unit ?? '',
    price: vip?.price ?? '',
  };
}

async function pay(ctx: Ctx, parameters: Parameters) {
  const { payment_list } = toPayments(ctx);
  const chosen = payment_list.find(({ id }) => id === textOf(parameters, 'payment_id'));
  if (!chosen) throw invalid('payment_id', 'is not among the payments');
  const redirect = redirectOf(ctx, textOf(parameters, 'redirect_url'));
  const { order, parameters: sent } = await payLevelOrder(ctx, idOf(parameters), chosen.payment, redirect);
  const url = ['pay_url', 'url', 'h5_url', 'code_url']
    .map((name) => sent[name])
    .find((one) => typeof one === 'string');
  const { id, name, payment } = toPayment(chosen.payment);
  return {
    data: url ?? (Object.keys(sent).length > 0 ? sent : (redirect ?? '')),
    order_id: String(order.serial),
    order_no: order.id,
    payment: { id, name, payment },
  };
}

/** Where a front end wants its user back: Base64 of an address on one of this site's hosts. */
function redirectOf(ctx: Ctx, encoded: string): string | null {
  if (encoded === '') return null;
  const bad = () => invalid('redirect_url', 'must be Base64 of an address on an own host');
  let url: URL;
  try {
    url = new URL(
      new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(
        Uint8Array.from(atob(encoded), (one) => one.charCodeAt(0)),
      ),
    );
  } catch {
    throw bad();
  }
  const own = [new URL(ctx.publicUrl), siteUrl(ctx)];
  const safe = ['http:', 'https:'].includes(url.protocol) && url.username === '' && url.password === '';
  if (!safe || !own.some(({ host }) => host === url.host)) throw bad();
  return url.href;
}

/** Where this site is: its first host, at the deployment's scheme and port; without one, where the deployment is. */
function siteUrl(ctx: Ctx): URL {
  const url = new URL(ctx.publicUrl);
  const [host] = ctx.site.hosts;
  if (host !== undefined) url.hostname = host;
  return url;
}
