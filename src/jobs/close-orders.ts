import { askProviders, closeExpiredOrders } from '#flows/commerce/silent-orders';
import type { Job } from './job.ts';

/** Asks providers about orders of which nothing was heard, and closes those that can no longer be paid. */
export const closeOrders: Job = async (ctx) => {
  await askProviders(ctx);
  await closeExpiredOrders(ctx);
};
