import { adminOf, type Owner, openSession } from '../people.ts';
import type { Scratch } from '../scratch.ts';

/** What people and admins read; a reading of a key's quota asks D1 for nothing. */
export const READERS = [
  '/api/v1/users/me',
  '/api/v1/users/me/apikeys',
  '/api/v1/auth/sessions',
  '/api/v1/membership/plans',
  '/api/v1/membership/me',
  '/api/v1/membership/history',
  '/api/v1/orders',
  '/api/v1/wallet',
  '/api/v1/enterprise/members',
  '/api/v1/usage',
  '/admin/v1/users',
  '/admin/v1/enterprises',
  '/admin/v1/orders',
  '/admin/v1/audit-logs',
];

/** As many rows of other people in each large table, numbered from `present` to `size`. */
export async function addRows(db: D1Database, present: number, size: number): Promise<void> {
  const now = Date.now();
  const of = (sql: string) =>
    db.prepare(
      `with recursive n(i) as (select ${present} union all select i + 1 from n where i + 1 < ${size}) ${sql}`,
    );
  await db.batch([
    of(`insert into users (id, user_type, email, email_key, referral_code, created_at, updated_at)
        select 'u_' || i, 'personal', i || '@example.com', i || '@example.com', 'r' || i, ${now}, ${now} from n`),
    of(`insert into sessions (id, user_id, created_at, last_used_at, expires_at)
        select 'ses_' || i, 'u_' || i, ${now}, ${now}, ${now} + 86400000 from n`),
    of(`insert into api_keys (id, user_id, name, key_type, prefix, hash, allowed_models, allowed_ips, created_at,
          changed_at)
        select 'key_' || i, 'u_' || i, 'bench', 'production', '', 'h' || i, '[]', '[]', ${now}, ${now} from n`),
    of(`insert into orders (id, user_id, owner, program, kind, status, product_id, period, currency, original_amount,
          final_amount, paid_amount, snapshot, created_at, expires_at, paid_at)
        select 'ord_' || i, 'u_' || i, 'u_' || i, 'token', 'subscribe', 'paid', 'plan_basic', 'monthly', 'CNY', 100,
          100, 100, '{}', ${now}, ${now}, ${now} from n`),
    of(`insert into grants (id, owner, program, product_id, source, from_at, until_at, anchor_at, created_at)
        select 'gr_' || i, 'u_' || i, 'token', 'plan_basic', 'manual', ${now}, ${now} + 86400000, ${now}, ${now}
        from n`),
    of(`insert into usage_daily (owner, user_id, key_id, model, day, test, tokens, requests, expired)
        select 'u_' || i, 'u_' || i, 'key_' || i, 'm', date('now'), 0, 1, 1, 0 from n`),
  ]);
}

/** What each reading costs somebody who runs an enterprise and is an admin of the site. */
export async function costOf(
  { url, run, secrets }: Scratch,
  { user }: Owner,
): Promise<Map<string, { calls: number; rowsRead: number }>> {
  await run([adminOf(user)]);
  const token = await openSession(run, user, secrets.ACCESS_TOKEN_SECRET ?? '');
  const headers = { Authorization: `Bearer ${token}` };
  const meter = async () =>
    (await (await fetch(`${url}/bench/d1`)).json()) as { calls: number; rowsRead: number };
  const costs = new Map<string, { calls: number; rowsRead: number }>();
  for (const path of READERS) {
    const before = await meter();
    const answer = await fetch(url + path, { headers });
    if (!answer.ok) throw new Error(`GET ${path}: ${answer.status} ${await answer.text()}`);
    await answer.text();
    const after = await meter();
    costs.set(path, { calls: after.calls - before.calls, rowsRead: after.rowsRead - before.rowsRead });
  }
  return costs;
}
