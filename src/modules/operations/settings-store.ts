import { eq, sql } from 'drizzle-orm';
import { rawStatement, type Statement } from '#db/statement';
import type { Ctx } from '#kernel/context';
import { settings } from './tables.ts';

type Db = Pick<Ctx, 'db'>;

/** A site's settings of this name, as they were last saved; empty where they never were. */
export async function findSettings({ db }: Db, name: string): Promise<Record<string, unknown>> {
  const [row] = await db.select({ value: settings.value }).from(settings).where(eq(settings.name, name));
  return row?.value ?? {};
}

/** Changes what is given and leaves the rest, in one statement: two admins at once lose nothing. */
export function mergeSettings(
  { db }: Db,
  name: string,
  change: Record<string, unknown>,
  now: number,
): Statement {
  const json = JSON.stringify(change);
  return rawStatement(
    db,
    sql`
    insert into settings (name, value, updated_at) values (${name}, ${json}, ${now})
    on conflict (name) do update set value = json_patch(value, ${json}), updated_at = ${now}`,
  );
}
