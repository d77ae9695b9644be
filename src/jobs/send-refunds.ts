import { sendDueRefunds } from '#flows/commerce/send-refunds';
import type { Job } from './job.ts';

/** Sends money back that could not be sent at once. */
export const sendRefunds: Job = async (ctx) => {
  await sendDueRefunds(ctx);
};
