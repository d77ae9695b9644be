import { commit } from '#db/commit';
import { closeExpiredOrders } from '#modules/commerce/order-store';
import type { Job } from './job.ts';

/** Closes orders that can no longer be paid. */
export const closeOrders: Job = async (ctx) => {
  await commit(ctx, [closeExpiredOrders(ctx, ctx.now)]);
};
