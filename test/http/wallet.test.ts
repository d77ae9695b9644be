import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { expectError } from '../support/client.ts';
import { type Buyer, dataOf, db, expectLedgerSums, faultsOf, Shop } from '../support/money.ts';

const shop = new Shop();

const adjust = async (owner: { id: string }, fields: object) =>
  (await shop.admin()).post(`/admin/v1/wallets/${owner.id}/adjust`, {
    asset: 'CNY',
    amount: '10.00',
    reason: 'a test',
    reference: crypto.randomUUID(),
    ...fields,
  });
const entries = async (buyer: Buyer, query = '') =>
  dataOf(await buyer.get(`/api/v1/wallet/entries?page_size=100${query}`)).items;
const booked = async (buyer: Buyer): Promise<string[][]> =>
  (await entries(buyer)).map((one: Record<string, string>) => [one.reason, one.amount, one.balance_after]);

/** All that money is written in. */
async function everything(): Promise<unknown> {
  const tables = [
    'orders',
    'payments',
    'refunds',
    'wallet_entries',
    'wallet_balances',
    'grants',
    'holding_events',
  ];
  return Promise.all(tables.map(async (table) => (await db.prepare(`select * from ${table}`).all()).results));
}

beforeAll(async () => {
  await shop.open('2027-02-01T00:00:00Z');
});
afterEach(expectLedgerSums);

describe('a top-up', () => {
  it('is an order that is paid at a provider, not by wallet, and without a voucher', async () => {
    const buyer = await shop.buyer();
    const voucher_id = await shop.voucher(buyer);
    await shop.fund(buyer, '1000.00');
    const body = { amount: '100.5', voucher_id };
    const order = dataOf(await buyer.post('/api/v1/wallet/topups', body));
    expect(order).toMatchObject({
      program: 'wallet',
      kind: 'topup',
      status: 'pending',
      plan_id: null,
      period: null,
      original_amount: '100.50',
      discount_amount: '0.00',
      final_amount: '100.50',
      currency: 'CNY',
      voucher_id: null,
      payment: { providers: ['sandbox'] },
    });
    expect(await buyer.vouchers()).toEqual(['unused']);
    expectError(await buyer.pay(order.order_id, 'wallet'), 400, 'provider_unavailable');
    dataOf(await buyer.pay(order.order_id, 'sandbox'));
    expect((await shop.client.cashier(order.order_id, { action: 'pay', times: '20' })).body.status).toBe(
      'paid',
    );
    expect(await booked(buyer)).toEqual([
      ['topup', '100.50', '1100.50'],
      ['adjustment', '1000.00', '1000.00'],
    ]);
    expect((await entries(buyer))[0]).toEqual({
      entry_id: expect.stringMatching(/^we_/),
      asset: 'CNY',
      amount: '100.50',
      balance_after: '1100.50',
      reason: 'topup',
      reference: order.order_id,
      created_at: '2027-02-01T00:00:00Z',
    });
    expect(await buyer.wallet()).toEqual({ balance: '1100.50', debt: '0.00' });
  });

  it.each([['0.00'], ['-1.00'], ['1.001'], ['1e3'], [''], [5], [null], ['99999999999.00']])(
    'of %o is refused, naming the field',
    async (amount) => {
      const refused = await (await shop.buyer()).post('/api/v1/wallet/topups', { amount });
      expectError(refused, 400, 'invalid_input');
      expect(Object.keys(faultsOf(refused)).join()).toContain('amount');
    },
  );

  it('does not close another one, nor an order of a plan', async () => {
    const buyer = await shop.buyer();
    const { order_id: plan } = await buyer.ordered('plan_basic');
    const amount = '5.00';
    const [one, two] = [
      dataOf(await buyer.post('/api/v1/wallet/topups', { amount })),
      dataOf(await buyer.post('/api/v1/wallet/topups', { amount })),
    ];
    for (const id of [plan, one.order_id, two.order_id])
      expect((await buyer.order(id)).status).toBe('pending');
    for (const { order_id } of [two, one]) await buyer.settle(order_id);
    expect((await buyer.wallet()).balance).toBe('10.00');
    expect((await buyer.order(plan)).status).toBe('pending');
    // After half an hour it is not payable any more, as every order.
    const late = dataOf(await buyer.post('/api/v1/wallet/topups', { amount }));
    await shop.pass(1800);
    expectError(await buyer.pay(late.order_id, 'sandbox'), 409, 'order_not_payable');
    await shop.cron();
    expect((await buyer.order(late.order_id)).status).toBe('closed');
  });
});

