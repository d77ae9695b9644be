import { holderOf, requirePerson } from '#kernel/actor';
import type { Ctx } from '#kernel/context';
import type { Page, Slice } from '#kernel/page';
import type { Program } from '#kernel/programs';
import { type EventRow, listEvents } from './holding-store.ts';

/** What happened to the caller's membership of a program, newest first (seed 000 §8.6). */
export async function listHistory(ctx: Ctx, program: Program, page: Page): Promise<Slice<EventRow>> {
  return listEvents(ctx, holderOf(requirePerson(ctx.actor), program), program, page);
}
