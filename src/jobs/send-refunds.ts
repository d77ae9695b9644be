import { applyWaitingRefunds } from '#flows/commerce/external-refund';
import { sendDueRefunds } from '#flows/commerce/send-refunds';
import type { Job } from './job.ts';

/** Sends money back that could not be sent at once, and applies refunds that came before their payments. */
export const sendRefunds: Job = async (ctx) => {
  await sendDueRefunds(ctx);
  await applyWaitingRefunds(ctx);
};
