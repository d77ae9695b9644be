import { drainPushes } from '#flows/push-owner';
import type { Job } from './job.ts';

const MOST = 500;

/** Tells quota objects what they could not be told at once. */
export const drainPushQueue: Job = async (ctx) => {
  await drainPushes(ctx, MOST);
};
