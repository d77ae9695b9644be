import { beforeAll, describe, expect, it } from 'vitest';
import { type Answer, expectError } from '../support/client.ts';
import { type Buyer, dataOf, db, expectLedgerSums, faultsOf, Shop } from '../support/money.ts';

const shop = new Shop();

/** A new user with an order of the basic plan. */
async function ordering(fields: object = {}): Promise<{ buyer: Buyer; id: string }> {
  const buyer = await shop.buyer();
  return { buyer, id: (await buyer.ordered('plan_basic', 'monthly', fields)).order_id };
}
const rows = async (table: string) =>
  db.prepare(`select count(*) as n from ${table}`).first<number>('n') as Promise<number>;
const cashier = (id: string, form: Record<string, string> = {}): Promise<Answer> =>
  shop.client.cashier(id, { action: 'pay', ...form });

beforeAll(async () => {
  await shop.open('2027-02-01T00:00:00Z');
});

describe('a notification', () => {
  it('twenty times at once grants once', async () => {
    const { buyer, id } = await ordering();
    const paid = await cashier(id, { times: '20' });
    expect(paid.body).toMatchObject({ status: 'paid', answers: Array(20).fill(200) });
    expect(await buyer.me()).toMatchObject({ status: 'active', expired_at: '2027-02-28T23:59:59Z' });
    expect(await buyer.actions()).toEqual(['subscribe']);
    const detail = await shop.detail(id);
    expect(detail).toMatchObject({ status: 'paid', paid_amount: '49.00', refunds: [] });
    expect(detail.payments).toMatchObject([{ state: 'applied', amount: '49.00' }]);
  });

  it('of twenty payments at once: one is applied, all others go back', async () => {
    const { buyer, id } = await ordering();
    const notices = Array.from({ length: 20 }, (_, n) =>
      shop.notify({ transaction_id: `many-${n}-${id}`, order_id: id, amount: '49.00' }),
    );
    for (const { status } of await Promise.all(notices)) expect(status).toBe(200);
    expect(await buyer.actions()).toEqual(['subscribe']);
    await shop.cron();
    const { payments, refunds } = await shop.detail(id);
    const states = payments.map(({ state }: { state: string }) => state).sort();
    expect(states).toEqual(['applied', ...Array(19).fill('surplus')]);
    expect(refunds).toHaveLength(19);
    for (const one of refunds) expect(one).toMatchObject({ state: 'done', amount: '49.00' });
  });

  it('that is forged, stale or altered leaves nothing behind', async () => {
    const { buyer, id } = await ordering();
    const fields = { transaction_id: 'forged', order_id: id, amount: '49.00' };
    const before = await Promise.all(['payments', 'audit_logs', 'refunds'].map(rows));
    for (const how of [
      { secret: 'another secret' },
      { age: 301 },
      { age: -301 },
      { age: 86_400 },
      { tampered: ' ' },
    ]) {
      expectError(await shop.notify(fields, how), 400, 'signature_invalid');
    }
    for (const signature of ['', 't=1', 't=x,v1=y', `t=${Math.floor((await shop.now()) / 1000)},v1=`]) {
      const raw = JSON.stringify({ ...fields, currency: 'CNY', state: 'paid' });
      const headers = { 'X-Sandbox-Signature': signature, 'Content-Type': 'application/json' };
      const path = '/api/v1/payments/sandbox/notify';
      expectError(await shop.client.send('POST', path, { raw, headers }), 400, 'signature_invalid');
    }
    // The raw body is verified before it is parsed: nonsense without a signature is a bad signature.
    const nonsense = { raw: '{', headers: { 'Content-Type': 'application/json' } };
    expectError(
      await shop.client.send('POST', '/api/v1/payments/sandbox/notify', nonsense),
      400,
      'signature_invalid',
    );
    expect(await Promise.all(['payments', 'audit_logs', 'refunds'].map(rows))).toEqual(before);
    expect((await buyer.order(id)).status).toBe('pending');
    expect((await shop.notify(fields, { age: 299 })).status).toBe(200);
    expect((await buyer.order(id)).status).toBe('paid');
  });

  it('is for the site and the provider that its path names', async () => {
    const { buyer, id } = await ordering();
    const fields = { transaction_id: `site-${id}`, order_id: id, amount: '49.00' };
    expect((await shop.notify(fields, { path: 'sandbox/cn' })).status).toBe(200);
    expect((await buyer.order(id)).status).toBe('pending');
    expectError(await shop.notify(fields, { path: 'sandbox/nowhere' }), 404, 'site_unknown');
    expect((await shop.notify(fields, { path: 'barter/default' })).status).toBe(404);
    expect((await shop.notify(fields, { path: 'wallet/default' })).status).toBe(404);
    expect((await shop.notify(fields, { path: 'sandbox' })).status).toBe(200);
    expect((await buyer.order(id)).status).toBe('paid');
  });

  it.each([
    [{ amount: '48.99' }],
    [{ amount: '49.01' }],
    [{ amount: '0.00' }],
    [{ amount: '49.001' }],
    [{ amount: '-49.00' }],
    [{ currency: 'USD' }],
  ])('with %o is kept aside: nothing granted, the order still payable', async (wrong) => {
    const { buyer, id } = await ordering();
    const fields = { transaction_id: `wrong-${id}`, order_id: id, amount: '49.00', ...wrong };
    expect((await shop.notify(fields)).status).toBe(200);
    expect((await shop.notify(fields)).status).toBe(200);
    expect(await shop.aside('mismatched', id)).toHaveLength(1);
    expect(await buyer.order(id)).toMatchObject({ status: 'pending', paid_amount: '0.00' });
    expect((await buyer.me()).status).toBe('none');
    const audit = dataOf(await (await shop.admin()).get(`/admin/v1/audit-logs?target=${id}`)).items;
    expect(audit).toMatchObject([{ action: 'payment.mismatched' }]);
    await buyer.settle(id);
    expect((await buyer.me()).status).toBe('active');
    expect(await shop.aside('mismatched', id)).toHaveLength(1);
  });

  it('of an order that nobody placed is kept aside', async () => {
    const id = 'ord_01ARZ3NDEKTSV4RRFFQ69G5FAV';
    const fields = { transaction_id: 'nobody', order_id: id, amount: '49.00' };
    expect((await shop.notify(fields)).status).toBe(200);
    expect(await shop.aside('mismatched', id)).toHaveLength(1);
  });

  it('never moves an order back', async () => {
    const { buyer, id } = await ordering();
    dataOf(await buyer.pay(id, 'sandbox'));
    await buyer.settle(id);
    await cashier(id, { action: 'fail' });
    await shop.notify({ transaction_id: `f-${id}`, order_id: id, amount: '49.00', state: 'failed' });
    expect(await shop.detail(id)).toMatchObject({ status: 'paid', attempts: [{ state: 'paid' }] });
    expect((await buyer.me()).status).toBe('active');
    dataOf(await shop.refund(id));
    await shop.notify({ transaction_id: `late-${id}`, order_id: id, amount: '49.00' });
    expect((await buyer.order(id)).status).toBe('refunded');
    expect(await shop.aside('surplus', id)).toHaveLength(1);
  });
});

