import { beforeAll, describe, expect, it } from 'vitest';
import seed from '../seeds/storefront-levels.json';
import { Client, expectError } from '../support/client.ts';
import { doorWith } from '../support/doors.ts';
import { type Buyer, dataOf, db, faultsOf, Shop } from '../support/money.ts';
import { doneOf, expectCode, Storefront } from '../support/storefront.ts';

const FORM = { 'Content-Type': 'application/x-www-form-urlencoded' };

describe('the storefront', () => {
  let shop: Shop;
  let front: Storefront;
  let buyer: Buyer;
  const client = new Client();
  const query = (control: string, action: string, more = '') =>
    `pluginsname=membershiplevelvip&pluginscontrol=${control}&pluginsaction=${action}${more}`;

  beforeAll(async () => {
    shop = await new Shop().open('2031-09-01T12:00:00Z');
    front = new Storefront(shop);
    buyer = await front.member();
  });

  it('sells the seed’s levels, field by field, types included', async () => {
    const data = doneOf(await front.call(buyer, 'buy/index'));
    const { payment_list, default_payment_id, ...rest } = data;
    expect(rest).toEqual(seed);
    expect(Object.keys(rest.base)).toEqual(Object.keys(seed.base));
    expect(Object.keys(rest.data[0])).toEqual(Object.keys(seed.data[0] ?? {}));
    expect(payment_list).toEqual([
      { id: '1', name: '钱包支付', logo: '', payment: 'wallet' },
      { id: '5', name: '沙箱支付', logo: '', payment: 'sandbox' },
    ]);
    expect(default_payment_id).toBe('1');
  });

  describe('is called', () => {
    it.each([
      ['GET', () => `/api.php?s=plugins/index&${query('buy', 'index')}`],
      ['POST', () => `/api.php?s=plugins/index&${query('buy', 'index')}`],
      ['GET', () => `/index.php?s=/api/plugins/index&${query('buy', 'index')}`],
      ['POST', () => `/plugins/index?${query('buy', 'index')}`],
      ['GET', () => `/plugins/index?${query('Buy', 'INDEX', '&application=web&application_client_type=pc')}`],
      ['GET', () => '/storefront/buy/index'],
      ['POST', () => '/storefront/BUY/Index'],
    ])('by %s %s', async (method, path) => {
      const token = await buyer.token();
      const separator = path().includes('?') ? '&' : '?';
      const answer = await client.send(method, `${path()}${separator}token=${token}&ajax=ajax&uuid=u`);
      expect(doneOf(answer).data).toHaveLength(4);
      expect(answer.headers.get('Cache-Control')).toBe('no-store');
      expect(answer.body.msg).toBe('处理成功');
    });

    it('with a form, several parts or JSON, in the body too', async () => {
      const token = await buyer.token();
      const fields = {
        pluginsname: 'membershiplevelvip',
        pluginscontrol: 'order',
        pluginsaction: 'index',
        token,
        page: '1',
      };
      const parts = new FormData();
      for (const [name, value] of Object.entries(fields)) parts.set(name, value);
      for (const send of [
        { raw: new URLSearchParams(fields).toString(), headers: FORM },
        { raw: parts },
        { body: { ...fields, page: 1 } },
      ]) {
        expect(doneOf(await client.send('POST', '/api.php?s=plugins/index', send)).total).toBe('0');
      }
    });

    it('and says what was wrong with the call', async () => {
      const token = await buyer.token();
      const call = (path: string, method = 'POST') => client.send(method, path);
      const known = `token=${token}`;
      expectCode(await call(`/api.php?s=plugins/index&${known}`), -5000);
      expectCode(await call(`/api.php?s=plugins/index&pluginsname=membershiplevelvip&${known}`), -5000);
      expectCode(await call(`/api.php?s=user/login&${query('buy', 'index')}`), -5000);
      expectCode(await call(`/api.php?${query('buy', 'index')}`), -5000);
      expectCode(
        await call(`/api.php?s=plugins/index&pluginsname=other&pluginscontrol=a&pluginsaction=b`),
        -10,
      );
      expectCode(await call(`/plugins/index?${query('buy', 'nothing')}&${known}`), -1);
      expectCode(await call(`/plugins/index?${query('constructor', 'index')}&${known}`), -1);
      expectCode(await call(`/storefront/nothing/index?${known}`), -1);
      expectCode(await call('/storefront/buy'), -1);
      expectCode(await call('/storefront/buy/index', 'PUT'), -1);
      expectCode(await client.send('GET', `/storefront/buy/create?${known}&opening=7-365`), -1);
      const bodies: [BodyInit, string][] = [
        ['{', 'application/json'],
        ['[]', 'application/json'],
        ['x', 'text/plain'],
        ['x', 'multipart/form-data; boundary=y'],
        ['x'.repeat(70_000), FORM['Content-Type']],
      ];
      for (const [raw, type] of bodies) {
        const answer = await client.send('POST', '/storefront/buy/create', {
          raw,
          headers: { 'Content-Type': type },
        });
        expectCode(answer, -1);
      }
      expectCode(
        await client.send('POST', '/storefront/buy/index', { headers: { 'X-Site': 'nowhere' } }),
        -1,
      );
    });

    it('in English for whoever likes that best', async () => {
      const answer = await client.send('GET', '/storefront/index/index', {
        headers: { 'Accept-Language': 'en' },
      });
      expect(answer.body.msg).toBe('success');
    });

    it('by pages of other origins', async () => {
      const answer = await client.send('OPTIONS', '/api.php', {
        headers: { Origin: 'https://shop.example', 'Access-Control-Request-Method': 'POST' },
      });
      expect(answer.headers.get('Access-Control-Allow-Origin')).toBe('*');
    });
  });

  it('knows its site by the host', async () => {
    const cn = new Client({ site: 'cn' });
    const { token } = await cn.newUser();
    const ask = async (host: string) => {
      const request = new Request(`http://${host}/storefront/buy/index?token=${token}`);
      const answer = await doorWith({})(request);
      return ((await answer.json()) as { code: number }).code;
    };
    expect(await ask('cn.localhost')).toBe(0);
    expect(await ask('localhost')).toBe(-400);
  });

  describe('knows who asks', () => {
    it('and asks whoever is nobody to sign in', async () => {
      for (const path of [
        'buy/index',
        'buy/create',
        'buy/renew',
        'buy/pay',
        'buy/paycheck',
        'order/index',
        'order/detail',
        'order/cancel',
        'order/delete',
        'profit/index',
        'profit/detail',
        'team/index',
        'team/detail',
        'poster/index',
        'vip/index',
      ]) {
        expectCode(await front.call(null, path), -400, '登录失效，请重新登录');
      }
      for (const token of ['nonsense', `st_${'a'.repeat(43)}`, `sk-prod-${'a'.repeat(32)}`]) {
        expectCode(await client.send('GET', `/storefront/vip/index?token=${token}`), -400);
      }
      const { base, introduce_data } = doneOf(await front.call(null, 'index/index'));
      expect(base).toEqual(seed.base);
      expect(introduce_data).toHaveLength(4);
    });

    it('by a token of its own, which ends with the session', async () => {
      const user = await client.newUser();
      const made = await client.post('/api/v1/storefront/token', {}, { token: user.token });
      const { token } = dataOf(made);
      const ask = () => client.send('GET', `/storefront/vip/index?token=${token}`);
      doneOf(await ask());
      // It is good nowhere else, and stored hashed.
      expectError(await client.get('/api/v1/users/me', { token }), 401, 'unauthenticated');
      const kept = await db
        .prepare('select count(*) as n from storefront_tokens where hash like ?')
        .bind(`%${token}%`)
        .first('n');
      expect(kept).toBe(0);
      await client.post('/api/v1/auth/logout', {}, { token: user.token });
      expectCode(await ask(), -400);
      expectError(await client.post('/api/v1/storefront/token'), 401, 'unauthenticated');
    });

    it('for thirty days after the token was last used', async () => {
      const who = await front.member();
      const { token } = dataOf(await who.post('/api/v1/storefront/token'));
      const ask = () => client.send('GET', `/storefront/vip/index?token=${token}`);
      await db
        .prepare('update sessions set expires_at = expires_at + 8640000000 where user_id = ?')
        .bind(who.id)
        .run();
      for (let month = 0; month < 3; month += 1) {
        await shop.pass(29 * 86_400);
        doneOf(await ask());
      }
      await shop.pass(30 * 86_400);
      expectCode(await ask(), -400);
    });
  });

  it('can be switched off, whole and in part', async () => {
    await front.set({ is_enable: '0' });
    expectCode(await front.call(null, 'index/index'), -11);
    expectCode(await front.call(buyer, 'buy/index'), -11);
    await front.set({ is_enable: 1, is_propaganda: 0 });
    for (const path of ['team/index', 'team/detail', 'poster/index']) {
      expectCode(await front.call(buyer, path, { id: '1' }), -1);
    }
    const { nav_list } = doneOf(await front.call(buyer, 'vip/index'));
    expect(nav_list).toHaveLength(2);
    await front.set({ is_propaganda: '1' });
    expect(doneOf(await front.call(buyer, 'vip/index')).nav_list).toEqual(
      expect.arrayContaining([{ title: '我的团队', icon: '', url: '/storefront/team/index' }]),
    );
  });

  describe('has admins', () => {
    it('who see and change its settings', async () => {
      const before = dataOf(await front.admin('GET', '/settings'));
      expect(before).toMatchObject({ ...seed.base, is_enable: '1', carry_over: 'value' });
      const after = await front.set({
        banner_bottom_content: '<p onclick="x()">hi</p><script>alert(1)</script><b>b</b>',
        not_opening_vip_desc: 'one\ntwo',
        order_close_time: 45,
      });
      expect(after).toMatchObject({ order_close_time: '45', application_name: '会员等级' });
      expect(after.banner_bottom_content).not.toMatch(/onclick|<script/);
      expect(after.banner_bottom_content).toContain('<p>hi</p>');
      const { base } = doneOf(await front.call(null, 'index/index'));
      expect(base.not_opening_vip_desc).toEqual(['one', 'two']);
      expect(base.user_vip_center_notice).toBe('');
      const plain = await front.set({ application_name: '<b>等级</b><script>alert(1)</script>' });
      expect(plain.application_name).toBe('等级');
      await front.set({ application_name: '会员等级' });
      for (const [field, value] of [
        ['level_rules', '2'],
        ['is_enable', 'yes'],
        ['order_close_time', '0'],
        ['order_close_time', -1],
        ['order_close_time', 'x'],
        ['carry_over', 'all'],
        ['application_name', 7],
        ['banner_bg_images', 'javascript:alert(1)'],
        ['banner_bottom_content', 'x'.repeat(10_001)],
      ] as const) {
        const answer = await front.admin('PUT', '/settings', { [field]: value });
        expectError(answer, 400, 'invalid_input');
        expect(Object.keys(faultsOf(answer))).toEqual([field]);
      }
      await front.set({
        banner_bottom_content: '<p>hello</p>',
        not_opening_vip_desc: '',
        order_close_time: '30',
      });
      expect(dataOf(await front.admin('GET', '/settings'))).toEqual(before);
    });

    it('who make, change and delete levels', async () => {
      const body = {
        name: '年卡',
        rules_min: '10',
        rules_max: 100,
        order_price: '50',
        full_reduction_price: 5,
        discount_rate: 0.9,
        pay_period_rules: [
          { number: 365, price: 100, commission: 'r|5;s|2' },
          { number: '', price: '500', value: 'x', unit: 'y', commission: '' },
        ],
      };
      const made = dataOf(await front.admin('POST', '/levels', body));
      expect(made).toMatchObject({
        id: expect.stringMatching(/^\d+$/),
        name: '年卡',
        rules_min: '10',
        rules_max: '100',
        order_price: '50.00',
        full_reduction_price: '5.00',
        discount_rate: '0.9',
        is_enable: '1',
        is_supported_pay_buy: '1',
        is_supported_renew: '0',
        pay_period_rules: [
          { number: '365', value: '1', unit: '年', price: '100', commission: 'r|5;s|2' },
          { number: '', value: '永久', unit: '', price: '500', commission: '' },
        ],
        updated_at: null,
      });
      const path = `/levels/${made.id}`;
      const changed = dataOf(await front.admin('PUT', path, { name: '改', is_supported_renew: '1' }));
      expect(changed).toMatchObject({
        ...made,
        name: '改',
        is_supported_renew: '1',
        updated_at: expect.any(String),
      });
      dataOf(await front.admin('PUT', path, { is_enable: 0, pay_period_rules: '' }));
      const items = dataOf(await front.admin('GET', '/levels')).items;
      expect(items.at(-1)).toMatchObject({ id: made.id, is_enable: '0', pay_period_rules: [] });
      dataOf(await front.admin('DELETE', path));
      expectError(await front.admin('DELETE', path), 404, 'not_found');
      expectError(await front.admin('PUT', path, { name: 'x' }), 404, 'not_found');
      const next = await front.level();
      expect(Number(next)).toBe(Number(made.id) + 1);
    });

    it.each([
      [{ name: '' }, 'name'],
      [{ rules_min: -1 }, 'rules_min'],
      [{ rules_min: 5, rules_max: 5 }, 'rules_max'],
      [{ order_price: '1.234' }, 'order_price'],
      [{ discount_rate: '1.1' }, 'discount_rate'],
      [{ discount_rate: '-0.5' }, 'discount_rate'],
      [{ is_enable: 2 }, 'is_enable'],
      [{ images_url: 'javascript:alert(1)' }, 'images_url'],
      [{ name: '<b></b>' }, 'name'],
      [{ pay_period_rules: 'x' }, 'pay_period_rules'],
      [{ pay_period_rules: [{ number: 'x', price: '1' }] }, 'pay_period_rules.0.number'],
      [{ pay_period_rules: [{ number: '-1', price: '1' }] }, 'pay_period_rules.0.number'],
      [{ pay_period_rules: [{ number: '1' }] }, 'pay_period_rules.0.price'],
      [{ pay_period_rules: [{ number: '1', price: 'x' }] }, 'pay_period_rules.0.price'],
      [{ pay_period_rules: [{ number: '1', price: '1', commission: '5' }] }, 'pay_period_rules.0.commission'],
      [
        {
          pay_period_rules: [
            { number: '1', price: '1' },
            { number: '1', price: '2' },
          ],
        },
        'pay_period_rules.1.number',
      ],
      [
        {
          pay_period_rules: [
            { number: '', price: '1' },
            { number: '0', price: '2' },
          ],
        },
        'pay_period_rules.1.number',
      ],
    ])('who never save %j', async (fields, path) => {
      const answer = await front.admin('POST', '/levels', { name: 'x', ...fields });
      expectError(answer, 400, 'invalid_input');
      expect(Object.keys(faultsOf(answer))).toContain(path);
    });

    it('of whom five at once lose nothing', async () => {
      const id = await front.level({ name: '<i>旧</i>' });
      const changes = [
        { name: '新' },
        { discount_rate: '0.7' },
        { rules_max: 50 },
        { is_enable: 0 },
        { pay_period_rules: [{ number: 7, price: 1 }] },
      ];
      await Promise.all(changes.map(async (one) => dataOf(await front.admin('PUT', `/levels/${id}`, one))));
      const { items } = dataOf(await front.admin('GET', '/levels'));
      expect(items.find((one: { id: string }) => one.id === id)).toMatchObject({
        name: '新',
        discount_rate: '0.7',
        rules_max: '50',
        is_enable: '0',
        pay_period_rules: [{ number: '7', value: '7', unit: '天', price: '1' }],
      });
    });

    it('who may save a level whose malformed commission stays as it was', async () => {
      const rules = seed.data[0]?.pay_period_rules;
      const saved = dataOf(await front.admin('PUT', '/levels/4', { pay_period_rules: rules }));
      expect(saved.pay_period_rules[0].commission).toBe('5');
      const changed = [{ ...(rules as object[])[0], commission: '6' }];
      expectError(await front.admin('PUT', '/levels/4', { pay_period_rules: changed }), 400, 'invalid_input');
    });

    it('and nobody else', async () => {
      for (const [method, path] of [
        ['GET', '/settings'],
        ['PUT', '/settings'],
        ['GET', '/levels'],
        ['POST', '/levels'],
        ['PUT', '/levels/4'],
        ['DELETE', '/levels/4'],
        ['PUT', '/users/1/level'],
        ['POST', '/users/1/activity'],
      ] as const) {
        const full = `/admin/v1/storefront${path}`;
        expectError(await client.send(method, full), 401, 'unauthenticated');
        expectError(await buyer.send(method, full), 403, 'forbidden');
      }
    });
  });
});
