import { env } from 'cloudflare:test';
import { describe, expect, it } from 'vitest';
import { Client, expectError } from '../support/client.ts';

const bindings = env as unknown as { DB_DEFAULT: D1Database };

describe('membership and orders', () => {
  const client = new Client();
  const subscribe = (token: string, fields = {}) =>
    client.post(
      '/api/v1/membership/subscribe',
      { plan_id: 'plan_basic', period: 'yearly', ...fields },
      { token },
    );

  it('is nothing before it is bought, with the free plan’s benefits', async () => {
    const { token } = await client.newUser();
    expect((await client.get('/api/v1/membership/me', { token })).body.data).toEqual({
      plan_id: null,
      plan_name: null,
      plan_type: null,
      status: 'none',
      period: null,
      started_at: null,
      expired_at: null,
      auto_renew: false,
      scheduled: null,
      usage_this_month: { tokens_used: 0, tokens_limit: expect.any(Number), usage_percent: 0 },
      effective_benefits: {
        tpm: 10_000,
        tpd: 100_000,
        models: null,
        token_discount: null,
        priority: 'P2',
        support: null,
        member_seats: null,
        tokens_per_month: null,
        requests_per_day: null,
      },
    });
    expectError(await client.post('/api/v1/membership/cancel', {}, { token }), 409, 'membership_none');
    expect((await client.get('/api/v1/membership/history', { token })).body.data).toEqual({
      items: [],
      total: 0,
      page: 1,
      page_size: 20,
    });
  });

  it('shows the seed’s plans to everybody', async () => {
    const { body } = await client.get('/api/v1/membership/plans?type=personal&status=active');
    const basic = body.data.items.find((plan: { plan_id: string }) => plan.plan_id === 'plan_basic');
    expect(basic).toMatchObject({
      name: '基础版',
      price_monthly: '49.00',
      price_yearly: '490.00',
      currency: 'CNY',
      status: 'active',
    });
    expect(basic.benefits).toContainEqual({
      key: 'models',
      value: ['gpt-4o', 'qwen-turbo'],
      desc: '可用模型',
    });
    expect((await client.get('/api/v1/membership/plans/plan_basic')).body.data).toEqual(basic);
    expectError(await client.get('/api/v1/membership/plans/plan_none'), 404, 'not_found');
  });

  it('hides a disabled plan from whoever does not hold it', async () => {
    const admin = await client.admin();
    const body = { code: 'old', name: 'Old', type: 'personal', price_monthly: '1.00' };
    expect((await client.post('/admin/v1/membership/plans', body, { token: admin })).status).toBe(200);
    expectError(
      await client.post('/admin/v1/membership/plans', body, { token: admin }),
      409,
      'plan_code_taken',
    );
    const holder = await client.newUser();
    await client.buyPlan(holder.token, 'plan_old', 'monthly');
    await client.put('/admin/v1/membership/plans/plan_old', { status: 'disabled' }, { token: admin });
    const path = '/api/v1/membership/plans/plan_old';
    expectError(await client.get(path), 404, 'not_found');
    expect((await client.get(path, { token: holder.token })).status).toBe(200);
    expect((await client.get(path, { token: admin })).status).toBe(200);
    expect((await client.get('/api/v1/membership/me', { token: holder.token })).body.data.status).toBe(
      'active',
    );
    expectError(
      await subscribe(holder.token, { plan_id: 'plan_old', period: 'monthly' }),
      404,
      'plan_not_available',
    );
    expectError(
      await client.put('/admin/v1/membership/plans/plan_free', { status: 'disabled' }, { token: admin }),
      409,
      'plan_protected',
    );
  });

  it.each([
    [{ plan_id: 'plan_free' }, 400, 'plan_not_for_sale'],
    [{ plan_id: 'plan_none' }, 404, 'plan_not_available'],
    [{ plan_id: 'plan_enterprise' }, 403, 'enterprise_plan_forbidden'],
    [{ period: 'weekly' }, 400, 'invalid_input'],
    [{ auto_renew: 'yes' }, 400, 'invalid_input'],
    [{ voucher_id: 'v_none' }, 400, 'voucher_invalid'],
  ])('refuses to order %o', async (fields, status, error) => {
    const { token } = await client.newUser();
    expectError(await subscribe(token, fields), status, error);
    expect((await client.get('/api/v1/orders', { token })).body.data.total).toBe(0);
  });

  it('gives the same order for the same wish, and closes it for another', async () => {
    const { token } = await client.newUser();
    const [first, second] = await Promise.all([subscribe(token), subscribe(token)]);
    const ids = [first, second].filter(({ status }) => status === 200).map(({ body }) => body.data.order_id);
    for (const answer of [first, second]) if (answer.status !== 200) expectError(answer, 409, 'order_open');
    const again = (await subscribe(token)).body.data.order_id;
    expect(ids).toContain(again);
    const monthly = (await subscribe(token, { period: 'monthly' })).body.data;
    expect(monthly).toMatchObject({ plan_name: '基础版(月付)', final_amount: '49.00' });
    expect((await client.get(`/api/v1/orders/${again}`, { token })).body.data.status).toBe('closed');
    expectError(
      await client.post(`/api/v1/orders/${again}/pay`, { provider: 'sandbox' }, { token }),
      409,
      'order_not_payable',
    );
    expectError(
      await client.post(`/api/v1/orders/${again}/cancel`, {}, { token }),
      409,
      'order_not_cancellable',
    );
    expect(
      (await client.post(`/api/v1/orders/${monthly.order_id}/cancel`, {}, { token })).body.data.status,
    ).toBe('closed');
  });

  it('keeps orders to their owner', async () => {
    const mine = await client.newUser();
    const stranger = await client.newUser();
    const id = (await subscribe(mine.token)).body.data.order_id;
    for (const answer of [
      await client.get(`/api/v1/orders/${id}`, { token: stranger.token }),
      await client.post(`/api/v1/orders/${id}/pay`, { provider: 'sandbox' }, { token: stranger.token }),
      await client.post(`/api/v1/orders/${id}/cancel`, {}, { token: stranger.token }),
    ]) {
      expectError(answer, 404, 'not_found');
    }
    expectError(
      await client.post(`/api/v1/orders/${id}/pay`, { provider: 'barter' }, { token: mine.token }),
      400,
      'provider_unavailable',
    );
  });

  it('grants nothing for a failed, forged or mismatched payment', async () => {
    const { token, id: owner } = await client.newUser();
    const id = (await subscribe(token)).body.data.order_id;
    expect((await client.cashier(id, { action: 'fail' })).body.status).toBe('pending');
    expect((await client.cashier(id, { action: 'pay', amount: '1.00' })).body.status).toBe('pending');
    const forged = await client.post(
      '/api/v1/payments/sandbox/notify',
      { transaction_id: 't', order_id: id, amount: '490.00', currency: 'CNY', state: 'paid' },
      { headers: { 'X-Sandbox-Signature': `t=${Math.floor(Date.now() / 1000)},v1=${'0'.repeat(64)}` } },
    );
    expectError(forged, 400, 'signature_invalid');
    expect((await client.get('/api/v1/membership/me', { token })).body.data.status).toBe('none');
    const rows = await bindings.DB_DEFAULT.prepare('select state from payments where order_id = ?')
      .bind(id)
      .all();
    expect(rows.results).toEqual([{ state: 'mismatched' }]);
    expect(owner).toMatch(/^u_/);
  });

  it('grants once for twenty notifications of one payment, and keeps a second payment aside', async () => {
    const { token } = await client.newUser();
    const id = (await subscribe(token)).body.data.order_id;
    const paid = await client.cashier(id, { action: 'pay', times: '20', transaction_id: `tx-${id}` });
    expect(paid.body.answers).toEqual(Array(20).fill(200));
    const end = (await client.get('/api/v1/membership/me', { token })).body.data.expired_at;
    expect((await client.cashier(id, { action: 'pay' })).body.answers).toEqual([200]);
    expect((await client.get('/api/v1/membership/me', { token })).body.data.expired_at).toBe(end);
    const rows = await bindings.DB_DEFAULT.prepare(
      'select state from payments where order_id = ? order by id',
    )
      .bind(id)
      .all();
    expect(rows.results).toEqual([{ state: 'applied' }, { state: 'surplus' }]);
    expect((await client.get('/api/v1/membership/history', { token })).body.data.total).toBe(1);
  });

  it('extends from the end when the same plan is bought again', async () => {
    const { token } = await client.newUser();
    await client.buyPlan(token, 'plan_basic', 'monthly');
    const first = (await client.get('/api/v1/membership/me', { token })).body.data;
    await client.buyPlan(token, 'plan_basic', 'monthly');
    const second = (await client.get('/api/v1/membership/me', { token })).body.data;
    expect(second.started_at).toBe(first.started_at);
    expect(Date.parse(second.expired_at)).toBeGreaterThan(Date.parse(first.expired_at));
    const { items } = (await client.get('/api/v1/membership/history', { token })).body.data;
    expect(items.map(({ action }: { action: string }) => action)).toEqual(['renew', 'subscribe']);
    for (const _ of [1, 2]) await client.buyPlan(token, 'plan_basic', 'yearly');
    expectError(await subscribe(token), 409, 'membership_too_long');
  });

  it('gives what costs nothing once, at once, also when it is asked for ten times at once', async () => {
    const admin = await client.admin();
    const body = { name: 'Gift', type: 'personal', price_monthly: '0.00' };
    const { plan_id } = (await client.post('/admin/v1/membership/plans', body, { token: admin })).body.data;
    const { token } = await client.newUser();
    const wish = { plan_id, period: 'monthly' };
    const answers = await Promise.all(Array.from({ length: 10 }, () => subscribe(token, wish)));
    for (const { status } of answers) expect([200, 409]).toContain(status);
    const { items } = (await client.get('/api/v1/orders', { token })).body.data;
    expect(items.filter((order: { status: string }) => order.status === 'pending')).toEqual([]);
    const me = (await client.get('/api/v1/membership/me', { token })).body.data;
    expect(me).toMatchObject({ status: 'active', plan_id });
    const paid = items.filter((order: { status: string }) => order.status === 'paid').length;
    expect((await client.get('/api/v1/membership/history', { token })).body.data.total).toBe(paid);
  });

  it('stays cancelled through a renewal', async () => {
    const { token } = await client.newUser();
    await client.buyPlan(token, 'plan_basic', 'monthly');
    await client.post('/api/v1/membership/cancel', {}, { token });
    await client.buyPlan(token, 'plan_basic', 'monthly');
    expect((await client.get('/api/v1/membership/me', { token })).body.data).toMatchObject({
      status: 'cancelled',
      auto_renew: false,
    });
  });

  it('answers every copy of a payment that is kept aside', async () => {
    const { token } = await client.newUser();
    const id = (await subscribe(token)).body.data.order_id;
    const copies = await client.cashier(id, {
      action: 'pay',
      amount: '1.00',
      times: '8',
      transaction_id: `mis-${id}`,
    });
    expect(copies.body).toMatchObject({ status: 'pending', answers: Array(8).fill(200) });
  });

  it('takes no money for an order that a changed membership has made void', async () => {
    const { token, id: owner } = await client.newUser();
    const id = (await subscribe(token)).body.data.order_id;
    await bindings.DB_DEFAULT.prepare(
      "insert into holdings (owner, program, version, created_at, updated_at) values (?, 'token', 7, 0, 0)",
    )
      .bind(owner)
      .run();
    expect((await client.cashier(id, { action: 'pay' })).body).toMatchObject({
      status: 'closed',
      answers: [200],
    });
    expectError(
      await client.post(`/api/v1/orders/${id}/pay`, { provider: 'sandbox' }, { token }),
      409,
      'order_not_payable',
    );
  });

  it('pays or cancels, never both', async () => {
    const { token } = await client.newUser();
    for (let round = 0; round < 4; round += 1) {
      const id = (await subscribe(token)).body.data.order_id;
      const [pay, cancel] = await Promise.all([
        client.post(`/api/v1/orders/${id}/pay`, { provider: 'sandbox' }, { token }),
        client.post(`/api/v1/orders/${id}/cancel`, {}, { token }),
      ]);
      expect(cancel.status).toBe(200);
      const { results } = await bindings.DB_DEFAULT.prepare(
        'select state from payment_attempts where order_id = ?',
      )
        .bind(id)
        .all();
      expect(results).toEqual(pay.status === 200 ? [{ state: 'cancelled' }] : []);
    }
  });
});
