import { beforeAll, describe, expect, it } from 'vitest';
import { expectError } from '../support/client.ts';
import { dataOf, expectLedgerSums, Shop } from '../support/money.ts';

const shop = new Shop();

beforeAll(async () => {
  await shop.open('2027-02-01T00:00:00Z');
});

describe('a membership', () => {
  it('renewed by hand and by itself at once is renewed once', async () => {
    const buyer = await shop.buyer();
    await buyer.buy('plan_basic', 'monthly', { auto_renew: true });
    await shop.fund(buyer, '98.00');
    const end = Date.parse((await buyer.me()).expired_at) + 1000;
    await shop.at(end - 12 * 3_600_000);
    const { order_id } = dataOf(await buyer.renew());
    const [paid] = await Promise.all([buyer.pay(order_id), shop.cron(), shop.cron()]);
    expect([200, 409]).toContain(paid.status);
    expect((await buyer.wallet()).balance).toBe('49.00');
    expect(await buyer.actions()).toEqual(['renew', 'subscribe']);
    await shop.cron();
    expect((await buyer.wallet()).balance).toBe('49.00');
  });

  it('paid from the wallet and cancelled at once is one of the two', async () => {
    for (let n = 0; n < 5; n += 1) {
      const buyer = await shop.buyer();
      await shop.fund(buyer, '29.00');
      const voucher_id = await shop.voucher(buyer);
      const { order_id } = await buyer.ordered('plan_basic', 'monthly', { voucher_id });
      await Promise.all([buyer.pay(order_id), buyer.cancelOrder(order_id)]);
      const { status } = await buyer.order(order_id);
      expect([status, (await buyer.wallet()).balance, (await buyer.me()).status]).toEqual(
        status === 'paid' ? ['paid', '0.00', 'active'] : ['closed', '29.00', 'none'],
      );
    }
    await expectLedgerSums();
  });

  it('bought with an Idempotency-Key is bought once', async () => {
    const buyer = await shop.buyer();
    await shop.fund(buyer, '100.00');
    const headers = { 'Idempotency-Key': 'k1' };
    const body = { plan_id: 'plan_basic', period: 'monthly' };
    const one = await buyer.post('/api/v1/membership/subscribe', body, { headers });
    const { order_id } = one.body.data;
    const pays = await Promise.all(
      [1, 2, 3].map(() =>
        buyer.post(
          `/api/v1/orders/${order_id}/pay`,
          { provider: 'wallet' },
          { headers: { 'Idempotency-Key': 'k2' } },
        ),
      ),
    );
    for (const { status } of pays) expect([200, 409]).toContain(status);
    const again = await buyer.post('/api/v1/membership/subscribe', body, { headers });
    expect(again.body.data.order_id).toBe(order_id);
    expect(again.headers.get('Idempotent-Replayed')).toBe('true');
    expect((await buyer.wallet()).balance).toBe('51.00');
    expectError(
      await buyer.post('/api/v1/membership/subscribe', { ...body, period: 'yearly' }, { headers }),
      422,
      'idempotency_key_reused',
    );
  });

  it('by an admin is checked, audited, in the history, and worth no credit', async () => {
    const admin = await shop.admin();
    const buyer = await shop.buyer();
    const give = (fields: object, id = buyer.id) =>
      admin.post(`/admin/v1/users/${id}/grants`, { plan_id: 'plan_basic', reason: 'r', ...fields });
    expectError(await give({}), 400, 'invalid_input');
    expectError(await give({ period: 'monthly', until: '2040-01-01T00:00:00Z' }), 400, 'invalid_input');
    expectError(await give({ until: '2020-01-01T00:00:00Z' }), 400, 'invalid_input');
    expectError(await give({ period: 'monthly', reason: '' }), 400, 'invalid_input');
    expectError(await give({ period: 'monthly', plan_id: 'plan_free' }), 400, 'invalid_input');
    expectError(await give({ period: 'monthly', plan_id: 'plan_none' }), 400, 'invalid_input');
    expectError(await give({ period: 'monthly' }, 'u_none'), 404, 'not_found');
    expectError(
      await buyer.post(`/admin/v1/users/${buyer.id}/grants`, {
        plan_id: 'plan_basic',
        period: 'yearly',
        reason: 'me',
      }),
      403,
      'forbidden',
    );
    dataOf(await give({ period: 'monthly' }));
    dataOf(await give({ period: 'yearly' }));
    expect(await buyer.actions()).toEqual(['renew', 'subscribe']);
    const { items } = dataOf(await admin.get(`/admin/v1/audit-logs?target=${buyer.id}`));
    expect(items).toHaveLength(2);
    // given time is worth nothing
    expect((await buyer.ordered('plan_premium')).credit_amount).toBe('0.00');
  });
});