describe('a payment that cannot be had', () => {
  it('goes back, and is still listed, where the order is paid already', async () => {
    const { buyer, id } = await ordering();
    await buyer.settle(id);
    expect((await cashier(id, { times: '3' })).body.answers).toEqual([200, 200, 200]);
    await shop.cron();
    expect(await shop.aside('surplus', id)).toMatchObject([{ amount: '49.00', refunded_amount: '49.00' }]);
    const { refunds } = await shop.detail(id);
    expect(refunds).toMatchObject([{ state: 'done', amount: '49.00' }]);
    expect(await buyer.order(id)).toMatchObject({ status: 'paid', refunded_amount: '0.00' });
    expect(await buyer.actions()).toEqual(['subscribe']);
    await expectLedgerSums();
  });

  it('goes back where the wallet has paid meanwhile', async () => {
    const { buyer, id } = await ordering();
    await shop.fund(buyer, '49.00');
    dataOf(await buyer.pay(id, 'sandbox'));
    dataOf(await buyer.pay(id, 'wallet'));
    // Starting a new attempt cancels the old one.
    expect((await shop.detail(id)).attempts).toMatchObject([{ state: 'cancelled' }]);
    await cashier(id);
    expect(await shop.aside('surplus', id)).toMatchObject([{ refunded_amount: '49.00' }]);
    expect((await buyer.wallet()).balance).toBe('0.00');
  });
});

describe('the admin’s lists', () => {
  it('filter, and refuse what they do not know', async () => {
    const { buyer, id } = await ordering();
    const { buyer: other, id: paid } = await ordering();
    await other.settle(paid);
    dataOf(await other.post('/api/v1/wallet/topups', { amount: '5.00' }));
    const admin = await shop.admin();
    const found = async (query: string) =>
      dataOf(await admin.get(`/admin/v1/orders?${query}&page_size=100`)).items.map(
        ({ order_id }: { order_id: string }) => order_id,
      );
    expect(await found(`user=${buyer.id}`)).toEqual([id]);
    expect(await found(`user=${other.id}&status=paid`)).toEqual([paid]);
    expect(await found(`user=${other.id}&program=wallet`)).toHaveLength(1);
    expect(await found(`user=${other.id}&program=token`)).toEqual([paid]);
    const now = new Date(await shop.now()).toISOString();
    expect(await found(`user=${buyer.id}&from=${now}&to=${now}`)).toEqual([id]);
    expect(await found(`user=${buyer.id}&to=2026-01-01T00:00:00Z`)).toEqual([]);
    expect(await found('user=u_%25')).toEqual([]);
    for (const [query, field] of [
      ['status=lost', 'status'],
      ['program=none', 'program'],
      ['from=yesterday', 'from'],
      ['to=1', 'to'],
      ['page=0', 'page'],
      ['page_size=101', 'page_size'],
    ] as const) {
      const refused = await admin.get(`/admin/v1/orders?${query}`);
      expectError(refused, 400, 'invalid_input');
      expect(Object.keys(faultsOf(refused)).join()).toContain(field);
    }
    expectError(await admin.get('/admin/v1/payments?state=applied'), 400, 'invalid_input');
    expectError(await admin.get('/admin/v1/payments?state=odd'), 400, 'invalid_input');
    expectError(await admin.get('/admin/v1/orders/ord_none'), 404, 'not_found');
    for (const path of ['orders', `orders/${id}`, 'payments?state=surplus', 'vouchers']) {
      expectError(await buyer.get(`/admin/v1/${path}`), 403, 'forbidden');
      expectError(await shop.client.get(`/admin/v1/${path}`), 401, 'unauthenticated');
    }
  });
});
