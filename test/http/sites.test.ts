import { beforeAll, describe, expect, it } from 'vitest';
import { Client, expectError } from '../support/client.ts';
import { Desk, dataAt, expectRefusal, newClientKey, newDesk } from '../support/desk.ts';
import { newHuman } from '../support/humans.ts';

describe('a back office', () => {
  const client = new Client();
  const cn = new Client({ site: 'cn' });
  let admin = '';
  let key = '';
  let user: { id: string; token: string };

  const access = (systems: string[], permissions: string[], id = user.id) =>
    client.put(`/admin/v1/users/${id}/access`, { systems, permissions }, { token: admin });
  const asked = (headers: Record<string, string>, path = '/api/members', method = 'GET') =>
    client.send(method, path, { headers });

  beforeAll(async () => {
    admin = await client.admin();
    ({ key } = await newClientKey(client, admin));
    user = await newHuman(client);
  });

  describe('asks for its headers in this order:', () => {
    const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });

    it('X-Site, which picks the database', async () => {
      const rest = { 'X-Client': 'nonsense', 'X-System-Code': 'NOWHERE' };
      expectRefusal(await asked(rest), 400, '4001', '缺少请求头 X-Site');
      expectRefusal(await asked({ ...rest, 'X-Site': '' }), 400, '4001');
      expectRefusal(await asked({ ...rest, 'X-Site': 'nowhere' }), 404, '4041', '站点不存在。');
      // Neither the host nor the default stands in for it.
      const byHost = await client.send('GET', '/api/members', { headers: { Host: 'cn.localhost' } });
      expectRefusal(byHost, 400, '4001');
    });

    it('then somebody: a user of that site, else a client', async () => {
      const site = { 'X-Site': 'default' };
      const nobodies: Record<string, string>[] = [
        {},
        bearer('nonsense'),
        { Authorization: 'Basic YTpi' },
        bearer(`sk-prod-${'a'.repeat(32)}`),
        { 'X-Client': 'nonsense' },
        { 'X-Client': `ck-${'a'.repeat(32)}` },
        { ...bearer('nonsense'), 'X-Client': 'nonsense' },
        bearer((await newHuman(cn)).token),
      ];
      for (const who of nobodies) {
        expectRefusal(await asked({ ...site, ...who }), 401, '4010', '请先登录。');
      }
    });

    it('then X-System-Code: a system of the site that the caller was granted', async () => {
      const known = { 'X-Site': 'default', 'X-Client': key };
      const words = '登录用户不支持当前系统,可联系管理员处理';
      expectRefusal(await asked(known), 400, '4002', '缺少请求头 X-System-Code');
      expectRefusal(await asked({ ...known, 'X-System-Code': 'NOWHERE' }), 403, '4030', words);
      const one = await newClientKey(client, admin, { systems: ['CONTENT_MANAGEMENT'] });
      const asOne = { ...known, 'X-Client': one.key };
      expectRefusal(await asked({ ...asOne, 'X-System-Code': 'AUTH_MANAGEMENT' }), 403, '4030', words);
      dataAt(await asked({ ...asOne, 'X-System-Code': 'CONTENT_MANAGEMENT' }));
    });

    it('of admins too, who are granted systems like everybody', async () => {
      const boss = await newHuman(client);
      await client.put(`/admin/v1/users/${boss.id}/role`, { role: 'admin' }, { token: admin });
      const headers = {
        'X-Site': 'default',
        'X-System-Code': 'AUTH_MANAGEMENT',
        Authorization: `Bearer ${boss.token}`,
      };
      expectRefusal(await asked(headers), 403, '4030');
      await access(['AUTH_MANAGEMENT'], ['members:read'], boss.id);
      dataAt(await asked(headers));
      // The first admin of a site was granted both from the beginning, on each site.
      dataAt(await asked({ ...headers, Authorization: `Bearer ${admin}` }));
      const other = { 'X-Site': 'cn', Authorization: `Bearer ${await cn.admin()}` };
      dataAt(await asked({ ...headers, ...other, 'X-System-Code': 'CONTENT_MANAGEMENT' }));
    });

    it('then the permission: one to read, one to write', async () => {
      const headers = { 'X-Site': 'default', 'X-System-Code': 'AUTH_MANAGEMENT' };
      const as = async (...permissions: string[]) => {
        const { key: own } = await newClientKey(client, admin, { permissions });
        return new Desk(client, { ...headers, 'X-Client': own });
      };
      const [none, reader, writer] = [await as(), await as('members:read'), await as('members:write')];
      expectRefusal(await none.get(), 403, '4031', '无权执行此操作。');
      expectRefusal(await none.post('', { name: 7 }), 403, '4031');
      expectRefusal(await reader.post('', { name: 7 }), 403, '4031');
      expectRefusal(await reader.delete('/999999'), 403, '4031');
      expectRefusal(await writer.get(), 403, '4031');
      dataAt(await reader.get());
      expectRefusal(await writer.post('', { name: 7 }), 400, '4000');
      expectRefusal(await writer.delete('/999999'), 404, '4040');
    });

    it('and never adds up the rights of a user and a client', async () => {
      await access(['AUTH_MANAGEMENT'], ['members:read']);
      const both = { 'X-Client': key, Authorization: `Bearer ${user.token}` };
      const desk = new Desk(client, both);
      dataAt(await desk.get());
      expectRefusal(await desk.post('', { name: '不会有' }), 403, '4031');
      expectRefusal(await desk.get('', { 'X-System-Code': 'CONTENT_MANAGEMENT' }), 403, '4030');
      // A bad token beside a good key is no token.
      dataAt(await desk.get('', { Authorization: 'Bearer nonsense' }));
    });
  });

  it('takes away a user’s access at once', async () => {
    const desk = new Desk(client, { Authorization: `Bearer ${user.token}` });
    await access(['AUTH_MANAGEMENT'], ['members:read', 'members:write']);
    const made = dataAt(await desk.post('', { name: '一个' }));
    await access(['AUTH_MANAGEMENT'], ['members:read']);
    expectRefusal(await desk.delete(`/${made.id}`), 403, '4031');
    await access([], ['members:read']);
    expectRefusal(await desk.get(), 403, '4030');
    await client.put(
      `/admin/v1/users/${user.id}/status`,
      { status: 'frozen', reason: 'a test' },
      { token: admin },
    );
    expectRefusal(await desk.get(), 401, '4010');
  });

  describe('has clients that admins manage', () => {
    it('with a key that is shown once and stored hashed', async () => {
      const body = { name: ' 后台 ', systems: ['AUTH_MANAGEMENT'], permissions: ['members:read'] };
      const made = await client.post('/admin/v1/clients', body, { token: admin });
      expect(made.status).toBe(200);
      expect(made.body.data).toEqual({
        client_id: expect.stringMatching(/^cl_/),
        client_key: expect.stringMatching(/^ck-[0-9A-Za-z]{32}$/),
        name: '后台',
        systems: ['AUTH_MANAGEMENT'],
        permissions: ['members:read'],
        created_at: expect.stringMatching(/Z$/),
      });
      const { client_key: shown, ...rest } = made.body.data;
      const listed = await client.get('/admin/v1/clients?page_size=100', { token: admin });
      expect(listed.body.data.items[0]).toEqual(rest);
      expect(JSON.stringify(listed.body)).not.toContain(shown);
      const audit = await client.get(`/admin/v1/audit-logs?target=${rest.client_id}`, { token: admin });
      expect(audit.body.data.items).toMatchObject([{ action: 'client.created', actor_kind: 'admin' }]);
      expect(JSON.stringify(audit.body)).not.toContain(shown);
    });

    it('and that are dead on the next request once they are removed', async () => {
      const own = await newClientKey(client, admin);
      const desk = new Desk(client, { 'X-Client': own.key });
      dataAt(await desk.get());
      const path = `/admin/v1/clients/${own.id}`;
      expect((await client.delete(path, { token: admin })).status).toBe(200);
      expectRefusal(await desk.get(), 401, '4010');
      expectError(await client.delete(path, { token: admin }), 404, 'not_found');
      expectError(await client.delete('/admin/v1/clients/cl_nobody', { token: admin }), 404, 'not_found');
      const audit = await client.get(`/admin/v1/audit-logs?target=${own.id}`, { token: admin });
      expect(audit.body.data.items.map(({ action }: { action: string }) => action)).toEqual([
        'client.deleted',
        'client.created',
      ]);
    });

    it('of this site’s systems and of known permissions only', async () => {
      const make = (fields: object) =>
        client.post(
          '/admin/v1/clients',
          { name: 'x', systems: [], permissions: [], ...fields },
          { token: admin },
        );
      const wrong = await make({ systems: ['AUTH_MANAGEMENT', 'NOWHERE'] });
      expectError(wrong, 400, 'invalid_input');
      expect(wrong.body.errors).toMatchObject([{ path: 'systems.1' }]);
      expect((await make({ permissions: ['members:own'] })).body.errors).toMatchObject([
        { path: 'permissions.0' },
      ]);
      expect((await make({ name: '  ' })).body.errors).toMatchObject([{ path: 'name' }]);
      expect((await make({ systems: 'AUTH_MANAGEMENT' })).body.errors).toMatchObject([{ path: 'systems' }]);
      expect((await make({ systems: undefined })).body.errors).toMatchObject([{ path: 'systems' }]);
    });

    it('and nobody else', async () => {
      const { token } = await newHuman(client);
      for (const send of [
        (auth: object) => client.post('/admin/v1/clients', {}, auth),
        (auth: object) => client.get('/admin/v1/clients', auth),
        (auth: object) => client.delete('/admin/v1/clients/cl_x', auth),
      ]) {
        expectError(await send({}), 401, 'unauthenticated');
        expectError(await send({ token }), 403, 'forbidden');
      }
      // A client is a machine of back offices and nobody on the platform.
      expectError(
        await client.get('/admin/v1/clients', { headers: { 'X-Client': key } }),
        401,
        'unauthenticated',
      );
    });

    it('whose keys are good on their own site only', async () => {
      const own = await newClientKey(cn, await cn.admin());
      dataAt(await new Desk(cn, { 'X-Client': own.key }).get());
      expectRefusal(await new Desk(client, { 'X-Client': own.key }).get(), 401, '4010');
      expectRefusal(await new Desk(cn, { 'X-Client': key }).get(), 401, '4010');
    });
  });

  it('answers whoever tries out keys with 429 after a while', async () => {
    const { withChecksum } = await import('../../src/security/api-key.ts');
    const stranger = new Client();
    const desk = new Desk(stranger, { 'X-Client': withChecksum(`ck-${'7'.repeat(26)}`) });
    const codes: string[] = [];
    for (let tries = 0; tries < 65; tries += 1) codes.push((await desk.get()).body.code);
    expect(new Set(codes.slice(0, 20))).toEqual(new Set(['4010']));
    expectRefusal(await desk.get(), 429, '4290');
    // A known key is not counted.
    dataAt(await new Desk(stranger, { 'X-Client': key }).get());
  });

  describe('in its own manner', () => {
    it('speaks Chinese, and English to whoever likes that best', async () => {
      const desk = await newDesk(client);
      const says = async (language?: string) =>
        (await desk.get('/999999', language ? { 'Accept-Language': language } : {})).body.message;
      expect(await says()).toBe('会员套餐不存在');
      expect(await says('fr')).toBe('会员套餐不存在');
      expect(await says('zh-CN,en;q=0.5')).toBe('会员套餐不存在');
      expect(await says('en-GB,zh;q=0.5')).toBe('There is no such package.');
      expect((await desk.get('', { 'Accept-Language': 'en' })).body.message).toBe('OK');
    });

    it('says no-store, and which request it was', async () => {
      const answer = await (await newDesk(client)).get();
      expect(answer.headers.get('Cache-Control')).toBe('no-store');
      expect(answer.headers.get('X-Request-Id')).toMatch(/^req_/);
    });

    it('calls a path or method that it does not have 404', async () => {
      const desk = await newDesk(client);
      expectRefusal(await desk.get('/1/nothing'), 404, '4040', '未找到。');
      expectRefusal(await desk.post('/1', {}), 404, '4040');
      expectRefusal(await desk.send('PATCH', '/1', {}), 404, '4040');
      // Only its own paths are its own.
      expectError(await client.get('/api/membership'), 404, 'not_found');
    });

    it('refuses bodies that are too large, of another type, or no JSON', async () => {
      const desk = await newDesk(client);
      const post = (raw: BodyInit, type: string) =>
        client.send('POST', '/api/members', { raw, headers: { ...desk.headers, 'Content-Type': type } });
      expectRefusal(await post(`{"name":"${'x'.repeat(66_000)}"}`, 'application/json'), 413, '4130');
      expectRefusal(await post('name=x', 'application/x-www-form-urlencoded'), 415, '4150');
      expectRefusal(await post('{"name":', 'application/json'), 400, '4000');
      expectRefusal(await post('[]', 'application/json'), 400, '4000');
      const empty = await post('', 'application/json');
      expectRefusal(empty, 400, '4000');
      expect(empty.body.message).toContain('name');
    });

    it('has an OpenAPI document of its own', async () => {
      const { body } = await client.get('/openapi/sites.json');
      expect(Object.keys(body.paths)).toHaveLength(7);
      // Who asks is somebody at a site, in one of its systems: filled in once in the reference.
      const at = { site: [], systemCode: [] };
      expect(body.paths['/api/members'].get.security).toEqual([
        { bearer: [], ...at },
        { clientKey: [], ...at },
      ]);
      const { site, systemCode } = body.components.securitySchemes;
      expect([site, systemCode]).toMatchObject([
        { in: 'header', name: 'X-Site' },
        { in: 'header', name: 'X-System-Code' },
      ]);
      expect((await client.get('/openapi/nothing.json')).status).toBe(404);
      expect((await client.get('/openapi/constructor.json')).status).toBe(404);
    });
  });
});
