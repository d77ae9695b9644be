import { beforeAll, describe, expect, it } from 'vitest';
import { Client, expectError } from '../support/client.ts';

const USERS = '/admin/v1/users';

describe('admins', () => {
  const client = new Client();
  let admin = '';
  let adminId = '';
  beforeAll(async () => {
    const { body } = await client.login('admin@example.com', 'Admin12345');
    admin = body.data.access_token;
    adminId = body.data.user.user_id;
  });

  const found = async (query: string) =>
    (await client.get(`${USERS}?${query}`, { token: admin })).body.data.items.map(
      (one: { email: string }) => one.email,
    );

  it('find users by every filter, keywords literally', async () => {
    const email = 'percent-under@example.com';
    await client.register({ email, phone: '13500135001' });
    const token = (await client.login(email)).body.data.access_token;
    await client.put('/api/v1/users/me', { nickname: '100%_Off' }, { token });
    await client.register({
      email: 'perXcentYunder@example.com',
      user_type: 'enterprise',
      enterprise_name: 'XX 科技有限公司',
    });
    expect(await found(`keyword=${encodeURIComponent('%_oFF')}`)).toEqual([email]);
    expect(await found('keyword=13500135001')).toEqual([email]);
    expect(await found("keyword=' or 1=1 --")).toEqual([]);
    expect(await found('user_type=enterprise')).toEqual(['perXcentYunder@example.com']);
    expect(await found('status=frozen')).toEqual([]);
    const page = (await client.get(`${USERS}?page=2&page_size=1`, { token: admin })).body.data;
    expect(page).toMatchObject({ page: 2, page_size: 1, items: [expect.anything()] });
    expect(page.total).toBeGreaterThanOrEqual(3);
    expectError(await client.get(`${USERS}?status=asleep`, { token: admin }), 400, 'invalid_input');
    expectError(await client.get(`${USERS}?page_size=1000`, { token: admin }), 400, 'invalid_input');
  });

  it('find enterprises by status, name and owner', async () => {
    const email = 'owner-of-a-company@example.com';
    const name = '100%_科技有限公司';
    await client.register({ email, user_type: 'enterprise', enterprise_name: name });
    const of = async (query: string) =>
      (await client.get(`/admin/v1/enterprises?${query}`, { token: admin })).body.data.items;
    const [company] = await of(`keyword=${encodeURIComponent('%_科技')}`);
    expect(company).toMatchObject({
      enterprise_name: name,
      verify_status: 'unverified',
      member_count: 1,
      owner: { email },
    });
    expect(await of('keyword=owner-of-a&verify_status=unverified')).toEqual([company]);
    expect(await of('verify_status=verified')).toEqual([]);
    const path = `/admin/v1/enterprises/${company.enterprise_id}`;
    expect((await client.get(path, { token: admin })).body.data).toEqual({
      ...company,
      members: [expect.objectContaining({ member_id: company.owner.user_id, is_owner: true, role: 'admin' })],
    });
    expectError(await client.get('/admin/v1/enterprises/ent_nothing', { token: admin }), 404, 'not_found');
    expectError(
      await client.get('/admin/v1/enterprises?verify_status=maybe', { token: admin }),
      400,
      'invalid_input',
    );
  });

  it('freeze: sessions and keys are refused at once, and the login says so to the right password only', async () => {
    const user = await client.newUser();
    const { key } = await client.newApiKey(user.token);
    const set = (status: string) =>
      client.put(`${USERS}/${user.id}/status`, { status, reason: 'abuse' }, { token: admin });
    expect((await set('frozen')).body.data).toMatchObject({
      user_id: user.id,
      status: 'frozen',
      membership_level: 'free',
    });
    expectError(await client.get('/api/v1/users/me', { token: user.token }), 401, 'unauthenticated');
    expectError(await client.get('/api/v1/quota', { token: key }), 403, 'owner_frozen');
    expectError(await client.get('/api/v1/keys/self', { token: key }), 403, 'owner_frozen');
    expectError(await client.login(user.email), 403, 'account_frozen');
    expectError(await client.login(user.email, 'Wrong12345'), 401, 'credentials_invalid');
    expect(await found('status=frozen')).toEqual([user.email]);
    await set('active');
    expect((await client.get('/api/v1/users/me', { token: user.token })).status).toBe(200);
    expect((await client.get('/api/v1/quota', { token: key })).status).toBe(200);
  });

  it('empower others, but not themselves, and one always stays', async () => {
    const user = await client.newUser();
    const role = (id: string, to: string, token: string) =>
      client.put(`${USERS}/${id}/role`, { role: to }, { token });
    expectError(await role(adminId, 'user', admin), 409, 'not_yourself');
    expectError(await role('u_nobody', 'admin', admin), 404, 'not_found');
    expect((await role(user.id, 'admin', admin)).body.data.role).toBe('admin');
    expect((await client.get(USERS, { token: user.token })).status).toBe(200);
    const [a, b] = await Promise.all([role(adminId, 'user', user.token), role(user.id, 'user', admin)]);
    const statuses = [a.status, b.status].sort();
    expect(statuses[0]).toBe(200);
    expect([403, 409]).toContain(statuses[1]);
    // Whoever is left restores the first one for the tests that follow.
    if (a.status === 200) await role(adminId, 'admin', user.token);
  });

  it('grant systems and permissions of the site', async () => {
    const user = await client.newUser();
    const set = (body: object) => client.put(`${USERS}/${user.id}/access`, body, { token: admin });
    const access = { systems: ['AUTH_MANAGEMENT'], permissions: ['members:read'] };
    expect((await set(access)).body.data).toMatchObject(access);
    expect((await client.get(`${USERS}/${user.id}`, { token: admin })).body.data).toMatchObject(access);
    expectError(await set({ systems: ['NOWHERE'], permissions: [] }), 400, 'invalid_input');
    expectError(await set({ systems: [], permissions: ['everything'] }), 400, 'invalid_input');
  });

  it('leave a trace of every write', async () => {
    const user = await client.newUser();
    await client.put(`${USERS}/${user.id}/status`, { status: 'frozen', reason: 'traced' }, { token: admin });
    const logs = async (query: string) =>
      (await client.get(`/admin/v1/audit-logs?${query}`, { token: admin })).body.data.items;
    expect(await logs(`target=${user.id}`)).toMatchObject([
      {
        actor_kind: 'admin',
        actor_id: adminId,
        action: 'user.frozen',
        target: user.id,
        detail: { reason: 'traced' },
      },
    ]);
    expect(await logs(`target=${user.id}&to=2020-01-01T00:00:00Z`)).toEqual([]);
    expect((await logs('action=user.frozen')).length).toBeGreaterThan(0);
    expectError(
      await client.get('/admin/v1/audit-logs?from=yesterday', { token: admin }),
      400,
      'invalid_input',
    );
  });

  it('rotate RSA keys; revoked ones are refused at once', async () => {
    const before = await client.encrypt('Aa123456!');
    const rotate = (revoke: boolean) =>
      client.post('/admin/v1/rsa-keys/rotate', { revoke }, { token: admin });
    const gentle = await rotate(false);
    expect(gentle.body.data.key_id).not.toBe(before.key_id);
    expect((await client.get('/api/v1/auth/public-key')).body.data.key_id).toBe(gentle.body.data.key_id);
    expect((await client.register(before)).status).toBe(201);
    const used = { ...(await client.encrypt('Aa123456!')) };
    await rotate(true);
    expectError(await client.register(used), 400, 'ciphertext_invalid');
    expect((await client.register()).status).toBe(201);
  });

  it('are nobody else', async () => {
    const user = await client.newUser();
    for (const path of [USERS, `${USERS}/${user.id}`, '/admin/v1/audit-logs']) {
      expectError(await client.get(path), 401, 'unauthenticated');
      expectError(await client.get(path, { token: user.token }), 403, 'forbidden');
    }
    expectError(await client.get(`${USERS}/u_nobody`, { token: admin }), 404, 'not_found');
  });
});
