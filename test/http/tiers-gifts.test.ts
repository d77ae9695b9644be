import { beforeAll, describe, expect, it } from 'vitest';
import seed from '../seeds/tiers.json';
import { Alliance, expectRefused, type Level, okOf } from '../support/alliance.ts';
import { expectError } from '../support/client.ts';
import { type Buyer, dataOf, db, expectLedgerSums, faultsOf, Shop } from '../support/money.ts';

const DAY = 86_400;
const CONSIGNEE = { name: '孙皓', phone: '13649283569', area: '陕西省西安市雁塔区', detail: '科技二路' };

describe('members of an alliance', () => {
  let shop: Shop;
  let alliance: Alliance;

  beforeAll(async () => {
    shop = await new Shop().open('2031-08-01T12:00:00Z');
    alliance = new Alliance(shop);
    return () => expectLedgerSums();
  });

  const claim = (who: Buyer, order_no: string, fields: object = {}) =>
    who.post('/api/v1/tbk/members/gift', { order_no, ...fields });
  const logOf = async (who: Buyer) => (await alliance.logs(who))[0];
  const ship = (id: number | string, fields: object = {}) =>
    alliance.post(`/members/logs/${id}/express`, {
      express_name: '顺丰',
      express_number: 'T12312312312',
      ...fields,
    });
  const goldGift = seed.members[2]?.gift_info;

  describe('claim a gift', () => {
    it('of bronze without an address, and learn how it is received', async () => {
      okOf(
        await alliance.put('/members/2', {
          gift_info: {
            name: '礼',
            cover: '',
            content: ['一'],
            receive: { url: 'https://x/y', code: 'C0DE' },
          },
        }),
      );
      const who = await alliance.member();
      const order = await alliance.buy(who, 'bronze');
      expect(await logOf(who)).toMatchObject({ gift_info: null, consignee: null, express_status: 2 });
      expect(dataOf(await claim(who, order, { consignee: CONSIGNEE }))).toEqual({
        name: '礼',
        cover: '',
        content: ['一'],
        receive: { url: 'https://x/y', code: 'C0DE' },
      });
      expect(await logOf(who)).toMatchObject({ consignee: null, express_status: 2 });
      expectError(await claim(who, order), 409, 'gift_claimed');
      expectError(await claim(who, String((await logOf(who)).id)), 409, 'gift_claimed');
      expectRefused(await ship((await logOf(who)).id), 422);
    });

    it('of the others with one, once, also of ten at once', async () => {
      const who = await alliance.member();
      const order = await alliance.buy(who, 'gold');
      for (const [fields, path] of [
        [{}, 'consignee'],
        [{ consignee: null }, 'consignee'],
        [{ consignee: { ...CONSIGNEE, name: '' } }, 'consignee.name'],
        [{ consignee: { ...CONSIGNEE, phone: 'x' } }, 'consignee.phone'],
        [{ consignee: { ...CONSIGNEE, area: undefined } }, 'consignee.area'],
        [{ consignee: { ...CONSIGNEE, detail: 7 } }, 'consignee.detail'],
      ] as const) {
        const answer = await claim(who, order, fields);
        expectError(answer, 400, 'invalid_input');
        expect(Object.keys(faultsOf(answer))).toEqual([path]);
      }
      const answers = await Promise.all(
        Array.from({ length: 10 }, () => claim(who, order, { consignee: CONSIGNEE })),
      );
      expect(answers.map(({ status }) => status).toSorted()).toEqual([200, ...Array(9).fill(409)]);
      expect(await logOf(who)).toMatchObject({
        gift_info: goldGift,
        consignee: { ...CONSIGNEE, user_id: expect.any(Number) },
        express_status: 0,
      });
    });

    it('of their own, while it stands', async () => {
      const [who, other] = [await alliance.member(), await alliance.member()];
      const order = await alliance.buy(who, 'gold');
      expectError(await claim(other, order, { consignee: CONSIGNEE }), 404, 'not_found');
      expectError(await claim(who, 'ord_nothing'), 404, 'not_found');
      expectError(await claim(who, await who.buy('plan_basic')), 404, 'not_found');
      dataOf(await shop.refund(order));
      expectError(await claim(who, order, { consignee: CONSIGNEE }), 409, 'gift_none');
      const pending = dataOf(await alliance.order(who, 'gold')).order_id;
      expectError(await claim(who, pending, { consignee: CONSIGNEE }), 409, 'gift_none');
      const common = await alliance.holder('gold');
      await alliance.set(common, 'common');
      expectError(await claim(common, (await logOf(common)).order_no), 409, 'gift_none');
    });

    it('or have it refunded: at once it is one of the two', async () => {
      for (let round = 0; round < 5; round += 1) {
        const who = await alliance.member();
        const order = await alliance.buy(who, 'gold');
        const [claimed, refunded] = await Promise.all([
          claim(who, order, { consignee: CONSIGNEE }),
          shop.refund(order),
        ]);
        expect([claimed.status, refunded.status].toSorted()).toEqual([200, 409]);
        const log = await logOf(who);
        expect(log.status).toBe(refunded.status === 200 ? 2 : 1);
        expect(log.gift_info === null).toBe(claimed.status !== 200);
      }
    });

    it('that is as it was when it was bought', async () => {
      const who = await alliance.member();
      const order = await alliance.buy(who, 'gold');
      okOf(await alliance.put('/members/3', { gift_info: { name: '新', cover: '', content: ['新'] } }));
      expect(dataOf(await claim(who, order, { consignee: CONSIGNEE }))).toEqual(goldGift);
      okOf(await alliance.put('/members/3', { gift_info: goldGift }));
    });
  });

  describe('are sent it', () => {
    it('once it is claimed, by number or order number', async () => {
      const who = await alliance.member();
      const order = await alliance.buy(who, 'gold');
      const { id } = await logOf(who);
      expectRefused(await ship(id), 422);
      dataOf(await claim(who, order, { consignee: CONSIGNEE }));
      const answer = await ship(id);
      expect([answer.status, answer.body]).toEqual([201, { message: '发货成功' }]);
      expect(await logOf(who)).toMatchObject({
        express_name: '顺丰',
        express_number: 'T12312312312',
        express_status: 1,
      });
      // Again corrects it, and leaves a trace.
      expect((await ship(order, { express_number: 'T2' })).status).toBe(201);
      expect(await logOf(who)).toMatchObject({ express_number: 'T2', express_status: 1 });
      const { results } = await db
        .prepare(
          "select action, detail from audit_logs where target = ? and action like 'gift.%' order by id",
        )
        .bind(order)
        .all<{ action: string; detail: string }>();
      expect(results.map(({ action }) => action)).toEqual(['gift.shipped', 'gift.shipping_corrected']);
      expect(results[1]?.detail).toContain('T12312312312');
    });

    it('with both fields, and only what there is', async () => {
      const who = await alliance.member();
      const order = await alliance.buy(who, 'gold');
      dataOf(await claim(who, order, { consignee: CONSIGNEE }));
      for (const field of ['express_name', 'express_number']) {
        for (const value of [undefined, '', '  ', 7, null, 'x'.repeat(65)]) {
          expectRefused(await ship(order, { [field]: value }), 422, [field]);
        }
      }
      for (const id of ['999999', 'x', '0', 'ord_nothing', (await who.ordered('plan_basic')).order_id]) {
        expectRefused(await ship(id), 404);
      }
      dataOf(await shop.refund(order, { force: true }));
      expectRefused(await ship(order), 422);
    });
  });

  describe('are in the log', () => {
    it('with the seed’s fields', async () => {
      const who = await alliance.member();
      await alliance.giveEoc(who, '500.00');
      const order = await alliance.buy(who, 'gold', { pay_mode: 'mixed', eoc_num: 500 });
      dataOf(await claim(who, order, { consignee: CONSIGNEE }));
      okOf(await ship(order));
      const answer = okOf(await alliance.get(`/members/logs?limit=10&page=1&user_id=${who.id}`));
      const serial = answer.data[0].user_id;
      const now = '2031-08-01 12:00:00';
      expect(answer).toEqual({
        current_page: 1,
        data: [
          {
            id: expect.any(Number),
            user_id: serial,
            member_id: 3,
            consignee: {
              id: null,
              tag: null,
              ...CONSIGNEE,
              other: null,
              default: null,
              user_id: serial,
              yz_address_id: null,
            },
            gift_info: goldGift,
            mode: 'mixed',
            order_no: order,
            status: 1,
            extend: { pay_type: 'wxpay', eoc: '500', cash: '863' },
            express_name: '顺丰',
            express_number: 'T12312312312',
            express_status: 1,
            created_at: now,
            updated_at: now,
            member: {
              id: 3,
              name: '黄金会员',
              level: 'gold',
              icon: null,
              condition: seed.members[2]?.condition,
            },
            user: {
              id: serial,
              name: null,
              sex: null,
              email: who.email,
              phone: null,
              avatar: null,
              code: expect.any(String),
              bio: null,
              power: null,
              last_time: now,
              last_ip: null,
              status: 0,
              member_id: 3,
              join_time: now,
              created_at: now,
              updated_at: now,
            },
          },
        ],
        per_page: 10,
        total: 1,
        last_page: 1,
        from: 1,
        to: 1,
      });
    });

    it('by every filter', async () => {
      await shop.at('2031-08-10T12:00:00Z');
      const [cash, mixed, given] = [
        await alliance.member(),
        await alliance.member(),
        await alliance.member(),
      ];
      const cashOrder = await alliance.buy(cash, 'gold', { pay_type: 'alipay' });
      await shop.at('2031-08-11T12:00:00Z');
      await alliance.giveEoc(mixed, '100.00');
      const mixedOrder = await alliance.buy(mixed, 'platina', { pay_mode: 'mixed', eoc_num: 100 });
      await shop.at('2031-08-12T12:00:00Z');
      await alliance.set(given, 'bronze');
      const orders: Record<string, string> = {
        [cashOrder]: 'cash',
        [mixedOrder]: 'mixed',
        [(await logOf(given)).order_no]: 'given',
      };
      const found = async (query: string) => {
        const { data } = okOf(await alliance.get(`/members/logs?limit=100&page=1&${query}`));
        return data.map(({ order_no }: { order_no: string }) => orders[order_no]).filter(Boolean);
      };
      expect(await found('start_time=2031-08-10')).toEqual(['given', 'mixed', 'cash']);
      expect(await found('start_time=2031-08-11&end_time=2031-08-11')).toEqual(['mixed']);
      expect(await found('start_time=2031-08-10&end_time=2031-08-10%2012:00:00')).toEqual(['cash']);
      expect(await found('start_time=2031-08-10%2012:00:01&end_time=2031-08-12%2011:59:59')).toEqual([
        'mixed',
      ]);
      expect(await found('level=gold')).toEqual(['cash']);
      expect(await found('level=platina')).toEqual(['mixed']);
      expect(await found('pay_mode=cash')).toEqual(['cash']);
      expect(await found('pay_mode=mixed')).toEqual(['mixed']);
      expect(await found('pay_mode=direct')).toEqual([]);
      expect(await found('pay_mode=indirect')).toEqual([]);
      expect(await found('pay_type=alipay')).toEqual(['cash']);
      expect(await found('pay_type=wxpay')).toEqual(['mixed']);
      expect(await found('express_status=2')).toEqual(['given']);
      expect(await found('express_status=0')).toEqual(['mixed', 'cash']);
      expect(await found(`user_id=${cash.id}`)).toEqual(['cash']);
      const serial = await db.prepare('select serial from users where id = ?').bind(mixed.id).first('serial');
      expect(await found(`user_id=${serial}`)).toEqual(['mixed']);
      expect(await found('user_id=999999')).toEqual([]);
      expect(await found('level=&pay_mode=&user_id=&start_time=&express_status=&pay_type=')).toEqual([
        'given',
        'mixed',
        'cash',
      ]);
      dataOf(await claim(cash, cashOrder, { consignee: CONSIGNEE }));
      okOf(await ship(cashOrder));
      expect(await found('express_status=1')).toEqual(['cash']);
      expect(await found('level=gold&pay_mode=mixed')).toEqual([]);
    });

    it('page by page', async () => {
      const who = await alliance.member();
      for (const level of ['bronze', 'gold', 'platina', 'platinum', 'diamond'] as Level[]) {
        await alliance.set(who, level);
      }
      const page = async (number: number) =>
        okOf(await alliance.get(`/members/logs?limit=2&page=${number}&user_id=${who.id}`));
      const pages = [await page(1), await page(2), await page(3), await page(4)];
      expect(pages.map(({ from, to, last_page, total }) => [from, to, last_page, total])).toEqual([
        [1, 2, 3, 5],
        [3, 4, 3, 5],
        [5, 5, 3, 5],
        [null, null, 3, 5],
      ]);
      expect(pages.flatMap(({ data }) => data.map((one: { member_id: number }) => one.member_id))).toEqual([
        6, 5, 4, 3, 2,
      ]);
      const none = okOf(await alliance.get('/members/logs?limit=2&page=1&user_id=999999'));
      expect(none).toEqual({
        current_page: 1,
        data: [],
        per_page: 2,
        total: 0,
        last_page: 1,
        from: null,
        to: null,
      });
    });

    it.each([
      ['page=1', ['limit']],
      ['limit=10', ['page']],
      ['', ['limit', 'page']],
      ['limit=0&page=1', ['limit']],
      ['limit=101&page=1', ['limit']],
      ['limit=x&page=1', ['limit']],
      ['limit=10&page=0', ['page']],
      ['limit=10&page=-1', ['page']],
      ['limit=10&page=1.5', ['page']],
      ['limit=10&page=1&level=common', ['level']],
      ['limit=10&page=1&level=silver', ['level']],
      ['limit=10&page=1&express_status=3', ['express_status']],
      ['limit=10&page=1&pay_mode=card', ['pay_mode']],
      ['limit=10&page=1&pay_type=card', ['pay_type']],
      ['limit=10&page=1&user_id=x', ['user_id']],
      ['limit=10&page=1&start_time=yesterday', ['start_time']],
      ['limit=10&page=1&start_time=2031-02-30', ['start_time']],
      ['limit=10&page=1&end_time=2031-01-01T00:00:00', ['end_time']],
      ['limit=10&page=1&start_time=2031-01-02&end_time=2031-01-01', ['end_time']],
      ['limit=10&page=1&start_time=x&end_time=y', ['end_time', 'start_time']],
    ])('never by ?%s', async (query, fields) => {
      expectRefused(await alliance.get(`/members/logs?${query}`), 422, fields);
    });
  });

  describe('earn of shopping', () => {
    const book = (who: Buyer, order_no: string, amount: unknown = '12.34') =>
      alliance.post('/commissions', { user_id: who.id, order_no, amount });

    it('a share by the inviter’s tier, held, then credited', async () => {
      // Bronze has a rate of 20; gold has none, so the site's 10 counts.
      for (const [level, share] of [
        ['common', '2.46'],
        ['bronze', '2.46'],
        ['gold', '1.23'],
      ] as const) {
        const inviter = await alliance.holder(level);
        const who = await alliance.member(inviter);
        const answer = await book(who, `shop-${level}`);
        expect(answer.status).toBe(200);
        expect(answer.body).toMatchObject({
          commission: { order_no: `shop-${level}`, amount: '12.34', reward: { status: 'held' } },
        });
        expect(await alliance.rewards(inviter)).toMatchObject([
          { kind: 'commission', order_no: `shop-${level}`, asset: 'CNY', amount: share, status: 'held' },
        ]);
        await shop.pass(7 * DAY);
        await shop.cron();
        expect(await inviter.wallet()).toMatchObject({ balance: share });
      }
    });

    it('once for each order number, also after it was taken back', async () => {
      const inviter = await alliance.holder('bronze');
      const who = await alliance.member(inviter);
      const answers = await Promise.all(Array.from({ length: 5 }, () => book(who, 'shop-once')));
      expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 422, 422, 422, 422]);
      expect(await alliance.rewards(inviter)).toHaveLength(1);
      const back = () => alliance.admin('DELETE', '/commissions/shop-once');
      okOf(await back());
      expect(await alliance.rewards(inviter)).toMatchObject([{ status: 'void' }]);
      expectRefused(await back(), 404);
      expectRefused(await alliance.admin('DELETE', '/commissions/never'), 404);
      expectRefused(await book(who, 'shop-once'), 422);
    });

    it('which is taken out of the wallet where it was credited, or owed', async () => {
      const inviter = await alliance.holder('bronze');
      const who = await alliance.member(inviter);
      okOf(await book(who, 'shop-late', 100));
      await shop.pass(7 * DAY);
      await shop.cron();
      expect(await inviter.wallet()).toMatchObject({ balance: '20.00' });
      okOf(await alliance.admin('DELETE', '/commissions/shop-late'));
      expect(await inviter.wallet()).toEqual({ balance: '0.00', debt: '0.00' });
    });

    it('nobody where there is no inviter, and nothing of nothing', async () => {
      const alone = await alliance.member();
      const answer = await book(alone, 'shop-alone');
      expect(answer.body.commission.reward).toBeNull();
      const inviter = await alliance.holder('bronze');
      const small = await book(await alliance.member(inviter), 'shop-small', '0.04');
      expect(small.body.commission.reward).toBeNull();
      for (const [body, field] of [
        [{ amount: '0' }, 'amount'],
        [{ amount: '-1' }, 'amount'],
        [{ amount: 1.234 }, 'amount'],
        [{ amount: undefined }, 'amount'],
        [{ order_no: '' }, 'order_no'],
        [{ order_no: 7 }, 'order_no'],
        [{ order_no: '..' }, 'order_no'],
        [{ user_id: undefined }, 'user_id'],
        [{ user_id: 1.5 }, 'user_id'],
      ] as const) {
        const whole = { user_id: alone.id, order_no: 'shop-x', amount: '1.00' };
        expectRefused(await alliance.post('/commissions', { ...whole, ...body }), 422, [field]);
      }
      expectRefused(
        await alliance.post('/commissions', { user_id: 'u_nobody', order_no: 'y', amount: '1' }),
        404,
      );
    });
  });

  describe('take money out', () => {
    const PAYEE = { channel: 'alipay', account: 'who@example.com', account_name: '王五' };
    const withdraw = (who: Buyer, fields: object, key: string | null = crypto.randomUUID()) =>
      who.post(
        '/api/v1/tbk/withdrawals',
        { ...PAYEE, ...fields },
        key === null ? {} : { headers: { 'Idempotency-Key': key } },
      );

    it('at the fee of their tier, which is debited at once', async () => {
      for (const [level, amount, fee, net] of [
        ['common', '100.00', '35.00', '65.00'],
        ['diamond', '100.00', '5.00', '95.00'],
        ['gold', '0.25', '0.05', '0.20'],
        ['gold', '0.03', '0.01', '0.02'],
        ['gold', '0.02', '0.00', '0.02'],
      ] as const) {
        const who = await alliance.holder(level);
        await shop.fund(who, '100.00');
        const made = dataOf(await withdraw(who, { amount }));
        expect(made).toEqual({
          withdrawal_id: expect.stringMatching(/^wd_/),
          amount,
          fee,
          net,
          status: 'pending',
        });
        const left = (100 - Number(amount)).toFixed(2);
        expect(await who.wallet()).toMatchObject({ balance: left });
      }
    });

    it('with an Idempotency-Key, once under each', async () => {
      const who = await alliance.member();
      await shop.fund(who, '100.00');
      expectError(await withdraw(who, { amount: '10.00' }, null), 400, 'idempotency_key_required');
      const key = crypto.randomUUID();
      const answers = await Promise.all(
        Array.from({ length: 5 }, () => withdraw(who, { amount: '10.00' }, key)),
      );
      expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThanOrEqual(1);
      const first = dataOf(await withdraw(who, { amount: '10.00' }, key));
      expect(dataOf(await withdraw(who, { amount: '10.00' }, key))).toEqual(first);
      expect(await who.wallet()).toMatchObject({ balance: '90.00' });
    });

    it('as far as there is some', async () => {
      const who = await alliance.member();
      await shop.fund(who, '10.00');
      expectError(await withdraw(who, { amount: '10.01' }), 409, 'wallet_short');
      for (const [fields, path] of [
        [{ amount: '0' }, 'amount'],
        [{ amount: 10 }, 'amount'],
        [{ amount: '1.234' }, 'amount'],
        [{ amount: '1.00', channel: 'cash' }, 'channel'],
        [{ amount: '1.00', account: '' }, 'account'],
        [{ amount: '1.00', account_name: undefined }, 'account_name'],
      ] as const) {
        const answer = await withdraw(who, fields);
        expectError(answer, 400, 'invalid_input');
        expect(Object.keys(faultsOf(answer))).toEqual([path]);
      }
      const answers = await Promise.all(Array.from({ length: 5 }, () => withdraw(who, { amount: '4.00' })));
      expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 200, 409, 409, 409]);
      expect(await who.wallet()).toMatchObject({ balance: '2.00' });
    });

    it('which an admin approves, or rejects with a reason', async () => {
      const who = await alliance.member();
      await shop.fund(who, '100.00');
      const ids: string[] = [];
      for (const _ of [1, 2]) ids.push(dataOf(await withdraw(who, { amount: '40.00' })).withdrawal_id);
      const list = okOf(await alliance.get('/withdrawals?status=pending&limit=100'));
      const [second, first] = list.data.filter((one: { withdrawal_id: string }) =>
        ids.includes(one.withdrawal_id),
      );
      expect(first).toMatchObject({
        withdrawal_id: ids[0],
        amount: '40',
        fee: '14',
        net: '26',
        fee_rate: '35',
        ...PAYEE,
        status: 'pending',
        decided_at: null,
      });
      expectRefused(await alliance.post(`/withdrawals/${first.id}/reject`), 422, ['reason']);
      const approved = okOf(await alliance.post(`/withdrawals/${first.id}/approve`));
      expect(approved.withdrawal).toMatchObject({ status: 'approved' });
      for (const act of ['approve', 'reject']) {
        expectRefused(await alliance.post(`/withdrawals/${ids[0]}/${act}`, { reason: 'x' }), 422);
        expectRefused(await alliance.post(`/withdrawals/wd_nothing/${act}`, { reason: 'x' }), 404);
      }
      const answers = await Promise.all(
        Array.from({ length: 5 }, () =>
          alliance.post(`/withdrawals/${second.id}/reject`, { reason: '有误' }),
        ),
      );
      expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 422, 422, 422, 422]);
      expect(await who.wallet()).toMatchObject({ balance: '60.00' });
      expectRefused(await alliance.get('/withdrawals?status=lost'), 422, ['status']);
      expect(okOf(await alliance.get('/withdrawals?status=')).total).toBeGreaterThan(1);
    });
  });

  it('are forgotten with their account, but for what the books need', async () => {
    const who = await shop.client.newUser();
    const buyer = { id: who.id, email: who.email } as Buyer;
    const send = (path: string, body: object) =>
      shop.client.post(path, body, { token: who.token, headers: { 'Idempotency-Key': crypto.randomUUID() } });
    await shop.fund(buyer, '2000.00');
    const { order_id } = dataOf(
      await send('/api/v1/tbk/members', { member_id: 3, pay_mode: 'cash', pay_type: 'wxpay' }),
    );
    dataOf(await send(`/api/v1/orders/${order_id}/pay`, { provider: 'wallet' }));
    dataOf(await send('/api/v1/tbk/members/gift', { order_no: order_id, consignee: CONSIGNEE }));
    const payee = { channel: 'bank', account: '6222020200', account_name: '王五' };
    dataOf(await send('/api/v1/tbk/withdrawals', { amount: '10.00', ...payee }));
    const exported = await shop.client.get('/api/v1/users/me/export', { token: who.token });
    expect(JSON.stringify(exported.body)).toContain('6222020200');
    expect(JSON.stringify(exported.body)).toContain('科技二路');
    const gone = await shop.client.send('DELETE', '/api/v1/users/me', {
      token: who.token,
      body: await shop.client.encrypt('Aa123456!'),
    });
    expect(gone.status, JSON.stringify(gone.body)).toBe(200);
    const [log] = okOf(await alliance.get(`/members/logs?limit=1&page=1&user_id=${who.id}`)).data;
    expect(log).toMatchObject({ consignee: null, user: { email: null, phone: null, status: 2 } });
    const { data } = okOf(await alliance.get('/withdrawals?limit=100'));
    const mine = data.find((one: { user_id: number }) => one.user_id === log.user_id);
    expect(mine).toMatchObject({ amount: '10', account: '6222020200', status: 'pending' });
    // It still has to be paid out; where to is forgotten with that.
    const { withdrawal } = okOf(await alliance.post(`/withdrawals/${mine.id}/approve`));
    expect(withdrawal).toMatchObject({ status: 'approved', account: null, account_name: null });
  });
});
