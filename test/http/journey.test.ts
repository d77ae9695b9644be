import { describe, expect, it } from 'vitest';
import { Client, expectError } from '../support/client.ts';
import { runCron } from '../support/doors.ts';

/** The README's tour and more, over HTTP, in the real runtime, with nothing faked but the money. */
describe('one member’s journey', () => {
  const client = new Client();

  it('goes from the public key to an expired membership', async () => {
    const registered = await client.register({ email: 'Traveller@Example.com', phone: '13800138000' });
    expect(registered.status).toBe(201);
    expect(registered.body).toEqual({
      code: 0,
      data: {
        user_id: expect.stringMatching(/^u_[0-9A-Z]{26}$/),
        email: 'Traveller@Example.com',
        user_type: 'personal',
        created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      },
    });

    const signedIn = await client.login('traveller@example.COM');
    expect(signedIn.body.data).toMatchObject({ token_type: 'Bearer', expires_in: 600 });
    let token: string = signedIn.body.data.access_token;
    const signInAgain = async () => {
      token = (await client.login('13800138000')).body.data.access_token;
    };

    expect((await client.get('/api/v1/users/me', { token })).body.data).toMatchObject({
      phone: '138****8000',
      email_verified: false,
      realname_verified: false,
      membership_level: 'free',
      membership_expires_at: null,
    });

    // An API key on the free plan.
    const { key } = await client.newApiKey(token);
    const free = await client.get('/api/v1/quota', { token: key });
    expect(
      free.body.data.limits.map((one: { metric: string; limit: number }) => [one.metric, one.limit]),
    ).toEqual([
      ['tpm', 10_000],
      ['tpd', 100_000],
    ]);

    // Subscribe and pay.
    const plans = await client.get('/api/v1/membership/plans');
    expect(plans.body.data.items.map((plan: { plan_id: string }) => plan.plan_id)).toContain('plan_basic');
    const ordered = await client.post(
      '/api/v1/membership/subscribe',
      { plan_id: 'plan_basic', period: 'yearly', auto_renew: true, voucher_id: null },
      { token },
    );
    expect(ordered.body.data).toMatchObject({
      plan_name: '基础版(年付)',
      original_amount: '490.00',
      discount_amount: '0.00',
      final_amount: '490.00',
      currency: 'CNY',
      payment: { providers: ['wallet', 'sandbox'] },
    });
    const orderId = ordered.body.data.order_id;
    expect((await client.get('/api/v1/membership/me', { token })).body.data.status).toBe('none');
    const started = await client.post(`/api/v1/orders/${orderId}/pay`, { provider: 'sandbox' }, { token });
    expect(started.body.data.parameters.pay_url).toContain(`/dev/cashier/${orderId}`);
    const paid = await client.cashier(orderId, { action: 'pay', times: '5' });
    expect(paid.body).toEqual({ order_id: orderId, status: 'paid', answers: [200, 200, 200, 200, 200] });

    const membership = (await client.get('/api/v1/membership/me', { token })).body.data;
    expect(membership).toMatchObject({
      plan_id: 'plan_basic',
      plan_name: '基础版',
      plan_type: 'personal',
      status: 'active',
      period: 'yearly',
      auto_renew: true,
      scheduled: null,
      effective_benefits: {
        tpm: 100_000,
        tpd: 2_000_000,
        token_discount: '20%',
        priority: 'P1',
        member_seats: null,
      },
    });
    const lastSecond = Date.parse(membership.expired_at);
    expect(new Date(lastSecond + 1000).getUTCFullYear()).toBe(
      new Date(Date.parse(membership.started_at)).getUTCFullYear() + 1,
    );
    const history = await client.get('/api/v1/membership/history', { token });
    expect(history.body.data).toMatchObject({
      total: 1,
      items: [{ action: 'subscribe', amount: '490.00', order_id: orderId, period: 'yearly' }],
    });

    // Spend: reserve, settle, read, and the 429 that names the limit.
    const model = 'gpt-4o';
    const held = await client.post('/api/v1/quota/reservations', { tokens: 60_000, model }, { token: key });
    expect(held.status).toBe(201);
    expect(held.body.data).toMatchObject({ tokens: 60_000, priority: 'P1', token_discount: '20%' });
    const reservation = `/api/v1/quota/reservations/${held.body.data.reservation_id}`;
    const settled = await client.post(`${reservation}/settle`, { tokens: 50_000 }, { token: key });
    expect(settled.body.data).toMatchObject({ reserved: 60_000, settled: 50_000, status: 'settled' });
    const quota = (await client.get('/api/v1/quota', { token: key })).body.data;
    expect(quota.limits[0]).toMatchObject({ scope: 'member', metric: 'tpm', used: 50_000, reserved: 0 });
    const refused = await client.post(
      '/api/v1/quota/reservations',
      { tokens: 50_001, model },
      { token: key },
    );
    expectError(refused, 429, 'quota_exceeded');
    expect(refused.body.data).toMatchObject({
      scope: 'member',
      metric: 'tpm',
      limit: 100_000,
      used: 50_000,
      reserved: 0,
      requested: 50_001,
    });
    const wait = Number(refused.headers.get('Retry-After'));
    expect(wait).toBeGreaterThanOrEqual(1);
    expect(wait).toBeLessThanOrEqual(61);

    // Cancel keeps the benefits.
    const cancelled = await client.post('/api/v1/membership/cancel', { reason: '暂时不需要了' }, { token });
    expect(cancelled.body.data).toEqual({
      status: 'cancelled',
      auto_renew: false,
      valid_until: membership.expired_at,
      message: `Your benefits stay until ${membership.expired_at.slice(0, 10)}.`,
    });
    const again = await client.post(
      '/api/v1/membership/cancel',
      {},
      { token, headers: { 'Accept-Language': 'zh-CN' } },
    );
    expect(again.body.data.message).toBe(`您的会员权益将保留至 ${membership.expired_at.slice(0, 10)}`);
    expect((await client.get('/api/v1/membership/me', { token })).body.data).toMatchObject({
      status: 'cancelled',
      auto_renew: false,
      effective_benefits: { tpm: 100_000 },
    });

    // It counts to its end (to the second: test/modules/commerce/rules), and is over then, before any cron.
    await setClock(lastSecond - 120_000);
    await signInAgain();
    expect((await client.get('/api/v1/membership/me', { token })).body.data.status).toBe('cancelled');
    await setClock(lastSecond + 1000);
    const ended = (await client.get('/api/v1/membership/me', { token })).body.data;
    expect(ended).toMatchObject({
      status: 'expired',
      plan_id: 'plan_basic',
      effective_benefits: { tpm: 10_000 },
    });
    expect((await client.get('/api/v1/quota', { token: key })).body.data.limits[0].limit).toBe(10_000);

    // Cron writes the history and a mail, once.
    await runCron('*/5 * * * *');
    await runCron('');
    await runCron('no such expression');
    const events = (await client.get('/api/v1/membership/history', { token })).body.data;
    expect(events.items.map((one: { action: string }) => one.action)).toEqual([
      'expired',
      'cancel',
      'subscribe',
    ]);
    const mails = await client.get('/dev/mailbox?to=traveller@example.com', {
      headers: { Accept: 'application/json' },
    });
    expect(mails.body.items).toHaveLength(1);
    expect(mails.body.items[0].subject).toContain('基础版');
  });

  it('lets an admin create and update plans with the seed’s own bodies; a changed tpm counts at once', async () => {
    const token = await client.admin();
    const body = {
      name: '企业标准版',
      type: 'enterprise',
      price_monthly: '999.00',
      price_yearly: '9990.00',
      currency: 'CNY',
      benefits: [
        { key: 'tpm', value: 2000000, desc: '每分钟 200万 Token' },
        { key: 'member_seats', value: 50, desc: '50个成员席位' },
        { key: 'priority', value: 'P0', desc: '队列最高优先级' },
      ],
    };
    const created = await client.post('/admin/v1/membership/plans', body, { token });
    expect(created.body.data).toEqual({
      ...body,
      plan_id: expect.stringMatching(/^plan_/),
      status: 'active',
    });

    const member = await client.newUser();
    const { key } = await client.newApiKey(member.token);
    await client.buyPlan(member.token, 'plan_basic');
    const limit = async () => (await client.get('/api/v1/quota', { token: key })).body.data.limits[0].limit;
    expect(await limit()).toBe(100_000);
    const benefits = [{ key: 'tpm', value: 123_456, desc: '每分钟' }];
    const updated = await client.put('/admin/v1/membership/plans/plan_basic', { benefits }, { token });
    expect(updated.status).toBe(200);
    expect(updated.body.data).toMatchObject({
      name: '基础版',
      price_monthly: '49.00',
      benefits,
      pushed: { of: 1, applied: 1 },
    });
    expect(await limit()).toBe(123_456);
    expect((await client.get('/api/v1/membership/plans/plan_basic')).body.data.benefits).toEqual(benefits);

    expectError(await client.post('/admin/v1/membership/plans', body), 401, 'unauthenticated');
    expectError(
      await client.post('/admin/v1/membership/plans', body, { token: member.token }),
      403,
      'forbidden',
    );
  });

  it('refuses a deleted key from the next request on', async () => {
    const member = await client.newUser();
    const { id, key } = await client.newApiKey(member.token);
    expect(
      (await client.post('/api/v1/quota/consume', { tokens: 1, request_id: 'a' }, { token: key })).status,
    ).toBe(200);
    expect((await client.delete(`/api/v1/users/me/apikeys/${id}`, { token: member.token })).status).toBe(200);
    expectError(
      await client.post('/api/v1/quota/consume', { tokens: 1, request_id: 'b' }, { token: key }),
      401,
      'unauthenticated',
    );
    expectError(
      await client.delete(`/api/v1/users/me/apikeys/${id}`, { token: member.token }),
      404,
      'not_found',
    );
  });

  async function setClock(at: number): Promise<void> {
    const moved = await client.put('/dev/clock', { at: new Date(at).toISOString() });
    expect(moved.status).toBe(200);
  }
});
