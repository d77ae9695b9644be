import { createIds } from '#kernel/ids';
import { adminOf, makeOwners, type Owner, openSession, type RunSql, type Sql } from '../../src/dev/people.ts';
import type { Scratch } from '../../src/dev/scratch.ts';
import { ACCESS } from '../support/access-table.ts';
import type { Known } from './cases.ts';
import { send, type Wire } from './client.ts';
import type { Operation } from './operations.ts';

/** Somebody who may ask for an operation, and what is theirs. */
export interface Asker {
  /** What they show: read before each request, since some end their own session. */
  shown(): Wire['headers'];
  signInAgain(): Promise<void>;
  known: Known;
}

type Call = (method: string, path: string, body: object | null, shown?: Wire['headers']) => Promise<unknown>;

const bearer = (value: string): Wire['headers'] => [['Authorization', `Bearer ${value}`]];

let count = 0;

/** An asker of an operation's own: the owner of a verified enterprise with a member, a key and money. */
export async function askerOf({ secrets, url }: Scratch, operation: Operation): Promise<Asker> {
  const run: RunSql = (statements) =>
    send(url, {
      method: 'POST',
      path: '/fuzz/sql',
      headers: [],
      body: JSON.stringify(statements),
      isBroken: false,
    });
  const [mine, other] = await makeOwners(run, secrets.API_KEY_PEPPER ?? '', 2);
  if (!mine || !other) throw new Error('nobody was made');
  const who = ACCESS[operation.id];
  const isAdmin = who === 'admin' || who === 'office';
  await run([...settled(mine, other), ...(isAdmin ? [adminOf(mine.user)] : [])]);
  count += 1;
  const from: Wire['headers'] = [['CF-Connecting-IP', `10.0.${count >> 8}.${count & 255}`]];
  const signIn = () => openSession(run, mine.user, secrets.ACCESS_TOKEN_SECRET ?? '');
  let token = await signIn();
  const call: Call = async (method, path, body, shown = bearer(token)) => {
    const headers: Wire['headers'] = [...shown, ...from, ['Content-Type', 'application/json']];
    const answer = await send(url, {
      method,
      path,
      headers,
      body: body && JSON.stringify(body),
      isBroken: false,
    });
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
    return (answer.body as { data: unknown }).data;
  };
  const client = who === 'office' ? await made(call('POST', '/admin/v1/clients', OFFICE), 'client_key') : '';
  return {
    known: await belongings(operation, mine, other, call),
    shown: () => {
      if (who === 'office')
        return [...from, ['X-Client', client], ['X-Site', 'default'], ['X-System-Code', 'AUTH_MANAGEMENT']];
      return [...from, ...bearer(who === 'machine' ? mine.key : token)];
    },
    signInAgain: async () => {
      token = await signIn();
    },
  };
}

const OFFICE = {
  name: 'office',
  systems: ['AUTH_MANAGEMENT'],
  permissions: ['members:read', 'members:write'],
};

const made = async (answer: Promise<unknown>, field: string) =>
  String(((await answer) as Record<string, unknown>)[field]);

/** The other one becomes a member of the first one's enterprise, whose papers are approved, and which has money. */
function settled(mine: Owner, other: Owner): Sql[] {
  const now = Date.now();
  const ids = createIds();
  const fund = (owner: string): Sql[] => [
    ["insert into wallet_balances (owner, asset, balance) values (?, 'CNY', 100000000)", owner],
    [
      `insert into wallet_entries (id, owner, asset, amount, balance_after, reason, reference, created_at)
       values (?, ?, 'CNY', 100000000, 100000000, 'adjustment', 'a test', ?)`,
      ids.next('we', now),
      owner,
      now,
    ],
  ];
  return [
    ...fund(mine.user),
    ...fund(mine.owner),
    [
      "update users set email = id || '@example.com', email_key = id || '@example.com' where id in (?, ?)",
      mine.user,
      other.user,
    ],
    ['update grants set until_at = ? where owner = ?', now + 86_400_000, mine.owner],
    ["update enterprises set verify_status = 'verified' where id = ?", mine.owner],
    [
      `insert into verifications (id, kind, subject, user_id, state, name, created_at, decided_at)
       values (?, 'enterprise', ?, ?, 'verified', 'An enterprise', ?, ?)`,
      ids.next('ver', now),
      mine.owner,
      mine.user,
      now,
      now,
    ],
    [
      "update enterprise_members set enterprise_id = ?, role = 'member' where user_id = ?",
      mine.owner,
      other.user,
    ],
  ];
}

/** Ids for an operation's path: of what there is of the asker's, or of somebody else's. */
async function belongings(operation: Operation, mine: Owner, other: Owner, call: Call): Promise<Known> {
  const makers: Record<string, () => Promise<string[]>> = {
    order_id: async () => {
      // Not of a plan: what plans cost is changed here all the time.
      return [await made(call('POST', '/api/v1/wallet/topups', { amount: '100.00' }), 'order_id')];
    },
    key_id: async () => [
      await made(call('POST', '/api/v1/users/me/apikeys', { name: 'k', key_type: 'test' }), 'key_id'),
    ],
    reservation_id: async () => [
      await made(
        call('POST', '/api/v1/quota/reservations', { tokens: 10, model: 'm' }, bearer(mine.key)),
        'reservation_id',
      ),
    ],
    invitation_id: async () => {
      const body = { email: `new-${mine.user}@example.com` };
      return [await made(call('POST', '/api/v1/enterprise/members/invite', body), 'invitation_id')];
    },
    verification_id: async () => {
      const body = {
        real_name: '张三',
        id_card: `11010119900101${String(count).padStart(4, '0')}`,
        id_card_front: 'https://oss.example.com/id_cards/front.jpg',
        id_card_back: 'https://oss.example.com/id_cards/back.jpg',
      };
      return [await made(call('POST', '/api/v1/users/me/verify/realname', body), 'verification_id')];
    },
    session_id: async () => {
      const { items } = (await call('GET', '/api/v1/auth/sessions', null)) as {
        items: { session_id: string }[];
      };
      return items.map(({ session_id }) => session_id);
    },
    member_id: async () => [other.user, mine.user, 'me'],
    enterprise_id: async () => [mine.owner],
    owner: async () => [mine.user, mine.owner],
    user_id: async () => [other.user],
    plan_id: async () => ['plan_basic', 'plan_premium', 'plan_enterprise'],
    level_id: async () => ['1', '2'],
    id: async () => ['1', '2', '3', '7'],
    provider: async () => ['sandbox', 'stripe', 'wallet'],
    site: async () => ['default', 'cn'],
  };
  const known: Known = {};
  for (const { name, in: place } of operation.parameters) {
    const make = place === 'path' ? makers[name] : undefined;
    if (make) known[name] = await make();
  }
  return known;
}
