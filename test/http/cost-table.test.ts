import { beforeAll, describe, expect, it } from 'vitest';
import { newEmail } from '../support/client.ts';
import { documented } from '../support/contract.ts';
import {
  COMPANY,
  mailedInvitation,
  newCreditCode,
  newIdCard,
  newMember,
  newOwner,
  newVerifiedEnterprise,
  REALNAME,
} from '../support/enterprises.ts';
import { type Buyer, dataOf, db, Shop } from '../support/money.ts';
import { Tour } from '../support/tour.ts';
import committed from './cost-table.txt?raw';

/**
 * What each operation asks of D1 where it goes well: round trips (a batch is one), queries, and rows that they read. The table
 * is committed: whoever makes one grow sees it here (`vitest run -u` writes it anew).
 */

const tour = new Tour();
const shop = new Shop(tour.client);
const { client } = tour;
const ask: Tour['ask'] = (id, how) => tour.ask(id, how);
let admin: { token: string };
let user: { token: string };
let me: Buyer;
let inviter: Buyer;

beforeAll(async () => {
  await shop.open('2027-02-01T06:00:00Z');
  inviter = await shop.buyer();
  me = await shop.buyer();
  await db.prepare('update users set inviter_id = ? where id = ?').bind(inviter.id, me.id).run();
  await shop.fund(me, '100000.00');
  await signIn();
});

async function signIn(): Promise<void> {
  admin = { token: await (await shop.admin()).token() };
  user = { token: await me.token() };
}

async function later(seconds: number): Promise<void> {
  await shop.pass(seconds);
  await signIn();
}

async function codeOf(email: string): Promise<string> {
  const { body } = await client.get(`/dev/mailbox?to=${encodeURIComponent(email)}`, {
    headers: { Accept: 'application/json' },
  });
  const mails: { text: string }[] = body.items;

  return mails.map(({ text }) => /\b\d{6}\b/.exec(text)?.[0]).find(Boolean) ?? '';
}

/** The table's rows: calls, queries and rows read, by operation. */
function costsIn(table: string): [id: string, cost: number[]][] {
  const rows = table.trim().split('\n').slice(1);
  return rows.map((row) => row.trim().split(/ +/)).map(([id = '', ...cells]) => [id, cells.map(Number)]);
}

/** Ids of one millisecond are in any order, which may be a row more or less to look at. */
function isSame([calls, queries, rows = 0]: number[], before: number[] = []): boolean {
  return calls === before[0] && queries === before[1] && Math.abs(rows - (before[2] ?? 0)) <= 2;
}

