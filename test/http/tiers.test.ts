import { beforeAll, describe, expect, it } from 'vitest';
import seed from '../seeds/tiers.json';
import { Alliance, expectRefused, idOf, LEVELS, okOf } from '../support/alliance.ts';
import { Client } from '../support/client.ts';
import { type Buyer, db, Shop } from '../support/money.ts';

describe('the alliance’s ladder', () => {
  let alliance: Alliance;
  let shop: Shop;
  const ladder = async () => okOf(await alliance.get('/members'));
  const tier = async (id: number) => (await ladder()).members[id - 1];

  beforeAll(async () => {
    shop = await new Shop().open('2031-05-01T12:00:00Z');
    alliance = new Alliance(shop);
  });

  it('is the seed’s, field by field', async () => {
    const answer = await alliance.get('/members');
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual(seed);
    // In the seed's order too.
    expect(Object.keys(answer.body.members[2])).toEqual(Object.keys(seed.members[2] ?? {}));
    expect(Object.keys(answer.body.equities[0])).toEqual(Object.keys(seed.equities[0] ?? {}));
  });

  it('is an admin’s, and nobody else’s', async () => {
    const client = new Client();
    const user = await shop.buyer();
    for (const [method, path] of [
      ['GET', '/admin/tbk/members'],
      ['PUT', '/admin/tbk/members/2'],
      ['PUT', '/admin/tbk/members/equity/1'],
      ['GET', '/admin/tbk/members/logs?limit=1&page=1'],
      ['POST', '/admin/tbk/members/logs/1/express'],
      ['POST', '/admin/tbk/users/1/tier'],
      ['GET', '/admin/tbk/settings'],
      ['PUT', '/admin/tbk/settings'],
      ['POST', '/admin/tbk/commissions'],
      ['DELETE', '/admin/tbk/commissions/x'],
      ['GET', '/admin/tbk/withdrawals'],
      ['POST', '/admin/tbk/withdrawals/x/approve'],
      ['POST', '/admin/tbk/withdrawals/x/reject'],
    ] as const) {
      expectRefused(await client.send(method, path), 401);
      expectRefused(await client.send(method, path, { token: 'nonsense' }), 401);
      expectRefused(await user.send(method, path), 403);
    }
  });

  it('is told in its own manner: no envelope, words by field, in Chinese or English', async () => {
    const admin = await shop.admin();
    const put = (headers: object) =>
      admin.send('PUT', '/admin/tbk/members/2', { body: { name: '' }, headers: { ...headers } });
    const chinese = await put({});
    expectRefused(chinese, 422, ['name']);
    expect(chinese.body.message).toBe('输入有误。');
    expect((await put({ 'Accept-Language': 'en' })).body.message).toBe('Some of the input is not valid.');
    expectRefused(await alliance.get('/nothing'), 404);
    expectRefused(await alliance.put('/members/7', {}), 404);
    expectRefused(await alliance.put('/members/abc', { name: '' }), 404);
    expectRefused(
      await admin.send('PUT', '/admin/tbk/members/2', {
        raw: '{',
        headers: { 'Content-Type': 'application/json' },
      }),
      422,
      ['body'],
    );
    expectRefused(
      await admin.send('PUT', '/admin/tbk/members/2', {
        raw: `{"name":"${'x'.repeat(66_000)}"}`,
        headers: { 'Content-Type': 'application/json' },
      }),
      413,
    );
  });

  describe('is changed', () => {
    /** Seed 003's own body: of bronze, with an `indirect` that bronze does not have. */
    const BODY = {
      name: '青铜会员',
      cover: 'http://www.baidu.com/',
      icon: 'http://www.baidu.com/',
      equities: [{ key: 'return:commission', desc: '权益描述', rate: null }],
      gift_info: {
        name: '测试礼包',
        cover: '礼包封面',
        content: ['课程一', '课程二', '课程三'],
        receive: { url: 'http://wwww.receive.com/sadas', code: '领取码' },
      },
      condition: {
        direct: { price: '3499', limit: '2000', cost_price: '0.01' },
        indirect: { num: 20, level: 'platinum' },
      },
    };

    it('by the seed’s own body', async () => {
      const answer = await alliance.put('/members/2', BODY);
      expect(answer.status).toBe(200);
      expect(answer.body).toEqual({
        message: '更新成功',
        member: {
          id: 2,
          name: '青铜会员',
          icon: 'http://www.baidu.com/',
          level: 'bronze',
          cover: 'http://www.baidu.com/',
          condition: { direct: { limit: '2000', price: '3499', cost_price: '0.01' }, indirect: null },
          gift_info: BODY.gift_info,
          equities: [{ key: 'return:commission', desc: '权益描述', value: null }],
          created_at: '2020-01-11 14:29:10',
          updated_at: '2031-05-01 12:00:00',
        },
      });
      expect(await tier(2)).toEqual(answer.body.member);
    });

    it('for every tier by the same body, each dropping what it does not have', async () => {
      for (const level of LEVELS) {
        const indirect = level === 'diamond' ? { num: 20, level: 'platinum' } : { num: 20, level: 'bronze' };
        const body = { ...BODY, condition: { ...BODY.condition, indirect } };
        const { member } = okOf(await alliance.put(`/members/${idOf(level)}`, body));
        const common = level === 'common';
        expect(member.gift_info).toEqual(
          common ? null : { ...BODY.gift_info, receive: level === 'bronze' ? BODY.gift_info.receive : null },
        );
        expect(member.condition).toEqual(
          common
            ? null
            : {
                direct: { limit: '2000', price: '3499', cost_price: '0.01' },
                indirect: level === 'bronze' ? null : indirect,
              },
        );
        // And back to the seed's.
        const { id, level: _, created_at, updated_at, ...before } = seed.members[idOf(level) - 1] ?? {};
        expect(okOf(await alliance.put(`/members/${id}`, before)).member).toMatchObject(before);
      }
      const now = await ladder();
      const timeless = (list: { updated_at: string }[]) => list.map(({ updated_at, ...rest }) => rest);
      expect(timeless(now.members)).toEqual(timeless(seed.members));
    });

    it('in what is sent, and in nothing else', async () => {
      const before = await tier(3);
      const { member } = okOf(await alliance.put('/members/3', { name: '黄金' }));
      expect(member).toEqual({ ...before, name: '黄金', updated_at: member.updated_at });
      expect(okOf(await alliance.put('/members/3', {})).member).toMatchObject({ name: '黄金' });
      const gift = { name: '只有', cover: '', content: ['一'] };
      expect(okOf(await alliance.put('/members/3', { gift_info: gift })).member).toMatchObject({
        gift_info: { ...gift, receive: null },
        condition: before.condition,
      });
      expect(okOf(await alliance.put('/members/3', { gift_info: null })).member.gift_info).toBeNull();
      const cheap = { direct: { price: 495.1, limit: 7 } };
      expect(okOf(await alliance.put('/members/3', { condition: cheap })).member.condition).toEqual({
        direct: { price: '495.1', limit: '7' },
        indirect: null,
      });
      okOf(await alliance.put('/members/3', { icon: 'https://x/y.png', cover: null }));
      expect(await tier(3)).toMatchObject({ icon: 'https://x/y.png', cover: null });
      const { id, level, created_at, updated_at, ...seeded } = seed.members[2] ?? {};
      okOf(await alliance.put('/members/3', seeded));
    });

    it('in its equities, by number or text', async () => {
      const equities = [
        { key: 'platform:services', desc: '费', rate: 18 },
        { key: 'direct:reward', desc: '购', rate: '0' },
        { key: 'direct:gold:reward', desc: '金', z_rate: '60', m_zrate: 50, z_elc_rate: 40 },
        { key: 'direct:bronze:reward', desc: '铜', z_rate: 100, m_rate: '100' },
        { key: 'coupons', rate: 'whatever', value: 7 },
      ];
      const { member } = okOf(await alliance.put('/members/4', { equities }));
      expect(member.equities).toEqual([
        { key: 'platform:services', desc: '费', rate: '18' },
        { key: 'direct:reward', desc: '购', rate: '0' },
        { key: 'direct:gold:reward', desc: '金', z_rate: '60', m_rate: '50', z_elc_rate: '40' },
        { key: 'direct:bronze:reward', desc: '铜', z_rate: '100', m_rate: '100' },
        { key: 'coupons', desc: '海量优惠卷', value: null },
      ]);
      okOf(await alliance.put('/members/4', { equities: seed.members[3]?.equities }));
      expect((await tier(4)).equities).toEqual(seed.members[3]?.equities);
    });

    const reward = (fields: object) => ({
      equities: [{ key: 'direct:gold:reward', desc: '', z_rate: 1, m_rate: 1, ...fields }],
    });
    const direct = (fields: object) => ({
      condition: { direct: { price: '1', limit: '1', ...fields }, indirect: null },
    });
    const indirect = (fields: object) => ({
      condition: { direct: { price: '1', limit: '1' }, indirect: { num: 1, level: 'bronze', ...fields } },
    });
    const gift = (fields: object) => ({ gift_info: { name: 'x', cover: '', content: ['x'], ...fields } });

    it.each([
      [4, { name: '' }, ['name']],
      [4, { name: 7 }, ['name']],
      [4, { name: 'x'.repeat(65) }, ['name']],
      [4, { cover: 7 }, ['cover']],
      [4, { icon: {} }, ['icon']],
      [4, { equities: 'x' }, ['equities']],
      [4, { equities: [7] }, ['equities.0']],
      [4, { equities: [{ desc: 'x' }] }, ['equities.0.key']],
      [4, { equities: [{ key: 'unknown', desc: '' }] }, ['equities.0.key']],
      [4, { equities: [{ key: 'direct:common:reward', desc: '' }] }, ['equities.0.key']],
      [4, { equities: [{ key: 'coupons' }, { key: 'coupons' }] }, ['equities.1.key']],
      [4, { equities: [{ key: 'platform:services', desc: '' }] }, ['equities.0.rate']],
      [4, { equities: [{ key: 'platform:services', rate: null }] }, ['equities.0.rate']],
      [4, { equities: [{ key: 'platform:services', rate: 101 }] }, ['equities.0.rate']],
      [4, { equities: [{ key: 'platform:services', rate: -1 }] }, ['equities.0.rate']],
      [4, { equities: [{ key: 'platform:services', rate: 1.5 }] }, ['equities.0.rate']],
      [4, { equities: [{ key: 'platform:services', rate: '1.5' }] }, ['equities.0.rate']],
      [4, { equities: [{ key: 'platform:services', rate: 'x' }] }, ['equities.0.rate']],
      [4, { equities: [{ key: 'platform:services', rate: true }] }, ['equities.0.rate']],
      [4, { equities: [{ key: 'direct:reward', rate: 'x' }] }, ['equities.0.rate']],
      [4, reward({ z_rate: undefined }), ['equities.0.z_rate']],
      [4, reward({ m_rate: undefined }), ['equities.0.m_rate']],
      [4, reward({ z_rate: 61, z_elc_rate: 40 }), ['equities.0.z_elc_rate']],
      [4, reward({ z_elc_rate: 101 }), ['equities.0.z_elc_rate']],
      [4, { gift_info: {} }, ['gift_info.content', 'gift_info.cover', 'gift_info.name']],
      [4, gift({ content: [] }), ['gift_info.content']],
      [4, gift({ content: [7] }), ['gift_info.content.0']],
      [4, gift({ name: '' }), ['gift_info.name']],
      [4, gift({ cover: null }), ['gift_info.cover']],
      [2, gift({}), ['gift_info.receive']],
      [2, gift({ receive: { url: '' } }), ['gift_info.receive.code']],
      [4, { condition: {} }, ['condition.direct']],
      [4, direct({ price: undefined }), ['condition.direct.price']],
      [4, direct({ price: '0' }), ['condition.direct.price']],
      [4, direct({ price: '1.234' }), ['condition.direct.price']],
      [4, direct({ price: '-1' }), ['condition.direct.price']],
      [4, direct({ limit: '-1' }), ['condition.direct.limit']],
      [4, direct({ limit: 1.5 }), ['condition.direct.limit']],
      [4, direct({ cost_price: 'x' }), ['condition.direct.cost_price']],
      [4, indirect({ num: 0 }), ['condition.indirect.num']],
      [4, indirect({ num: 'x' }), ['condition.indirect.num']],
      [4, indirect({ level: 'common' }), ['condition.indirect.level']],
      [4, indirect({ level: 'platina' }), ['condition.indirect.level']],
      [3, indirect({ level: 'gold' }), ['condition.indirect.level']],
      [6, indirect({ level: 'diamond' }), ['condition.indirect.level']],
    ])('in tier %i never by %j', async (id, body, fields) => {
      const before = await tier(id);
      expectRefused(await alliance.put(`/members/${id}`, { cover: 'never', ...body }), 422, fields);
      expect(await tier(id)).toEqual(before);
    });

    it('and is told in Chinese what was wrong', async () => {
      const words = async (body: object) =>
        Object.values((await alliance.put('/members/4', body)).body.errors ?? {}).flat();
      expect(await words({ equities: [{ key: 'unknown' }, { key: 'platform:services' }] })).toEqual([
        '不能为空',
      ]);
      expect(await words({ equities: [{ key: 'unknown' }] })).toEqual(['不存在']);
      expect(await words(reward({ z_rate: 61, z_elc_rate: 40 }))).toEqual(['与 z_rate 之和超过 100']);
      expect(await words(direct({ price: 'x' }))).toEqual(['必须为金额,例如 "99.99"']);
    });

    it('in how an equity looks', async () => {
      const answer = await alliance.put('/members/equity/6', {
        use_icon: 'https://x/on.png',
        desc: '大礼包',
      });
      expect(answer.status).toBe(200);
      expect(answer.body).toEqual({ message: '更新成功' });
      expect((await ladder()).equities[5]).toEqual({
        ...seed.equities[5],
        use_icon: 'https://x/on.png',
        desc: '大礼包',
        updated_at: '2031-05-01 12:00:00',
      });
      okOf(await alliance.put('/members/equity/6', { use_icon: null }));
      expect((await ladder()).equities[5]).toMatchObject({ use_icon: null, desc: '大礼包' });
      for (const id of ['15', '0', 'x', '1e9']) {
        expectRefused(await alliance.put(`/members/equity/${id}`, { desc: 'x' }), 404);
      }
      expectRefused(await alliance.put('/members/equity/6', { desc: '' }), 422, ['desc']);
      expectRefused(await alliance.put('/members/equity/6', { use_icon: 7 }), 422, ['use_icon']);
    });

    it('with an audit row', async () => {
      const { results } = await db
        .prepare(
          "select distinct action from audit_logs where action like 'tier.%' or action like 'equity.%'",
        )
        .all<{ action: string }>();
      expect(results.map(({ action }) => action).toSorted()).toEqual(['equity.updated', 'tier.updated']);
    });
  });

  it('has settings, of which what is sent is changed', async () => {
    const usual = {
      eoc_price: '0.05',
      elc_price: '0.05',
      direct_rebate: '10',
      service_fee: '35',
      hold_days: 7,
    };
    expect(okOf(await alliance.get('/settings'))).toEqual(usual);
    const answer = await alliance.put('/settings', { eoc_price: 0.1, hold_days: '3' });
    expect(answer.body).toEqual({
      message: '更新成功',
      settings: { ...usual, eoc_price: '0.1', hold_days: 3 },
    });
    for (const [field, value] of [
      ['eoc_price', '0'],
      ['eoc_price', '0.005'],
      ['elc_price', 'x'],
      ['elc_price', -1],
      ['direct_rebate', 101],
      ['service_fee', 1.5],
      ['hold_days', -1],
      ['hold_days', 366],
      ['hold_days', null],
    ]) {
      expectRefused(await alliance.put('/settings', { [String(field)]: value }), 422, [String(field)]);
    }
    expect(okOf(await alliance.put('/settings', usual)).settings).toEqual(usual);
  });

  describe('is shown to members', () => {
    let member: Buyer;
    beforeAll(async () => {
      member = await alliance.member();
    });

    it('with what each tier costs them, and never what it costs the alliance', async () => {
      await alliance.giveEoc(member, '300.50');
      const { body } = await member.get('/api/v1/tbk/members');
      expect(body.code).toBe(0);
      const { items, equities, eoc_price } = body.data;
      expect(JSON.stringify(items)).not.toContain('cost_price');
      expect(JSON.stringify(items)).not.toContain('receive');
      expect(eoc_price).toBe('0.05');
      expect(items.map(({ level, held }: { level: string; held: boolean }) => [level, held])).toEqual(
        LEVELS.map((level) => [level, level === 'common']),
      );
      expect(items.map(({ cost }: { cost: object | null }) => cost)).toEqual([
        null,
        { price: '99.00', eoc_num_most: 100, cash_least: '94.00' },
        { price: '888.00', eoc_num_most: 300, cash_least: '873.00' },
        { price: '3499.00', eoc_num_most: 300, cash_least: '3484.00' },
        { price: '19999.00', eoc_num_most: 300, cash_least: '19984.00' },
        { price: '39999.00', eoc_num_most: 300, cash_least: '39984.00' },
      ]);
      const lit = equities.filter((one: { lit: boolean }) => one.lit).map(({ key }: { key: string }) => key);
      expect(lit).toEqual(seed.members[0]?.equities.map(({ key }) => key));
      expect(equities).toHaveLength(14);
    });

    it('with their own tier, their invitees and how far they are', async () => {
      await alliance.holder('gold', member);
      await alliance.holder('bronze', member);
      await alliance.member(member);
      const { body } = await member.get('/api/v1/tbk/members/me');
      expect(body.data).toMatchObject({
        tier: { member_id: 1, level: 'common', name: '普通会员' },
        invitees: LEVELS.map((level) => ({
          level,
          count: ['common', 'bronze', 'gold'].includes(level) ? 1 : 0,
        })),
        balances: [{ asset: 'EOC', balance: '300.50', debt: '0.00' }],
      });
      expect(body.data.progress.map((one: { level: string; have: number }) => [one.level, one.have])).toEqual(
        [
          ['gold', 2],
          ['platina', 1],
          ['platinum', 0],
          ['diamond', 0],
        ],
      );
    });

    it('to nobody who is not signed in', async () => {
      const client = new Client();
      for (const path of ['/members', '/members/me', '/invite', '/rewards']) {
        expect((await client.get(`/api/v1/tbk${path}`)).status).toBe(401);
      }
    });
  });

  it('is joined by an invite code', async () => {
    const inviter = await alliance.member();
    const { body } = await inviter.get('/api/v1/tbk/invite');
    expect(body.data.link).toContain(body.data.code);
    const invitee = await shop.client.newUser({ invite_code: body.data.code });
    const row = await db
      .prepare('select inviter_id from users where id = ?')
      .bind(invitee.id)
      .first('inviter_id');
    expect(row).toBe(inviter.id);
    const refused = await shop.client.register({ invite_code: 'NOBODY' });
    expect([refused.status, refused.body.error]).toEqual([400, 'invite_code_invalid']);
  });
});
