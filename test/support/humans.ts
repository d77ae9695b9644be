import { env } from 'cloudflare:test';
import { ulid } from 'ulid';
import { expect } from 'vitest';
import { signAccessToken } from '../../src/security/jwt.ts';
import { type Client, newEmail } from './client.ts';

const bindings = env as unknown as {
  DB_DEFAULT: D1Database;
  DB_CN: D1Database;
  ACCESS_TOKEN_SECRET: string;
};

/** Somebody signed in. */
export interface Human {
  id: string;
  email: string;
  token: string;
}

/**
 * Somebody with an account and a session, as a registration and a login leave them in D1, but for a password: it
 * spares two hashes, which are most of what `client.newUser` costs. For tests about what people do later.
 */
export async function newHuman(client: Client): Promise<Human> {
  const now = await testClock(client);
  const human = { id: `u_${ulid(now)}`, email: newEmail() };
  await databaseOf(client)
    .prepare(
      `insert into users (id, user_type, email, email_key, referral_code, created_at, updated_at)
     values (?1, 'personal', ?2, ?2, ?1, ?3, ?3)`,
    )
    .bind(human.id, human.email, now)
    .run();
  return signedIn(client, human);
}

/** Somebody who has just registered over HTTP, signed in without a login. */
export async function newRegistered(client: Client, fields: Record<string, unknown>): Promise<Human> {
  const registered = await client.register(fields);
  expect(registered.status, JSON.stringify(registered.body)).toBe(201);
  const { user_id: id, email } = registered.body.data;
  return signedIn(client, { id, email });
}

/** A new session of somebody: tokens die with ten minutes of the test clock. */
export async function signedIn(client: Client, { id, email }: Omit<Human, 'token'>): Promise<Human> {
  const now = await testClock(client);
  const sessionId = `ses_${ulid(now)}`;
  await databaseOf(client)
    .prepare(
      'insert into sessions (id, user_id, created_at, last_used_at, expires_at) values (?1, ?2, ?3, ?3, ?4)',
    )
    .bind(sessionId, id, now, now + 86_400_000)
    .run();
  const ring = { current: bindings.ACCESS_TOKEN_SECRET, previous: null };
  const token = await signAccessToken(ring, client.site ?? 'default', { userId: id, sessionId }, now);
  return { id, email, token };
}

function databaseOf({ site }: Client): D1Database {
  return site === 'cn' ? bindings.DB_CN : bindings.DB_DEFAULT;
}

async function testClock(client: Client): Promise<number> {
  const { body } = await client.get('/dev/clock');
  return Date.parse(body.now);
}
