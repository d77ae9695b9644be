import { beforeAll, describe, expect, it } from 'vitest';
import { expectError } from '../support/client.ts';
import { accept, type Company, invited, newOwner, newVerifiedEnterprise } from '../support/enterprises.ts';
import { Buyer, dataOf, expectLedgerSums, Shop } from '../support/money.ts';

const DAY = 86_400;
const shop = new Shop();
let company: Company;
let owner: Buyer;

async function join(buyer: Buyer, role = 'member'): Promise<void> {
  const invitation = await invited(shop.client, await owner.token(), buyer.email, role);
  dataOf(await accept(shop.client, await buyer.token(), invitation));
}
const leave = async (buyer: Buyer) => dataOf(await buyer.delete('/api/v1/enterprise/members/me'));
const endOf = async (buyer: Buyer) => Date.parse((await buyer.me()).expired_at) + 1000;

beforeAll(async () => {
  await shop.open('2027-02-01T00:00:00Z');
  company = await newVerifiedEnterprise(shop.client, await (await shop.admin()).token());
  owner = new Buyer(shop, company.owner);
});

describe('an enterprise plan', () => {
  it('is not for personal users, nor for an enterprise that nobody verified', async () => {
    const person = await shop.buyer();
    expectError(await person.subscribe('plan_enterprise'), 403, 'enterprise_plan_forbidden');
    const other = new Buyer(shop, await newOwner(shop.client));
    expectError(await other.subscribe('plan_enterprise'), 403, 'enterprise_plan_forbidden');
    expectError(await other.subscribe('plan_basic'), 409, 'personal_plan_forbidden');
  });

  it('is bought, renewed and cancelled by owner and admins, from the wallet that they top up', async () => {
    const [admin, member] = [await shop.buyer(), await shop.buyer()];
    await join(admin, 'admin');
    await join(member);
    const topup = dataOf(await admin.post('/api/v1/wallet/topups', { amount: '2000.00' }));
    expect(topup.payment.providers).toEqual(['sandbox']);
    await owner.settle(topup.order_id);
    expect(await admin.wallet()).toEqual({ balance: '2000.00', debt: '0.00' });
    const ordered = await admin.ordered('plan_enterprise', 'monthly', { auto_renew: true });
    for (const path of ['wallet', 'wallet/entries']) {
      expectError(await member.get(`/api/v1/${path}`), 403, 'forbidden');
      expectError(await member.get(`/api/v1/${path}?owner=${company.id}`), 403, 'forbidden');
      expect((await member.get(`/api/v1/${path}?owner=${member.id}`)).status).toBe(200);
    }
    expectError(await (await shop.buyer()).get(`/api/v1/wallet?owner=${company.id}`), 404, 'not_found');
    expectError(await member.pay(ordered.order_id), 404, 'not_found');
    dataOf(await owner.pay(ordered.order_id));
    expect(await owner.wallet()).toEqual({ balance: '1001.00', debt: '0.00' });

    expectError(await member.post('/api/v1/wallet/topups', { amount: '1.00' }), 403, 'forbidden');
    expectError(await member.subscribe('plan_enterprise'), 403, 'enterprise_plan_forbidden');
    expectError(await member.renew(), 403, 'forbidden');
    for (const act of ['cancel', 'resume']) {
      expectError(await member.post(`/api/v1/membership/${act}`), 403, 'forbidden');
    }
    expectError(await member.delete('/api/v1/membership/scheduled'), 403, 'forbidden');
    for (const one of [member, admin, owner]) {
      expectError(await one.subscribe('plan_basic'), 409, 'personal_plan_forbidden');
      expect(await one.me()).toMatchObject({ plan_id: 'plan_enterprise', plan_type: 'enterprise' });
    }
    expect(await member.orders()).toEqual([]);

    dataOf(await admin.post('/api/v1/membership/cancel'));
    expect((await owner.me()).status).toBe('cancelled');
    dataOf(await owner.post('/api/v1/membership/resume'));
    const renewal = dataOf(await admin.renew());
    dataOf(await admin.pay(renewal.order_id));
    expect(await owner.actions()).toEqual(['renew', 'cancel', 'subscribe']);
    expect((await owner.wallet()).balance).toBe('2.00');
    expect(await shop.detail(renewal.order_id)).toMatchObject({ user_id: admin.id, owner: company.id });
    const audit = dataOf(await (await shop.admin()).get(`/admin/v1/audit-logs?target=${company.id}`));
    const actions = audit.items.map(({ action }: { action: string }) => action).join(' ');
    for (const act of ['topup_ordered', 'plan_ordered', 'order_paid', 'membership_cancelled']) {
      expect(actions).toContain(act);
    }
    await leave(member);
    await leave(admin);
    expect((await admin.get(`/api/v1/orders/${renewal.order_id}`)).status).toBe(404);
    expect(await admin.wallet()).toEqual({ balance: '0.00', debt: '0.00' });
    await expectLedgerSums();
  });

  it('whose owner is frozen buys, pays and cancels nothing', async () => {
    const { order_id } = await owner.ordered('plan_enterprise');
    const admin = await shop.buyer();
    await join(admin, 'admin');
    dataOf(
      await (await shop.admin()).put(`/admin/v1/users/${owner.id}/status`, { status: 'frozen', reason: 'x' }),
    );
    expectError(await admin.subscribe('plan_enterprise'), 403, 'enterprise_frozen');
    expectError(await admin.pay(order_id, 'sandbox'), 403, 'enterprise_frozen');
    expectError(await admin.cancelOrder(order_id), 403, 'enterprise_frozen');
    expectError(await admin.post('/api/v1/wallet/topups', { amount: '1.00' }), 403, 'enterprise_frozen');
    expect((await admin.get('/api/v1/wallet')).status).toBe(200);
    dataOf(
      await (await shop.admin()).put(`/admin/v1/users/${owner.id}/status`, { status: 'active', reason: 'x' }),
    );
  });
});

