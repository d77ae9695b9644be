import { createLevelOrder, renewLevelOrder } from '#flows/storefront/buy-level';
import { checkPayment, payLevelOrder } from '#flows/storefront/level-orders';
import type { Ctx } from '#kernel/context';
import { invalid } from '#kernel/errors';
import { listLevels } from '#modules/catalogue/vip/store';
import type { OrderRow } from '#modules/commerce/order-store';
import { type Action, action, idOf, ORDER_ID } from './action.ts';
import * as examples from './examples.ts';
import { toBase, toLevel, toPayment, toPayments } from './mapper.ts';
import { type Parameters, textOf } from './parameters.ts';
import * as schemas from './schemas.ts';

/** What may be wrong with a level and its period, in the order in which it is checked. */
const UNSOLD = [
  'vip_level_missing',
  'vip_level_disabled',
  'vip_level_not_on_sale',
  'vip_periods_none',
  'vip_period_missing',
  'vip_price_missing',
  'vip_renewal_forbidden',
  'vip_for_ever_already',
  'order_throttled',
] as const;

/** What is sold, ordering it and paying for it. */
export const BUY_ACTIONS: Action[] = [
  action({
    control: 'index',
    action: 'index',
    summary: 'What the plugin is',
    description:
      'For whoever comes by; nobody needs to be signed in. `introduce_data` is every level that is switched on, by id, ' +
      'on sale or not; what can be bought is in `buy/index`.',
    open: true,
    data: schemas.Introduction,
    example: examples.INTRODUCTION,
    errors: [],
    run: async (ctx, settings) => ({
      base: toBase(settings),
      default_images_data: { default_level_images: '', default_qrcode_images: '' },
      introduce_data: (await listLevels(ctx))
        .filter(({ enabled }) => enabled)
        .map((level) => toLevel(level, ctx.site.timeZone)),
    }),
  }),
  action({
    control: 'buy',
    action: 'index',
    summary: 'Levels that can be bought',
    description:
      'Levels that are switched on and on sale, by id. A level’s `id` and the `number` of one of its periods make the ' +
      '`opening` of `buy/create`, which also tells whether this user may buy it now. One whose `pay_period_rules` are ' +
      'empty is on sale, but has no period to choose.',
    data: schemas.Sold,
    example: examples.SOLD,
    errors: [],
    run: async (ctx, settings) => ({
      base: toBase(settings),
      data: (await listLevels(ctx))
        .filter(({ enabled, onSale }) => enabled && onSale)
        .map((level) => toLevel(level, ctx.site.timeZone)),
      ...toPayments(ctx),
    }),
  }),
  action({
    control: 'buy',
    action: 'create',
    summary: 'Order a level',
    description:
      'Nothing is held before the order is paid, by `buy/pay` and within `base.order_close_time` minutes. Each call is ' +
      'another order, and several may be open. The first check that fails is told, in the order of the refusals below; ' +
      'at most 30 orders of a user are taken within an hour.',
    writes: true,
    takes: {
      opening: {
        description:
          '`{level}-{number}`: a level’s `id` and the days of one of its periods; nothing after the dash is for ever.',
        example: '7-365',
        required: true,
        pattern: '^\\d+-\\d*$',
      },
    },
    data: schemas.Placed,
    example: examples.PLACED,
    errors: ['vip_opening_missing', 'vip_buying_off', 'vip_opening_malformed', ...UNSOLD],
    run: async (ctx, _, parameters) => toPlaced(await createLevelOrder(ctx, textOf(parameters, 'opening'))),
  }),
  action({
    control: 'buy',
    action: 'renew',
    summary: 'Order the last period again',
    description:
      'Of the level order that was paid last: the same level for as many days, at today’s price. It needs ' +
      '`base.is_supported_renew_old_order` `1`, which is off in the seed. The order is paid as one of `buy/create`.',
    writes: true,
    data: schemas.Placed,
    example: examples.RENEWED,
    errors: ['vip_renewal_off', 'vip_buying_off', 'vip_nothing_to_renew', ...UNSOLD],
    run: async (ctx) => toPlaced(await renewLevelOrder(ctx)),
  }),
  action({
    control: 'buy',
    action: 'pay',
    summary: 'Begin to pay an order',
    description:
      'Of an order of one’s own that is still to be paid. `data` is where to pay; the wallet pays at once, and the ' +
      'level is held with the answer. An attempt that is still open elsewhere is ended first. Whether it is paid, ' +
      '`buy/paycheck` tells. An order that could not be granted any more is closed instead.',
    writes: true,
    takes: {
      ...ORDER_ID,
      payment_id: { description: 'The `id` of one of `payment_list`.', example: '3', required: true },
      redirect_url: {
        description:
          'Base64 of the address to which the payer comes back, on a host of this site or of the deployment.',
        example: 'aHR0cDovL2xvY2FsaG9zdDo4Nzg3L3N0b3JlZnJvbnQvb3JkZXIvaW5kZXg=',
      },
    },
    data: schemas.Started,
    example: examples.STARTED,
    errors: [
      'not_found',
      'order_not_payable',
      'membership_changed',
      'vip_for_ever_already',
      'plan_not_available',
      'wallet_short',
      'service_unavailable',
    ],
    run: (ctx, _, parameters) => pay(ctx, parameters),
  }),
  action({
    control: 'buy',
    action: 'paycheck',
    summary: 'Whether an order is paid',
    description:
      'To be asked again while the code is −300. It looks at what the provider has told by now, and does not ask it. ' +
      'An order that was cancelled, closed or refunded is −1.',
    takes: {
      order_no: {
        description: '`order_no` of `buy/pay`; or the order’s `id`.',
        example: 'ord_01FJC6RCG0V3Q4T5W6X7Y8Z9A0',
        required: true,
      },
    },
    data: schemas.Checked,
    example: examples.CHECKED,
    errors: ['not_found', 'vip_payment_pending', 'order_not_payable'],
    run: async (ctx, _, parameters) => {
      await checkPayment(ctx, textOf(parameters, 'order_no'));
      return { url: `${siteUrl(ctx).origin}/storefront/order/index` };
    },
  }),
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
