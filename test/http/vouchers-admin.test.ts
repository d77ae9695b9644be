import { beforeAll, describe, expect, it } from 'vitest';
import { expectError } from '../support/client.ts';
import { dataOf, db, faultsOf, Shop } from '../support/money.ts';

const shop = new Shop();
const BODY = {
  type: 'fixed',
  value: '20.00',
  min_amount: '100.00',
  plans: ['plan_basic'],
  starts_at: '2027-01-01T00:00:00Z',
  ends_at: '2028-01-01T00:00:00Z',
};

describe('admins', () => {
  beforeAll(async () => {
    await shop.open('2027-02-01T00:00:00Z');
  });

  it('make kinds of vouchers, for all token plans where they name none', async () => {
    const admin = await shop.admin();
    const { plans, ...everywhere } = BODY;
    for (const [body, shown] of [
      [BODY, { ...BODY, programs: ['token'] }],
      [everywhere, { plans: null, programs: ['token'] }],
      [{ ...BODY, plans: null }, { plans: null }],
      [
        { ...BODY, type: 'percent', value: '100' },
        { type: 'percent', value: '100' },
      ],
      [{ ...BODY, programs: ['package', 'tier'] }, { programs: ['package', 'tier'] }],
      [{ ...BODY, min_amount: undefined }, { min_amount: '0.00' }],
    ]) {
      const made = await admin.post('/admin/v1/vouchers', body);
      expect(made.status, JSON.stringify([body, made.body])).toBe(200);
      expect(made.body.data).toMatchObject({ issued: 0, used: 0, voided_at: null, ...shown });
    }
    expect(plans).toEqual(['plan_basic']);
    const buyer = await shop.buyer();
    const voucher_id = await shop.voucher(buyer, { plans: undefined });
    const own = await shop.plan({ price_monthly: '50.00' });
    expect(await buyer.ordered(own, 'monthly', { voucher_id })).toMatchObject({ final_amount: '30.00' });
  });

  it.each([
    ['type', 'gift'],
    ['value', '0.00'],
    ['value', '-5.00'],
    ['value', '1.001'],
    ['value', 'free'],
    ['value', 20],
    ['min_amount', '-1.00'],
    ['min_amount', 'none'],
    ['plans', []],
    ['plans', 'plan_basic'],
    ['programs', []],
    ['programs', ['wallet']],
    ['starts_at', 'tomorrow'],
    ['ends_at', '2027-01-01T00:00:00Z'],
    ['ends_at', undefined],
  ])('are told which field is wrong: %s %o', async (field, value) => {
    const refused = await (await shop.admin()).post('/admin/v1/vouchers', { ...BODY, [field]: value });
    expectError(refused, 400, 'invalid_input');
    expect(Object.keys(faultsOf(refused)).join()).toContain(field);
  });

  it.each([['0'], ['101'], ['-1'], ['1.5'], ['10%'], ['1e1'], ['']])('give no %o percent', async (value) => {
    const body = { ...BODY, type: 'percent', value };
    const refused = await (await shop.admin()).post('/admin/v1/vouchers', body);
    expectError(refused, 400, 'invalid_input');
    expect(Object.keys(faultsOf(refused))).toContain('value');
  });

  it('issue one to each user, or none to anybody', async () => {
    const [one, two] = [await shop.buyer(), await shop.buyer()];
    const admin = await shop.admin();
    const type = await shop.voucherType();
    const issue = (user_ids: unknown, id = type) =>
      admin.post(`/admin/v1/vouchers/${id}/issue`, { user_ids });
    const refused = await issue([one.id, two.id, 'u_nobody', 'u_none']);
    expectError(refused, 400, 'invalid_input');
    expect(Object.keys(faultsOf(refused))[0]).toMatch(/user_ids[.[]2/);
    expect([...(await one.vouchers()), ...(await two.vouchers())]).toEqual([]);
    for (const bad of [[], 'u_1', [1], undefined]) expectError(await issue(bad), 400, 'invalid_input');
    expectError(await issue([one.id], 'vt_none'), 404, 'not_found');
    const { items } = dataOf(await issue([one.id, two.id]));
    expect(items.map(({ user_id }: { user_id: string }) => user_id)).toEqual([one.id, two.id]);
    for (const { voucher_id } of items) expect(voucher_id).toMatch(/^v_/);
    expect([...(await one.vouchers()), ...(await two.vouchers())]).toEqual(['unused', 'unused']);
  });

  it('issue one to a user who is named twice', async () => {
    const one = await shop.buyer();
    const type = await shop.voucherType();
    const issued = await (await shop.admin()).post(`/admin/v1/vouchers/${type}/issue`, {
      user_ids: [one.id, one.id],
    });
    expect([200, 400]).toContain(issued.status);
    expect(await one.vouchers()).toHaveLength(issued.status === 200 ? 1 : 0);
  });

  it('void what is unused; what an order locked stays good for it', async () => {
    const [one, two] = [await shop.buyer(), await shop.buyer()];
    const admin = await shop.admin();
    const type = await shop.voucherType({ plans: ['plan_basic'] });
    const path = `/admin/v1/vouchers/${type}`;
    const { items } = dataOf(await admin.post(`${path}/issue`, { user_ids: [one.id, two.id] }));
    const { order_id } = await one.ordered('plan_basic', 'yearly', { voucher_id: items[0].voucher_id });
    expect(dataOf(await admin.post(`${path}/void`))).toMatchObject({
      issued: 2,
      used: 0,
      voided_at: '2027-02-01T00:00:00Z',
    });
    const again = await admin.post(`${path}/void`);
    expect([200, 409]).toContain(again.status);
    expectError(await admin.post('/admin/v1/vouchers/vt_none/void'), 404, 'not_found');
    expect(await one.vouchers()).toEqual(['locked']);
    expect(await two.vouchers()).toEqual(['expired']);
    await one.settle(order_id);
    expect(await one.vouchers()).toEqual(['used']);
    expect((await admin.post(`${path}/issue`, { user_ids: [one.id] })).status).toBe(409);
    const listed = dataOf(await admin.get('/admin/v1/vouchers?page_size=100')).items;
    const found = listed.find((row: { voucher_type_id: string }) => row.voucher_type_id === type);
    expect(found).toMatchObject({ issued: 2, used: 1, voided_at: '2027-02-01T00:00:00Z' });
    const audit = dataOf(await admin.get(`/admin/v1/audit-logs?target=${type}`)).items;
    expect(audit.map(({ action }: { action: string }) => action)).toContain('voucher.voided');
    expect(audit.map(({ action }: { action: string }) => action)).toContain('voucher.issued');
  });

  it('alone may do any of it', async () => {
    const buyer = await shop.buyer();
    const before = await db.prepare('select count(*) as n from voucher_types').first('n');
    for (const path of ['', '/vt_none/issue', '/vt_none/void']) {
      expectError(await buyer.post(`/admin/v1/vouchers${path}`, BODY), 403, 'forbidden');
    }
    expect(await db.prepare('select count(*) as n from voucher_types').first('n')).toBe(before);
  });

  it('and users filter by status', async () => {
    const buyer = await shop.buyer();
    const [used, locked, unused, over] = [
      await shop.voucher(buyer),
      await shop.voucher(buyer),
      await shop.voucher(buyer),
      await shop.voucher(buyer, { ends_at: '2027-01-31T00:00:00Z' }),
    ];
    await buyer.buy('plan_basic', 'monthly', { voucher_id: used });
    await buyer.ordered('plan_basic', 'monthly', { voucher_id: locked });
    const states = { used, locked, unused, expired: over };
    for (const [status, id] of Object.entries(states)) {
      const { items, total } = dataOf(await buyer.get(`/api/v1/vouchers?status=${status}`));
      expect({ total, ids: items.map((one: { voucher_id: string }) => one.voucher_id) }).toEqual({
        total: 1,
        ids: [id],
      });
      expect(items[0].status).toBe(status);
    }
    expect(dataOf(await buyer.get('/api/v1/vouchers')).items).toHaveLength(4);
    expectError(await buyer.get('/api/v1/vouchers?status=void'), 400, 'invalid_input');
    expect(dataOf(await (await shop.buyer()).get('/api/v1/vouchers')).total).toBe(0);
  });
});
