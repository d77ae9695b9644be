import type { Ctx } from '#kernel/context';

/** A time-driven job: idempotent, resumable, its cost proportional to what is due. */
export type Job = (ctx: Ctx) => Promise<void>;
