import {
  cancelLevelOrder,
  deleteLevelOrder,
  getLevelOrder,
  listOwnLevelOrders,
} from '#flows/storefront/level-orders';
import type { LevelOrderStatus } from '#modules/storefront/order-store';
import { type Action, choice, ID, idOf, isMore, PAGING, pageOf } from './action.ts';
import { toList, toOrder, toPayments } from './mapper.ts';
import { textOf } from './parameters.ts';

/** What somebody ordered. */
export const ORDER_ACTIONS: Action[] = [
  {
    control: 'order',
    action: 'index',
    summary: 'My orders',
    takes: { ...PAGING, status: '−1 all, 0 to 3', keywords: 'In order numbers and level names' },
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
  },
  {
    control: 'order',
    action: 'detail',
    summary: 'One of my orders',
    takes: ID,
    run: async (ctx, _, parameters) => ({
      data: toOrder(await getLevelOrder(ctx, idOf(parameters)), ctx),
      ...toPayments(ctx),
    }),
  },
  {
    control: 'order',
    action: 'cancel',
    summary: 'Cancel an order that is to be paid',
    writes: true,
    takes: ID,
    run: async (ctx, _, parameters) => {
      await cancelLevelOrder(ctx, idOf(parameters));
      return '';
    },
  },
  {
    control: 'order',
    action: 'delete',
    summary: 'Take an order that was cancelled or closed out of the list',
    writes: true,
    takes: ID,
    run: async (ctx, _, parameters) => {
      await deleteLevelOrder(ctx, idOf(parameters));
      return '';
    },
  },
];