describe('what operations cost', () => {
  it('of people', async () => {
    await ask('getHealth');
    await ask('getCaptcha');
    await ask('getPublicKey');
    const email = newEmail();
    const password = 'Aa123456!';
    await ask('registerUser', {
      body: {
        user_type: 'personal',
        email,
        ...(await client.encrypt(password)),
        captcha_token: await client.captcha(),
      },
    });
    const signed = await ask('signIn', { body: { account: email, ...(await client.encrypt(password)) } });
    const next = await ask('refreshTokens', { body: { refresh_token: signed.refresh_token } });
    const token = next.access_token;
    await ask('getMe', { token });
    await ask('updateMe', { token });
    await ask('exportMe', { token });
    await ask('sendEmailCode', { token, body: { email, purpose: 'register' } });
    await ask('confirmEmail', { token, body: { purpose: 'register', email, code: await codeOf(email) } });
    const other = await client.login(email);
    const { items } = await ask('listSessions', { token });
    await ask('endSession', {
      token,
      ids: { session_id: items.find((one: { current: boolean }) => !one.current).session_id },
    });
    expect(other.status).toBe(200);
    const [old, fresh] = [await client.encrypt(password), await client.encrypt('Bb123456!')];
    await ask('changePassword', {
      token,
      body: { key_id: old.key_id, old_password: old.password, new_password: fresh.password },
    });
    await later(120);
    await ask('sendEmailCode', {
      body: { email, purpose: 'reset_password', captcha_token: await client.captcha() },
    });
    const { key_id, password: third } = await client.encrypt('Cc123456!');
    await ask('resetPassword', { body: { email, code: await codeOf(email), key_id, new_password: third } });
    const last = dataOf(await client.login(email, 'Cc123456!'));
    await ask('signOut', { token: dataOf(await client.login(email, 'Cc123456!')).access_token });
    await ask('deleteMe', { token: last.access_token, body: await client.encrypt('Cc123456!') });
    await ask('adminRotateRsaKeys', admin);
  });

  it('of verifications and enterprises', async () => {
    const { verification_id } = await ask('submitRealnameVerification', {
      ...user,
      body: { ...REALNAME, id_card: newIdCard() },
    });
    await ask('getRealnameVerification', user);
    await ask('adminListVerifications', admin);
    await ask('adminGetVerification', { ...admin, ids: { verification_id } });
    await ask('adminApproveVerification', { ...admin, ids: { verification_id }, body: {} });
    await ask('adminRevokeVerification', { ...admin, ids: { verification_id } });
    const owner = await newOwner(client);
    const papers = await ask('submitEnterpriseVerification', {
      token: owner.token,
      body: { ...COMPANY, credit_code: newCreditCode() },
    });
    await ask('adminRejectVerification', { ...admin, ids: papers });
    const company = await newVerifiedEnterprise(client, admin.token);
    const boss = { token: company.owner.token };
    await ask('getEnterpriseVerification', boss);
    await ask('getEnterpriseProfile', boss);
    await ask('updateEnterpriseProfile', boss);
    const invited = await shop.buyer();
    await ask('inviteMember', { ...boss, body: { email: invited.email } });
    await ask('acceptInvitation', {
      token: await invited.token(),
      body: { token: await mailedInvitation(client, invited.email) },
    });
    await client.post('/api/v1/enterprise/members/invite', { email: newEmail() }, boss);
    const { items } = await ask('listInvitations', boss);
    await ask('revokeInvitation', { ...boss, ids: items[0] });
    await ask('listEnterpriseMembers', boss);
    const ids = { member_id: invited.id };
    await ask('getMemberQuota', { ...boss, ids });
    await ask('setMemberQuota', { ...boss, ids, body: { tokens_per_day: 1000 } });
    await ask('setMemberRole', { ...boss, ids });
    const heir = await newMember(client, company);
    await ask('transferEnterprise', { ...boss, body: { member_id: heir.id } });
    await ask('removeMember', { token: heir.token, ids });
    await ask('listEnterprises', admin);
    await ask('getEnterprise', { ...admin, ids: { enterprise_id: company.id } });
  });

  it('of keys and quotas', async () => {
    const { key_id } = await ask('createApiKey', user);
    await ask('listApiKeys', user);
    await ask('updateApiKey', { ...user, ids: { key_id }, body: { allowed_ips: [], allowed_models: [] } });
    const { api_key: token } = await ask('rotateApiKey', { ...user, ids: { key_id } });
    await ask('getKeySelf', { token });
    await ask('getQuota', { token });
    await ask('consumeTokens', { token, body: { tokens: 10, request_id: 'a' } });
    const held = await ask('reserveTokens', { token, body: { tokens: 10 } });
    await ask('settleReservation', { token, ids: held, body: { tokens: 5 } });
    await ask('releaseReservation', {
      token,
      ids: await ask('reserveTokens', { token, body: { tokens: 10 } }),
    });
    await ask('getUsage', user);
    await ask('deleteApiKey', { ...user, ids: { key_id } });
  });

  it('of money and memberships', async () => {
    await ask('listPlans');
    await ask('getPlan', { ids: { plan_id: 'plan_basic' } });
    await ask('createPlan', admin);
    const type = await ask('createVoucherType', admin);
    await ask('listVoucherTypes', admin);
    await ask('issueVouchers', { ...admin, ids: type, body: { user_ids: [me.id] } });
    await ask('listVouchers', user);
    await ask('voidVoucherType', { ...admin, ids: type, body: {} });
    const plan = { plan_id: 'plan_basic', period: 'monthly', auto_renew: true };
    const dropped = await ask('subscribeToPlan', { ...user, body: plan });
    await ask('getOrder', { ...user, ids: dropped });
    await ask('cancelOrder', { ...user, ids: dropped });
    const order = await ask('subscribeToPlan', { ...user, body: plan });
    await ask('payOrder', { ...user, ids: order, body: { provider: 'wallet' } });
    await ask('getMembership', user);
    await me.pay((await ask('renewMembership', { ...user, body: { period: 'monthly' } })).order_id);
    await ask('cancelMembership', user);
    await ask('resumeMembership', user);
    const dear = await ask('subscribeToPlan', {
      ...user,
      body: { plan_id: 'plan_premium', period: 'yearly' },
    });
    await me.pay(dear.order_id);
    await ask('subscribeToPlan', {
      ...user,
      body: { plan_id: 'plan_basic', period: 'monthly', auto_renew: true },
    });
    await ask('dropScheduledPlan', user);
    await ask('listMembershipHistory', user);
    await ask('listOrders', user);
    await ask('getWallet', user);
    await ask('listWalletEntries', user);
    await ask('topUpWallet', user);
    await ask('adminListOrders', admin);
    await ask('adminGetOrder', { ...admin, ids: dear });
    await ask('refundOrder', { ...admin, ids: dear, body: { reason: 'a test', amount: '1.00' } });
    await ask('listPayments', admin);
    await ask('grantMembership', { ...admin, ids: { user_id: inviter.id } });
    await ask('adjustWallet', { ...admin, ids: { owner: me.id } });
    await ask('updatePlan', { ...admin, ids: { plan_id: 'plan_basic' } });
    const { order_id } = await me.ordered('MEM0001', 'fixed');
    const notice = await shop.notice({ order_id, transaction_id: 'tx-1', amount: '99.99' });
    await ask('notifyPayment', { ids: { provider: 'sandbox', site: 'default' }, ...notice });
  });

  it('of admins', async () => {
    await ask('adminListUsers', admin);
    const ids = { user_id: (await shop.buyer()).id };
    await ask('adminGetUser', { ...admin, ids });
    await ask('adminSetUserStatus', { ...admin, ids });
    await ask('adminSetUserRole', { ...admin, ids });
    await ask('adminSetUserAccess', { ...admin, ids });
    await ask('adminListAuditLogs', admin);
    const made = await ask('adminCreateClient', admin);
    await ask('adminListClients', admin);
    await ask('adminDeleteClient', { ...admin, ids: made });
    await ask('getStats', admin);
  });

  it('of back offices', async () => {
    const grant = {
      name: 'office',
      systems: ['AUTH_MANAGEMENT'],
      permissions: ['members:read', 'members:write'],
    };
    const { client_key } = await ask('adminCreateClient', { ...admin, body: grant });
    const headers = { 'X-Client': client_key, 'X-Site': 'default', 'X-System-Code': 'AUTH_MANAGEMENT' };
    const type = await ask('createMemberType', { headers, body: { code: 'T', name: 'T', status: 1 } });
    const types = { headers, ids: { id: String(type.id) } };
    await ask('listMemberTypes', { headers });
    await ask('listValidMemberTypes', { headers });
    await ask('getMemberType', types);
    await ask('updateMemberType', { ...types, body: { name: 'U' } });
    await ask('deleteMemberType', types);
    const made = await ask('createPackage', { headers });
    const one = { headers, ids: { id: String(made.id) } };
    await ask('listPackages', { headers });
    await ask('listValidPackages', { headers });
    await ask('getPackage', one);
    await ask('setPackageStatus', { ...one, body: { status: 1 } });
    await ask('patchPackageStatus', { ...one, body: { status: 0 } });
    await ask('updatePackage', { ...one, body: { name: 'U' } });
    await ask('deletePackage', one);
  });

  it('of an alliance', async () => {
    await ask('listTierMembers', admin);
    await ask('updateTierEquity', { ...admin, ids: { id: '1' } });
    await ask('updateTierMember', { ...admin, ids: { id: '2' } });
    await ask('getTierSettings', admin);
    await ask('updateTierSettings', admin);
    await ask('setUserTier', { ...admin, ids: { id: inviter.id }, body: { member_id: 3 } });
    await ask('listTierOffers', user);
    const { order_id } = await ask('buyTier', {
      ...user,
      body: { member_id: 3, pay_mode: 'cash', pay_type: 'wxpay' },
    });
    await me.settle(order_id);
    await ask('getMyTier', user);
    await ask('getTierInvite', user);
    await ask('claimTierGift', {
      ...user,
      body: { order_no: order_id, consignee: { name: 'a', phone: '13800138000', area: 'b', detail: 'c' } },
    });
    const logs = await ask('listTierLogs', { ...admin, query: { limit: '10', page: '1' } });
    await ask('shipTierGift', { ...admin, ids: { id: String(logs[0].id) } });
    await ask('bookCommission', { ...admin, body: { user_id: me.id, order_no: 'c1', amount: '12.34' } });
    await ask('takeBackCommission', { ...admin, ids: { order_no: 'c1' } });
    await ask('listRewards', user);
    const wish = { amount: '10.00', channel: 'alipay', account: 'a@example.com', account_name: 'A' };
    const withdraw = async (key: string) =>
      ask('requestWithdrawal', { ...user, body: wish, headers: { 'Idempotency-Key': key } });
    const first = await withdraw('w1');
    await ask('approveWithdrawal', { ...admin, ids: { id: first.withdrawal_id } });
    const second = await withdraw('w2');
    await ask('rejectWithdrawal', { ...admin, ids: { id: second.withdrawal_id } });
    await ask('listWithdrawals', admin);
  });

  it('of a storefront', async () => {
    await ask('adminGetStorefrontSettings', admin);
    await ask('adminUpdateStorefrontSettings', { ...admin, body: { is_supported_renew_old_order: '1' } });
    await ask('adminListStorefrontLevels', admin);
    const level = await ask('adminCreateStorefrontLevel', {
      ...admin,
      body: { name: 'T', pay_period_rules: [{ number: '30', price: '30.00', commission: 'r|5' }] },
    });
    await ask('adminUpdateStorefrontLevel', { ...admin, ids: { level_id: level.id }, body: { name: 'U' } });
    await ask('adminGiveStorefrontLevel', {
      ...admin,
      ids: { user_id: inviter.id },
      body: { level_id: level.id },
    });
    await ask('adminBookStorefrontActivity', { ...admin, ids: { user_id: me.id } });
    await ask('createStorefrontToken', user);
    await ask('quoteStorefrontGoods', user);
    await ask('storefrontIndexIndex');
    await ask('storefrontIndexIndexByPost');
    const form = (fields: Record<string, string>) => ({
      ...user,
      raw: new URLSearchParams(fields).toString(),
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    });
    await ask('storefrontBuyIndex', user);
    await ask('storefrontBuyIndexByPost', form({}));
    const opening = `${level.id}-30`;
    const { payment_user_order_no: first } = await ask('storefrontBuyCreate', form({ opening }));
    await me.settle(first);
    const { payment_user_order_no: renewed } = await ask('storefrontBuyRenew', form({ opening }));
    const { data: orders } = await ask('storefrontOrderIndex', user);
    const id =
      orders.find((one: { payment_user_order_no?: string; order_no?: string }) =>
        [one.payment_user_order_no, one.order_no].includes(renewed),
      )?.id ?? orders[0].id;
    await ask('storefrontOrderIndexByPost', form({}));
    await ask('storefrontOrderDetail', { ...user, query: { id } });
    await ask('storefrontOrderDetailByPost', form({ id }));
    await ask('storefrontBuyPay', form({ id, payment_id: '1' }));
    await ask('storefrontBuyPaycheck', { ...user, query: { order_no: renewed } });
    await ask('storefrontBuyPaycheckByPost', form({ order_no: renewed }));
    const { payment_user_order_no: given } = await ask('storefrontBuyCreate', form({ opening }));
    await ask('storefrontOrderCancel', form({ id: given }));
    await ask('storefrontOrderDelete', form({ id: given }));
    await later(3600);
    await shop.cron();
    const theirs = { token: await inviter.token() };
    const { data: profits } = await ask('storefrontProfitIndex', theirs);
    await ask('storefrontProfitIndexByPost', { ...form({}), ...theirs });
    await ask('storefrontProfitDetail', { ...theirs, query: { id: profits[0].id } });
    await ask('storefrontProfitDetailByPost', { ...form({ id: profits[0].id }), ...theirs });
    const { data: team } = await ask('storefrontTeamIndex', theirs);
    await ask('storefrontTeamIndexByPost', { ...form({}), ...theirs });
    await ask('storefrontTeamDetail', { ...theirs, query: { id: team[0].id } });
    await ask('storefrontTeamDetailByPost', { ...form({ id: team[0].id }), ...theirs });
    await ask('storefrontPosterIndex', theirs);
    await ask('storefrontPosterIndexByPost', { ...form({}), ...theirs });
    await ask('storefrontVipIndex', user);
    await ask('storefrontVipIndexByPost', form({}));
    const unused = await ask('adminCreateStorefrontLevel', { ...admin, body: { name: 'V' } });
    await ask('adminDeleteStorefrontLevel', { ...admin, ids: { level_id: unused.id } });
  });

  it('are of every operation, and none grew', async () => {
    expect([...tour.costs.keys()].sort()).toEqual(documented.map(({ id }) => id).sort());
    const before = new Map(costsIn(committed));
    const grown = costsIn(tour.table()).filter(([id, now]) => !isSame(now, before.get(id)));
    // Shows the difference, or writes it.
    const isWhole = before.size === tour.costs.size;
    if (grown.length > 0 || !isWhole) await expect(tour.table()).toMatchFileSnapshot('./cost-table.txt');
  });
});
