import { beforeAll, describe, expect, it } from 'vitest';
import {
  ACCESS,
  ACTORS,
  AT_OFFICE,
  NOBODYS,
  OBJECTS,
  verdictsOf,
  type Who,
} from '../support/access-table.ts';
import { type Answer, Client } from '../support/client.ts';
import { documented } from '../support/contract.ts';
import { dataOf, invite, newMember, newVerifiedEnterprise, submitRealname } from '../support/enterprises.ts';
import { type Human, newHuman, signedIn } from '../support/humans.ts';

/** Who may do what: every operation of the document, asked by everybody there is. */

type Headers = Record<string, string>;
type Documented = (typeof documented)[number];

const client = new Client();
const abroad = new Client({ site: 'cn' });
const bearer = (token: string): Headers => ({ Authorization: `Bearer ${token}` });

/** Where a back office is asked. */
const AT = { 'X-Site': 'default', 'X-System-Code': 'AUTH_MANAGEMENT' };

/** What each of them shows. */
const shown: Record<string, Headers> = {
  visitor: {},
  'a token that is none': bearer('eyJhbGciOiJub25lIn0.e30.'),
};
/** Who of them has a session. */
const people: Record<string, Human> = {};
/** What there is, by the parameter of a path that names it, and whose it is. */
const things: Record<string, Record<string, string>> = { user: {}, 'API key': {}, owner: {}, admin: {} };

beforeAll(async () => {
  const admin = await client.admin();
  const company = await newVerifiedEnterprise(client, admin);
  const rival = await newVerifiedEnterprise(client, admin);
  Object.assign(people, {
    user: await newHuman(client),
    member: await newMember(client, company),
    manager: await newMember(client, company, 'admin'),
    owner: company.owner,
    'owner of another company': rival.owner,
    'frozen user': await newHuman(client),
  });
  const [colleague, heir] = [await newMember(client, company), await newMember(client, company)];
  const [{ token, id: userId }, other] = [people.user as Human, await newHuman(client)];
  const keyOf = async (of: string) =>
    dataOf(
      await client.post('/api/v1/users/me/apikeys', { name: 'k', key_type: 'production' }, { token: of }),
    );
  const [mine, live, dead, rivals] = [
    await keyOf(token),
    await keyOf(other.token),
    await keyOf(other.token),
    await keyOf(rival.owner.token),
  ];
  dataOf(await client.delete(`/api/v1/users/me/apikeys/${dead.key_id}`, { token: other.token }));
  const officeOf = async (permissions: string[]) =>
    dataOf(
      await client.post(
        '/admin/v1/clients',
        { name: 'office', systems: ['AUTH_MANAGEMENT'], permissions },
        { token: admin },
      ),
    );
  const [office, reader] = [
    await officeOf(['members:read', 'members:write']),
    await officeOf(['members:read']),
  ];
  Object.assign(shown, {
    'user of another site': bearer((await newHuman(abroad)).token),
    'admin of another site': { ...bearer(await abroad.admin()), 'X-Site': 'cn' },
    'API key': bearer(live.api_key),
    'API key of somebody else': bearer(rivals.api_key),
    'dead API key': bearer(dead.api_key),
    client: { 'X-Client': office.client_key },
    admin: bearer(admin),
    'client without headers': { 'X-Client': office.client_key },
    'client of another system': { 'X-Client': office.client_key, ...AT, 'X-System-Code': 'OTHER' },
    'client that may only read': { 'X-Client': reader.client_key, ...AT },
    'another user': bearer(other.token),
  });
  const wish = { plan_id: 'plan_basic', period: 'monthly' };
  const order = dataOf(await client.post('/api/v1/membership/subscribe', wish, { token }));
  const held = await client.post(
    '/api/v1/quota/reservations',
    { tokens: 1 },
    { headers: shown['API key'] ?? {} },
  );
  expect(held.status, JSON.stringify(held.body)).toBe(201);
  await invite(client, company.owner.token, 'somebody@example.com');
  const { items: invitations } = dataOf(
    await client.get('/api/v1/enterprise/invitations', { token: company.owner.token }),
  );
  const { verification_id } = dataOf(await submitRealname(client, token));
  const { voucher_type_id } = dataOf(
    await client.post('/admin/v1/vouchers', named('createVoucherType').body, { token: admin }),
  );
  const bought = { member_id: 3, pay_mode: 'cash', pay_type: 'wxpay' };
  const tier = dataOf(await client.post('/api/v1/tbk/members', bought, { token }));
  expect((await client.cashier(tier.order_id, { action: 'pay' })).body).toMatchObject({ status: 'paid' });
  // A session that nobody asks with.
  people.user = await signedIn(client, people.user as Human);
  const { items: sessions } = dataOf(await client.get('/api/v1/auth/sessions', { token: people.user.token }));
  const session = sessions.find((one: { current: boolean }) => !one.current);
  Object.assign(things, {
    user: {
      order_id: order.order_id,
      order_no: tier.order_id,
      key_id: mine.key_id,
      session_id: session.session_id,
    },
    'API key': { reservation_id: held.body.data.reservation_id },
    owner: {
      invitation_id: invitations[0].invitation_id,
      member_id: colleague.id,
      'member_id in the body': heir.id,
    },
    admin: {
      verification_id,
      user_id: userId,
      enterprise_id: company.id,
      order_id: order.order_id,
      client_id: reader.client_id,
      voucher_type_id,
      owner: userId,
      id: userId,
    },
  });
  await signIn();
  const freeze = { status: 'frozen', reason: 'a test' };
  dataOf(await client.put(`/admin/v1/users/${people['frozen user']?.id}/status`, freeze, { token: admin }));
});