describe('a personal plan of somebody who joins an enterprise', () => {
  it('waits from joining to leaving: two events, and an end that is later by exactly that long', async () => {
    const buyer = await shop.buyer();
    await shop.fund(buyer, '490.00');
    await buyer.buy('plan_basic', 'monthly', { auto_renew: true });
    await buyer.settle(dataOf(await buyer.renew('yearly')).order_id);
    const end = await endOf(buyer);
    await shop.pass(5 * DAY + 7);
    await join(buyer);
    expect((await buyer.me()).plan_id).toBe('plan_enterprise');
    // Past what would have been its end nothing happens to what waits.
    await shop.at(end + 10_000);
    await shop.cron();
    await shop.pass(40 * DAY + 3);
    const before = await buyer.mails();
    await shop.cron();
    expect(before.filter((subject) => subject.includes('基础版'))).toEqual([]);
    const left = await shop.now();
    await leave(buyer);
    const joined = Date.parse('2027-02-06T00:00:07Z');
    expect(await endOf(buyer)).toBe(end + left - joined);
    expect(await buyer.me()).toMatchObject({ status: 'active', plan_id: 'plan_basic', auto_renew: true });
    expect((await buyer.wallet()).balance).toBe('490.00');
    const events = await buyer.history();
    expect(events.map(({ action }: { action: string }) => action)).toEqual([
      'unpause',
      'pause',
      'renew',
      'subscribe',
    ]);
    expect(events[0]).toMatchObject({ amount: '0.00', expired_at: (await buyer.me()).expired_at });
    expect(Date.parse(events[0].created_at) - Date.parse(events[1].created_at)).toBe(left - joined);
    // It renews by itself again, a day before its new end.
    await shop.at(end + left - joined - DAY * 1000);
    await shop.cron();
    expect((await buyer.history())[0]).toMatchObject({ action: 'renew', auto: true, amount: '490.00' });
  });

  it('has its open order closed, whose voucher is free again; paid late all the same, it goes back', async () => {
    const buyer = await shop.buyer();
    const voucher_id = await shop.voucher(buyer);
    const { order_id } = await buyer.ordered('plan_basic', 'monthly', { voucher_id });
    await join(buyer);
    expect(await shop.detail(order_id)).toMatchObject({ status: 'closed', closed_reason: 'changed' });
    expect(await buyer.vouchers()).toEqual(['unused']);
    await shop.client.cashier(order_id, { action: 'pay' });
    expect(await shop.detail(order_id)).toMatchObject({
      status: 'closed',
      payments: [{ state: 'refunded', refunded_amount: '29.00' }],
    });
    expect(await buyer.vouchers()).toEqual(['unused']);
    await leave(buyer);
    expect((await buyer.me()).status).toBe('none');
  });

  it('moves up what comes later when an order of it is refunded while it waits', async () => {
    const buyer = await shop.buyer();
    const first = await buyer.buy('plan_basic');
    await buyer.settle(dataOf(await buyer.renew()).order_id);
    await shop.pass(DAY);
    await join(buyer);
    await shop.pass(DAY);
    dataOf(await shop.refund(first));
    await shop.pass(DAY);
    await leave(buyer);
    const me = await buyer.me();
    expect(me).toMatchObject({ status: 'active', plan_id: 'plan_basic' });
    const length = (Date.parse(me.expired_at) + 1000 - (await shop.now())) / 86_400_000;
    expect(length).toBeGreaterThanOrEqual(28);
    expect(length).toBeLessThanOrEqual(31);
  });
});
