import { createIds } from '#kernel/ids';
import { generateApiKey } from '#security/api-key';
import { keyedHash } from '#security/keyed-hash';

export interface Owner {
  key: string;
  owner: string;
  user: string;
}

/** Enterprises on `plan_enterprise`, each with one member and a key. */
export async function makeOwners(db: D1Database, pepper: string, count: number): Promise<Owner[]> {
  const ids = createIds();
  const now = Math.floor(Date.now() / 1000) * 1000;
  const made: Owner[] = [];
  while (made.length < count) {
    const [user, enterprise] = [ids.next('u', now), ids.next('ent', now)];
    const key = generateApiKey('production');
    const hash = await keyedHash({ current: pepper, previous: null }, 'api-key', key);
    const run = (sql: string, ...values: unknown[]) => db.prepare(sql).bind(...values);
    await db.batch([
      run(
        'insert into users (id, user_type, referral_code, created_at, updated_at) values (?, ?, ?, ?, ?)',
        user,
        'enterprise',
        user,
        now,
        now,
      ),
      run(
        'insert into enterprises (id, owner_id, name, created_at, updated_at) values (?, ?, ?, ?, ?)',
        enterprise,
        user,
        'Bench',
        now,
        now,
      ),
      run(
        'insert into enterprise_members (id, enterprise_id, user_id, role, joined_at) values (?, ?, ?, ?, ?)',
        ids.next('em', now),
        enterprise,
        user,
        'admin',
        now,
      ),
      run(
        `insert into grants (id, owner, program, product_id, source, from_at, until_at, anchor_at, created_at)
         values (?, ?, 'token', 'plan_enterprise', 'manual', ?, null, ?, ?)`,
        ids.next('gr', now),
        enterprise,
        now,
        now,
        now,
      ),
      run(
        `insert into api_keys (id, user_id, enterprise_id, name, key_type, prefix, hash, allowed_models, allowed_ips,
           created_at, changed_at) values (?, ?, ?, 'bench', 'production', '', ?, '[]', '[]', ?, ?)`,
        ids.next('key', now),
        user,
        enterprise,
        hash,
        now,
        now,
      ),
    ]);
    made.push({ key, owner: enterprise, user });
  }
  return made;
}
