import {
  cancelLevelOrder,
  deleteLevelOrder,
  getLevelOrder,
  listOwnLevelOrders,
} from '#flows/storefront/level-orders';
import type { LevelOrderStatus } from '#modules/storefront/order-store';
import { type Action, action, choice, idOf, isMore, MORE, ORDER_ID, PAGE, pageOf } from './action.ts';
import * as examples from './examples.ts';
import { toList, toOrder, toPayments } from './mapper.ts';
import { textOf } from './parameters.ts';
import * as schemas from './schemas.ts';

/** What somebody ordered. */
export const ORDER_ACTIONS: Action[] = [
  action({
    control: 'order',
    action: 'index',
    summary: 'My orders',
    description:
      'Newest first, ten on each page; deleted ones are left out. `status` counts only with `is_more` `1`, `keywords` ' +
      'always. An order that was not paid in time is closed (3) from that moment on.',
    takes: {
      ...PAGE,
      ...MORE,
      status: {
        description: '`-1` all, `0` 待支付, `1` 已支付, `2` 已取消, `3` 已关闭.',
        example: '1',
        enum: ['-1', '0', '1', '2', '3'],
        default: '-1',
      },
      keywords: {
        description:
          'Sought in order numbers and level names, whatever the case; the first 100 characters count.',
        example: 'VIPX',
      },
    },
    data: schemas.Orders,
    example: examples.ORDERS,
    errors: [],
    run: async (ctx, _, parameters) => {
      const more = isMore(parameters);
      const status = more ? choice(parameters, 'status', [0, 1, 2, 3] as const) : undefined;
      const filter = {
        status: status as LevelOrderStatus | undefined,
        keywords: textOf(parameters, 'keywords').slice(0, 100) || undefined,
      };
      const found = await listOwnLevelOrders(ctx, filter, pageOf(parameters));
      return { ...toList(found, (one) => toOrder(one, ctx)), ...toPayments(ctx) };
    },
  }),
  action({
    control: 'order',
    action: 'detail',
    summary: 'One of my orders',
    description:
      'With the payments of `buy/pay`, which a page offers here while it is 待支付. Somebody else’s is −100.',
    takes: ORDER_ID,
    data: schemas.OneOrder,
    example: examples.ONE_ORDER,
    errors: ['not_found'],
    run: async (ctx, _, parameters) => ({
      data: toOrder(await getLevelOrder(ctx, idOf(parameters)), ctx),
      ...toPayments(ctx),
    }),
  }),
  action({
    control: 'order',
    action: 'cancel',
    summary: 'Cancel an order that is to be paid',
    description:
      'Ends what was begun at a provider. Where it was paid there meanwhile, it is paid, and this is −100. Only what is ' +
      '待支付 can be cancelled.',
    writes: true,
    takes: ORDER_ID,
    data: schemas.Done,
    example: '',
    errors: ['not_found', 'vip_order_state', 'order_not_cancellable', 'service_unavailable'],
    run: async (ctx, _, parameters) => {
      await cancelLevelOrder(ctx, idOf(parameters));
      return '' as const;
    },
  }),
  action({
    control: 'order',
    action: 'delete',
    summary: 'Take an order that was cancelled or closed out of the list',
    description:
      'Neither the list nor its actions find it any more; admins do. Where it is paid after all, it is back. Only what ' +
      'is 已取消 or 已关闭 can be deleted.',
    writes: true,
    takes: ORDER_ID,
    data: schemas.Done,
    example: '',
    errors: ['not_found', 'vip_order_state'],
    run: async (ctx, _, parameters) => {
      await deleteLevelOrder(ctx, idOf(parameters));
      return '' as const;
    },
  }),
];
