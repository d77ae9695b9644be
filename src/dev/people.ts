import { createIds } from '#kernel/ids';
import { generateApiKey } from '#security/api-key';
import { signAccessToken } from '#security/jwt';
import { keyedHash } from '#security/keyed-hash';

export interface Owner {
  key: string;
  owner: string;
  user: string;
}

/** A statement of SQL and what is bound to it. */
export type Sql = [sql: string, ...values: unknown[]];

/** Runs statements as one transaction. */
export type RunSql = (statements: Sql[]) => Promise<unknown>;

/** Enterprises on `plan_enterprise`, each with one member and a key. */
export async function makeOwners(run: RunSql, pepper: string, count: number): Promise<Owner[]> {
  const ids = createIds();
  const now = Math.floor(Date.now() / 1000) * 1000;
  const made: Owner[] = [];
  const statements: Sql[] = [];
  while (made.length < count) {
    const [user, enterprise] = [ids.next('u', now), ids.next('ent', now)];
    const key = generateApiKey('production');
    const hash = await keyedHash({ current: pepper, previous: null }, 'api-key', key);
    statements.push(
      [
        'insert into users (id, user_type, referral_code, created_at, updated_at) values (?, ?, ?, ?, ?)',
        user,
        'enterprise',
        user,
        now,
        now,
      ],
      [
        'insert into enterprises (id, owner_id, name, created_at, updated_at) values (?, ?, ?, ?, ?)',
        enterprise,
        user,
        'An enterprise',
        now,
        now,
      ],
      [
        'insert into enterprise_members (id, enterprise_id, user_id, role, joined_at) values (?, ?, ?, ?, ?)',
        ids.next('em', now),
        enterprise,
        user,
        'admin',
        now,
      ],
      [
        `insert into grants (id, owner, program, product_id, source, from_at, until_at, anchor_at, created_at)
         values (?, ?, 'token', 'plan_enterprise', 'manual', ?, null, ?, ?)`,
        ids.next('gr', now),
        enterprise,
        now,
        now,
        now,
      ],
      [
        `insert into api_keys (id, user_id, enterprise_id, name, key_type, prefix, hash, allowed_models, allowed_ips,
           created_at, changed_at) values (?, ?, ?, 'a key', 'production', '', ?, '[]', '[]', ?, ?)`,
        ids.next('key', now),
        user,
        enterprise,
        hash,
        now,
        now,
      ],
    );
    made.push({ key, owner: enterprise, user });
  }
  await run(statements);
  return made;
}

/** A session of a user on the default site, as a login leaves it. Gives an access token, good for ten minutes. */
export async function openSession(run: RunSql, user: string, secret: string): Promise<string> {
  const now = Date.now();
  const session = createIds().next('ses', now);
  await run([
    [
      'insert into sessions (id, user_id, created_at, last_used_at, expires_at) values (?, ?, ?, ?, ?)',
      session,
      user,
      now,
      now,
      now + 86_400_000,
    ],
  ]);
  const ring = { current: secret, previous: null };
  return signAccessToken(ring, 'default', { userId: user, sessionId: session }, now);
}

export const adminOf = (user: string): Sql => ["update users set role = 'admin' where id = ?", user];
