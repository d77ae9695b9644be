import type { Ctx } from '#kernel/context';
import type { UsageDelivery } from '#kernel/quota';
import { noteKeyUses } from '#modules/keys/store';
import { addUsage, selectCursor } from '#modules/usage/store';

/** Adds an object's usage up in D1, once, however often it is tried. Gives the point that its owner has reached. */
export async function deliverUsage(
  ctx: Pick<Ctx, 'db' | 'now'>,
  owner: string,
  delivery: UsageDelivery,
): Promise<number> {
  const statements = [...addUsage(ctx, owner, delivery, ctx.now), ...noteKeyUses(ctx, delivery.keyUses)];
  const results: unknown[] = await ctx.db.batch([
    selectCursor(ctx, owner),
    ...statements,
    selectCursor(ctx, owner),
  ]);
  const [row] = results.at(-1) as { seq: number }[];
  return row?.seq ?? 0;
}
