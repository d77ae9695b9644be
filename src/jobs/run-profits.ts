import { runProfits as run } from '#flows/storefront/profits';
import type { Job } from './job.ts';

/** Makes and settles what inviters earn of levels. */
export const runProfits: Job = run;
