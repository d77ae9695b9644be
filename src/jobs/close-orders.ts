import { askProviders, closeOrders } from '#flows/commerce/silent-attempts';
import type { Job } from './job.ts';

/** Asks providers about attempts of which nothing was heard, and closes orders that can no longer be paid. */
export const askAndClose: Job = async (ctx) => {
  await askProviders(ctx);
  await closeOrders(ctx);
};
