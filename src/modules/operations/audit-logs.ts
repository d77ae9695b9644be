import { z } from 'zod';
import { requireAdmin } from '#kernel/actor';
import type { Ctx } from '#kernel/context';
import type { Page, Slice } from '#kernel/page';
import { type AuditRow, listAuditRows } from './audit-store.ts';

const Instant = z.iso.datetime({ offset: true });

export const ListAuditLogsInput = z.object({
  actor: z.string().max(64).optional(),
  action: z.string().max(64).optional(),
  target: z.string().max(128).optional(),
  from: Instant.optional(),
  to: Instant.optional(),
});

/** The audit log, newest first; `from` and `to` are both inclusive. */
export async function listAuditLogs(
  ctx: Ctx,
  input: z.infer<typeof ListAuditLogsInput>,
  page: Page,
): Promise<Slice<AuditRow>> {
  requireAdmin(ctx.actor);
  const { actor, action, target, from, to } = input;
  const filter = {
    actor,
    action,
    target,
    from: from === undefined ? undefined : Date.parse(from),
    to: to === undefined ? undefined : Date.parse(to),
  };
  return listAuditRows(ctx, filter, page);
}