/** Whoever may ask for the end of a session has another one afterwards. */
async function signIn(): Promise<void> {
  shown.admin = bearer(await client.admin());
  for (const [actor, human] of Object.entries(people))
    shown[actor] = bearer((await signedIn(client, human)).token);
}

/** Asks with the document's example, or with next to nothing, so that little happens where it is let in. */
function ask(
  { id, method, template, body }: Documented,
  actor: string,
  { ids = {}, example = true }: { ids?: Record<string, string>; example?: boolean } = {},
): Promise<Answer> {
  const own = shown[actor];
  if (!own) throw new Error(`nobody is called ${actor}`);
  const headers = ACCESS[id] === 'office' && !(actor in AT_OFFICE) ? { ...AT, ...own } : own;
  const path = template
    .replaceAll(/\{(\w+)\}/g, (_, name: string) => ids[name] ?? 'none')
    .replace('/none/none/notify', '/sandbox/default/notify');
  return client.send(method, path, {
    headers,
    ...(method === 'GET' ? {} : { body: withIds(example ? body : null, ids) }),
  });
}

/** An example's ids are those of what is asked for. */
function withIds(body: unknown, ids: Record<string, string>): object {
  const example = (body ?? {}) as Record<string, unknown>;
  const own = Object.entries(example).map(([name, value]) => [
    name,
    ids[`${name} in the body`] ?? ids[name] ?? value,
  ]);
  return Object.fromEntries(own);
}

/** `+`, or how it was refused; ShopXO's front ends read that in the body. */
function verdictOf(who: Who, { status, body }: Answer): string {
  if (who === 'shop') return body.code === -400 ? '401' : '+';
  if (who === 'provider') return String(status);
  return status === 401 || status === 403 ? String(status) : '+';
}

const named = (id: string): Documented => {
  const operation = documented.find((one) => one.id === id);
  if (!operation) throw new Error(`there is no ${id}`);
  return operation;
};

describe('who may do what', () => {
  it('is said of every operation', () => {
    expect(Object.keys(ACCESS).sort()).toEqual(documented.map(({ id }) => id).sort());
    const open = Object.keys(ACCESS).filter((id) =>
      ['anybody', 'anyone', 'holder', 'provider'].includes(ACCESS[id] as Who),
    );
    expect(open.sort()).toEqual(documented.flatMap((one) => (one.open ? [one.id] : [])).sort());
  });

  it.each(documented)('$id lets in whom it should, and nobody else', async (operation) => {
    const who = ACCESS[operation.id] as Who;
    for (const [actor, verdict] of verdictsOf(who)) {
      // Whoever is refused asks for what would go well.
      const answer = await ask(operation, actor, { example: verdict !== '+' });
      const told = `${operation.id} as ${actor}: ${answer.status} ${JSON.stringify(answer.body)}`;
      expect(answer.status, told).toBeLessThan(500);
      expect(verdictOf(who, answer), told).toBe(verdict);
      if (verdict === '+' && operation.id === 'signOut') await signIn();
    }
    for (const [actor, verdict] of who === 'office' ? Object.entries(AT_OFFICE) : []) {
      const meant = verdict === '403 where it writes' ? (operation.method === 'GET' ? '+' : '403') : verdict;
      const answer = await ask(operation, actor, { example: meant !== '+' });
      const told = `${operation.id} as ${actor}: ${answer.status} ${JSON.stringify(answer.body)}`;
      expect(meant === '400' ? String(answer.status) : verdictOf(who, answer), told).toBe(meant);
    }
  });

  it('is said of every object that a path names', () => {
    const named = documented.filter(({ template }) => template.includes('{')).map(({ id }) => id);
    expect(named.filter((id) => !(id in OBJECTS) && !NOBODYS.has(id))).toEqual([]);
  });

  it.each(Object.entries(OBJECTS))('%s finds its object for nobody but the %s', async (id, whose) => {
    const operation = named(id);
    const who = ACCESS[id] as Who;
    const others = {
      user: ['another user', ...ACTORS.filter((one) => one !== 'user')],
      'API key': ['API key of somebody else'],
      owner: ['owner of another company'],
      admin: ['admin of another site'],
    }[whose];
    const letIn = new Map(verdictsOf(who));
    for (const actor of others ?? []) {
      if ((letIn.get(actor) ?? '+') !== '+') continue;
      const answer = await ask(operation, actor, { ids: things[whose] });
      expect(answer.status, `${id} as ${actor}: ${JSON.stringify(answer.body)}`).toBe(404);
    }
  });

  // Last, since some of it is gone then.
  it.each(Object.entries(OBJECTS))('%s finds it for the %s', async (id, whose) => {
    const answer = await ask(named(id), whose, { ids: things[whose], example: id !== 'adminSetUserStatus' });
    const told = JSON.stringify(answer.body);
    expect([401, 403, 404], told).not.toContain(answer.status);
    expect(answer.status, told).toBeLessThan(500);
  });
});
