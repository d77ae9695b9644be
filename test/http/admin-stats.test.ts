import { env } from 'cloudflare:test';
import { describe, expect, it } from 'vitest';
import { Client, expectError } from '../support/client.ts';

const bindings = env as unknown as { DB_CN: D1Database };

describe('statistics', () => {
  // Asia/Shanghai: its days begin at 16:00Z of the day before.
  const client = new Client({ site: 'cn' });

  it('count members by plan and state, and money by local day', async () => {
    const [kept, left, gone] = [await client.newUser(), await client.newUser(), await client.newUser()];
    const orders: string[] = [];
    for (const user of [kept, left, gone])
      orders.push(await client.buyPlan(user.token, 'plan_basic', 'monthly'));
    orders.push(await client.buyPlan(kept.token, 'plan_basic', 'yearly'));
    await client.post('/api/v1/membership/cancel', {}, { token: left.token });
    const db = bindings.DB_CN;
    await db.prepare('update grants set from_at = 0, until_at = 1 where owner = ?').bind(gone.id).run();
    const paidAt = [
      '2024-01-31T15:59:59Z',
      '2024-01-31T16:00:00Z',
      '2024-02-01T15:59:59Z',
      '2024-02-01T16:00:00Z',
    ];
    for (const [index, id] of orders.entries()) {
      await db
        .prepare('update orders set paid_at = ? where id = ?')
        .bind(Date.parse(paidAt[index] ?? ''), id)
        .run();
    }

    const token = await client.admin();
    const stats = async (query: string) => (await client.get(`/admin/v1/stats${query}`, { token })).body.data;
    const { members, currency, revenue } = await stats('?from=2024-01-31&to=2024-02-02');
    expect(members).toEqual([
      { plan_id: 'plan_basic', status: 'active', count: 1 },
      { plan_id: 'plan_basic', status: 'cancelled', count: 1 },
      { plan_id: 'plan_basic', status: 'expired', count: 1 },
    ]);
    expect(currency).toBe('CNY');
    expect(revenue).toEqual([
      { day: '2024-01-31', orders: 1, amount: '49.00', refunded_amount: '0.00' },
      { day: '2024-02-01', orders: 2, amount: '98.00', refunded_amount: '0.00' },
      { day: '2024-02-02', orders: 1, amount: '490.00', refunded_amount: '0.00' },
    ]);
    expect((await stats('?from=2024-02-01&to=2024-02-01')).revenue).toHaveLength(1);
    expect((await stats('')).revenue).toEqual([]);

    for (const query of [
      '?from=2024-02-02&to=2024-02-01',
      '?from=2020-01-01&to=2024-01-01',
      '?from=yesterday',
    ]) {
      expectError(await client.get(`/admin/v1/stats${query}`, { token }), 400, 'invalid_input');
    }
    expectError(await client.get('/admin/v1/stats', { token: kept.token }), 403, 'forbidden');
  });
});
