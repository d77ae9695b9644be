import { and, count, desc, eq, gte, lte } from 'drizzle-orm';
import { slice } from '#db/slice';
import type { Ctx } from '#kernel/context';
import type { Page, Slice } from '#kernel/page';
import { auditLogs } from './tables.ts';

export type AuditRow = typeof auditLogs.$inferSelect;

export async function listAuditRows(
  { db }: Pick<Ctx, 'db'>,
  filter: { actor?: string; action?: string; target?: string; from?: number; to?: number },
  page: Page,
): Promise<Slice<AuditRow>> {
  const { actor, action, target, from, to } = filter;
  const where = and(
    actor === undefined ? undefined : eq(auditLogs.actorId, actor),
    action === undefined ? undefined : eq(auditLogs.action, action),
    target === undefined ? undefined : eq(auditLogs.target, target),
    from === undefined ? undefined : gte(auditLogs.createdAt, from),
    to === undefined ? undefined : lte(auditLogs.createdAt, to),
  );
  return slice(
    db,
    page,
    (limit, offset) =>
      db.select().from(auditLogs).where(where).orderBy(desc(auditLogs.id)).limit(limit).offset(offset),
    db.select({ n: count() }).from(auditLogs).where(where),
  );
}
