import { beforeAll, describe, expect, it } from 'vitest';
import { ACCESS, type Who } from '../support/access-table.ts';
import { type Answer, Client } from '../support/client.ts';
import { documented } from '../support/contract.ts';
import { dataOf, invite, newMember, newVerifiedEnterprise } from '../support/enterprises.ts';
import { newHuman } from '../support/humans.ts';

/** Who may do what: every operation of the document, asked by everybody who may not. Who may is tested with what it does. */

const client = new Client();
const abroad = new Client({ site: 'cn' });

type Headers = Record<string, string>;
const bearer = (token: string): Headers => ({ Authorization: `Bearer ${token}` });

/** What each of them shows. */
const ACTORS: Record<string, Headers> = {
  visitor: {},
  'a token that is none': bearer('eyJhbGciOiJub25lIn0.e30.'),
};
/** Ids of what belongs to somebody else than who asks. */
const THEIRS: Record<string, string> = {};

beforeAll(async () => {
  const admin = await client.admin();
  const company = await newVerifiedEnterprise(client, admin);
  const rival = await newVerifiedEnterprise(client, admin);
  const member = await newMember(client, company);
  const manager = await newMember(client, company, 'admin');
  const colleague = await newMember(client, company);
  const [user, other, frozen, foreigner] = [
    await newHuman(client),
    await newHuman(client),
    await newHuman(client),
    await newHuman(abroad),
  ];
  const keyOf = async (token: string) =>
    dataOf(await client.post('/api/v1/users/me/apikeys', { name: 'k', key_type: 'production' }, { token }));
  const [live, dead, owned] = [await keyOf(other.token), await keyOf(user.token), await keyOf(user.token)];
  dataOf(await client.delete(`/api/v1/users/me/apikeys/${dead.key_id}`, { token: user.token }));
  const office = dataOf(
    await client.post(
      '/admin/v1/clients',
      { name: 'office', systems: ['AUTH_MANAGEMENT'], permissions: ['members:read', 'members:write'] },
      { token: admin },
    ),
  );
  const at = { 'X-Site': 'default', 'X-System-Code': 'AUTH_MANAGEMENT' };
  Object.assign(ACTORS, {
    user: bearer(other.token),
    member: bearer(member.token),
    manager: bearer(manager.token),
    'owner of another company': bearer(rival.owner.token),
    'API key': bearer(live.api_key),
    'dead API key': bearer(dead.api_key),
    client: { 'X-Client': office.client_key, ...at },
    'client without its site’s system': { 'X-Client': office.client_key, ...at, 'X-System-Code': 'OTHER' },
    'user at a back office': { ...bearer(other.token), ...at },
    'visitor at a back office': at,
    'frozen user': bearer(frozen.token),
    'user of another site': bearer(foreigner.token),
  });
  const order = dataOf(
    await client.post(
      '/api/v1/membership/subscribe',
      { plan_id: 'plan_basic', period: 'monthly' },
      { token: user.token },
    ),
  );
  const { items } = dataOf(await client.get('/api/v1/auth/sessions', { token: user.token }));
  const held = await client.post(
    '/api/v1/quota/reservations',
    { tokens: 1, model: 'm' },
    { headers: bearer(owned.api_key) },
  );
  expect(held.status, JSON.stringify(held.body)).toBe(201);
  await invite(client, company.owner.token, 'somebody@example.com');
  const invitations = dataOf(
    await client.get('/api/v1/enterprise/invitations', { token: company.owner.token }),
  );
  Object.assign(THEIRS, {
    order_id: order.order_id,
    key_id: owned.key_id,
    session_id: items[0].session_id,
    reservation_id: held.body.data.reservation_id,
    invitation_id: invitations.items[0].invitation_id,
    member_id: colleague.id,
    user_id: user.id,
  });
  const freeze = { status: 'frozen', reason: 'a test' };
  dataOf(await client.put(`/admin/v1/users/${frozen.id}/status`, freeze, { token: admin }));
});

