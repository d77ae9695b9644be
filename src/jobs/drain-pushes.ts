import { drainPushes } from '#flows/quota/push-owner';
import type { Job } from './job.ts';

/** Three D1 calls each, of the thousand that an invocation has for all sites. */
const MOST = 100;

/** Tells quota objects what they could not be told at once. */
export const drainPushQueue: Job = async (ctx) => {
  await drainPushes(ctx, MOST);
};