describe('an adjustment', () => {
  it('books up and down, of every asset, once for each reference', async () => {
    const buyer = await shop.buyer();
    dataOf(await adjust(buyer, { amount: '10.00', reference: 'first' }));
    const again = await adjust(buyer, { amount: '7.00', reference: 'first', reason: 'another' });
    expectError(again, 409, 'wallet_duplicate');
    dataOf(await adjust(buyer, { amount: '-4.00', reference: 'second' }));
    expectError(await adjust(buyer, { amount: '-6.01' }), 409, 'wallet_short');
    for (const asset of ['EOC', 'ELC', 'points']) dataOf(await adjust(buyer, { asset, amount: '3.00' }));
    expectError(await adjust(buyer, { asset: 'EOC', amount: '-3.01' }), 409, 'wallet_short');
    const { items, debt } = dataOf(await buyer.get('/api/v1/wallet'));
    const have = Object.fromEntries(items.map((one: Record<string, string>) => [one.asset, one.balance]));
    expect(have).toEqual({ CNY: '6.00', EOC: '3.00', ELC: '3.00', points: '3.00' });
    expect(debt).toBe('0.00');
    expect(await entries(buyer, '&asset=EOC')).toMatchObject([{ asset: 'EOC', amount: '3.00' }]);
    expect((await entries(buyer, '&asset=CNY')).map((one: { amount: string }) => one.amount)).toEqual([
      '-4.00',
      '10.00',
    ]);
  });

  it('is listed by asset; an unknown one is refused', async () => {
    const buyer = await shop.buyer();
    expect(await entries(buyer, '&asset=ELC')).toEqual([]);
    expectError(await buyer.get('/api/v1/wallet/entries?asset=XYZ'), 400, 'invalid_input');
  });

  it('happens once, of twenty at once with one reference', async () => {
    const buyer = await shop.buyer();
    const answers = await Promise.all(Array.from({ length: 20 }, () => adjust(buyer, { reference: 'same' })));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    for (const answer of answers) if (answer.status !== 200) expectError(answer, 409, 'wallet_duplicate');
    expect((await buyer.wallet()).balance).toBe('10.00');
    const down = await Promise.all(Array.from({ length: 20 }, () => adjust(buyer, { amount: '-3.00' })));
    expect(down.filter(({ status }) => status === 200)).toHaveLength(3);
    expect((await buyer.wallet()).balance).toBe('1.00');
  });

  it('is an admin’s, and refused where anything is wrong', async () => {
    const buyer = await shop.buyer();
    expectError(await buyer.post(`/admin/v1/wallets/${buyer.id}/adjust`, {}), 403, 'forbidden');
    for (const [fields, field] of [
      [{ asset: 'USD' }, 'asset'],
      [{ amount: '0.00' }, 'amount'],
      [{ amount: '-0' }, 'amount'],
      [{ amount: '+1.00' }, 'amount'],
      [{ amount: '--1.00' }, 'amount'],
      [{ amount: '1.005' }, 'amount'],
      [{ amount: 1 }, 'amount'],
      [{ reason: '' }, 'reason'],
      [{ reference: '' }, 'reference'],
      [{ reference: undefined }, 'reference'],
    ] as const) {
      const refused = await adjust(buyer, fields);
      expectError(refused, 400, 'invalid_input');
      expect(Object.keys(faultsOf(refused))).toContain(field);
    }
    expectError(await adjust({ id: 'u_01ARZ3NDEKTSV4RRFFQ69G5FAV' }, {}), 404, 'not_found');
    expectError(await adjust({ id: 'ent_none' }, {}), 404, 'not_found');
    expect(await entries(buyer)).toEqual([]);
    dataOf(await adjust(buyer, { reference: 'kept' }));
    const audit = dataOf(await (await shop.admin()).get(`/admin/v1/audit-logs?target=${buyer.id}`)).items;
    expect(audit).toMatchObject([
      { action: 'wallet.adjusted', detail: { amount: '10.00', reference: 'kept' } },
    ]);
  });
});

describe('paying from the wallet', () => {
  it('with too little is refused, and writes nothing', async () => {
    const buyer = await shop.buyer();
    await shop.fund(buyer, '48.99');
    const { order_id, payment } = await buyer.ordered('plan_basic');
    expect(payment.providers).toEqual(['wallet', 'sandbox']);
    const before = await everything();
    expectError(await buyer.pay(order_id), 409, 'wallet_short');
    expect(await everything()).toEqual(before);
    await shop.fund(buyer, '0.01');
    expect(dataOf(await buyer.pay(order_id))).toMatchObject({ order_id, provider: 'wallet' });
    expect(await buyer.order(order_id)).toMatchObject({
      status: 'paid',
      provider: 'wallet',
      paid_amount: '49.00',
    });
    expect((await buyer.me()).status).toBe('active');
    expect((await booked(buyer))[0]?.slice(1)).toEqual(['-49.00', '0.00']);
  });

  it('happens once, of twenty at once', async () => {
    const buyer = await shop.buyer();
    await shop.fund(buyer, '1000.00');
    const { order_id } = await buyer.ordered('plan_basic');
    const answers = await Promise.all(Array.from({ length: 20 }, () => buyer.pay(order_id)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    for (const answer of answers) expect([200, 409]).toContain(answer.status);
    expect(await buyer.wallet()).toEqual({ balance: '951.00', debt: '0.00' });
    expect(await buyer.actions()).toEqual(['subscribe']);
    expect((await shop.detail(order_id)).payments).toHaveLength(1);
  });

  it('meets a payment at the provider at the same moment: the order is paid once', async () => {
    const buyer = await shop.buyer();
    await shop.fund(buyer, '49.00');
    const { order_id } = await buyer.ordered('plan_basic');
    dataOf(await buyer.pay(order_id, 'sandbox'));
    await Promise.all([buyer.pay(order_id), shop.client.cashier(order_id, { action: 'pay' })]);
    await shop.cron();
    const { payments, refunds, provider } = await shop.detail(order_id);
    const applied = payments.filter(({ state }: { state: string }) => state === 'applied');
    expect(applied).toMatchObject([{ provider }]);
    expect(refunds).toHaveLength(provider === 'wallet' ? 1 : 0);
    expect((await buyer.wallet()).balance).toBe(provider === 'wallet' ? '0.00' : '49.00');
    expect(await buyer.actions()).toEqual(['subscribe']);
  });
});