/** Nobody at all, or nobody any more, wherever somebody must be signed in. */
const STRANGERS = [
  'visitor',
  'a token that is none',
  'dead API key',
  'client',
  'frozen user',
  'user of another site',
];
const PEOPLE = ['user', 'member', 'manager', 'owner of another company'];

/** Who is refused what, and how. */
const REFUSED: Record<Who, Record<number, string[]>> = {
  anybody: {},
  anyone: { 401: STRANGERS.filter((one) => !['visitor', 'client'].includes(one)) },
  holder: { 401: ['visitor', 'a token that is none', 'client'] },
  person: { 401: [...STRANGERS, 'API key'] },
  admin: { 401: [...STRANGERS, 'API key'], 403: PEOPLE },
  company: { 401: [...STRANGERS, 'API key'], 403: ['user'] },
  manager: { 401: [...STRANGERS, 'API key'], 403: ['user', 'member'] },
  owner: { 401: [...STRANGERS, 'API key'], 403: ['user', 'member', 'manager'] },
  machine: { 401: [...STRANGERS, ...PEOPLE] },
  reader: { 401: STRANGERS },
  office: {
    400: ['visitor'],
    401: ['visitor at a back office'],
    403: ['user at a back office', 'client without its site’s system'],
  },
  shop: { 401: [...STRANGERS, 'API key'] },
  provider: { 400: STRANGERS },
};

const OPEN: Who[] = ['anybody', 'anyone', 'holder', 'provider'];

/** Operations on what is somebody's own: anybody else finds nothing there. */
const OTHERS: Record<string, string[]> = {
  user: ['getOrder', 'payOrder', 'cancelOrder', 'updateApiKey', 'deleteApiKey', 'rotateApiKey', 'endSession'],
  'owner of another company': [
    'revokeInvitation',
    'removeMember',
    'getMemberQuota',
    'setMemberQuota',
    'setMemberRole',
  ],
  'API key': ['settleReservation', 'releaseReservation'],
};

function ask({ method, template, body }: (typeof documented)[number], actor: string): Promise<Answer> {
  const path = template.replaceAll(/\{(\w+)\}/g, (_, name: string) => THEIRS[name] ?? 'none');
  const provider = path.replace('/none/none/notify', '/sandbox/default/notify');
  return client.send(method, provider, {
    headers: ACTORS[actor] ?? {},
    ...(method === 'GET' ? {} : { body: body ?? {} }),
  });
}

describe('who may do what', () => {
  it('is said of every operation', () => {
    expect(Object.keys(ACCESS).sort()).toEqual(documented.map(({ id }) => id).sort());
    const open = Object.keys(ACCESS).filter((id) => OPEN.includes(ACCESS[id] as Who));
    expect(open.sort()).toEqual(documented.flatMap((one) => (one.open ? [one.id] : [])).sort());
  });

  it.each(documented)('$id refuses whoever may not', async (operation) => {
    const who = ACCESS[operation.id] as Who;
    for (const [status, actors] of Object.entries(REFUSED[who])) {
      for (const actor of actors) {
        const answer = await ask(operation, actor);
        const told = `${operation.id} as ${actor}: ${answer.status} ${JSON.stringify(answer.body)}`;
        // ShopXO's front ends read the code in the body.
        if (who === 'shop') expect(answer.body.code, told).toBe(-400);
        else expect(answer.status, told).toBe(Number(status));
      }
    }
  });

  it.each(Object.entries(OTHERS))('%s finds nothing of others', async (actor, ids) => {
    for (const id of ids) {
      const operation = documented.find((one) => one.id === id);
      if (!operation) throw new Error(`there is no ${id}`);
      const answer = await ask(operation, actor);
      expect(answer.status, `${id}: ${JSON.stringify(answer.body)}`).toBe(404);
    }
  });
});
