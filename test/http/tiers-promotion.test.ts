import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import seed from '../seeds/tiers.json';
import { Alliance, expectRefused, idOf, LEVELS, type Level, okOf } from '../support/alliance.ts';
import { type Buyer, dataOf, db, expectLedgerSums, Shop } from '../support/money.ts';

const DAY = 86_400;

describe('a promotion', () => {
  let shop: Shop;
  let alliance: Alliance;

  beforeAll(async () => {
    shop = await new Shop().open('2031-07-01T12:00:00Z');
    alliance = new Alliance(shop);
    return () => expectLedgerSums();
  });

  /** Small numbers, so that a test can reach them: each tier by two of the one below it. */
  beforeEach(async () => {
    for (const level of LEVELS.slice(2)) {
      await alliance.needs(level, 2, LEVELS[LEVELS.indexOf(level) - 1] as Level);
    }
  });

  const modes = async (who: Buyer) =>
    (await alliance.logs(who)).map(({ mode, member }: { mode: string; member: { level: string } }) => [
      mode,
      member.level,
    ]);

  it('needs as many invitees as the condition says, and not one less', async () => {
    await alliance.needs('gold', 3, 'bronze');
    const inviter = await alliance.member();
    await alliance.holder('bronze', inviter);
    // A higher tier counts, a lower one and somebody else's do not.
    await alliance.holder('gold', inviter);
    await alliance.member(inviter);
    await alliance.holder('bronze', await alliance.holder('common', inviter));
    expect(await alliance.level(inviter)).toBe('common');
    await alliance.holder('bronze', inviter);
    expect(await alliance.level(inviter)).toBe('gold');
    expect(await modes(inviter)).toEqual([['indirect', 'gold']]);
  });

  it('is in the commit that sets the tier by hand', async () => {
    const inviter = await alliance.member();
    await alliance.holder('bronze', inviter);
    await alliance.holder('bronze', inviter);
    const { results } = await db
      .prepare('select created_at, paid_at, status, kind from orders where owner = ?')
      .bind(inviter.id)
      .all();
    expect(results).toHaveLength(1);
    expect(results).toMatchObject([{ kind: 'promotion', status: 'paid' }]);
    expect(await alliance.level(inviter)).toBe('gold');
  });

  it('waits for the hold of what was bought, and for the cron that comes then', async () => {
    const inviter = await alliance.member();
    for (const _ of [1, 2]) await alliance.buy(await alliance.member(inviter), 'bronze');
    await shop.cron();
    expect(await alliance.level(inviter)).toBe('common');
    await shop.pass(7 * DAY - 1);
    await shop.cron();
    expect(await alliance.level(inviter)).toBe('common');
    await shop.pass(1);
    await Promise.all([shop.cron(), shop.cron()]);
    expect(await alliance.level(inviter)).toBe('gold');
    await shop.cron();
    expect(await modes(inviter)).toEqual([['indirect', 'gold']]);
  });

  it('comes once where the last two buy at once', async () => {
    for (let round = 0; round < 3; round += 1) {
      const inviter = await alliance.member();
      const buyers = [await alliance.member(inviter), await alliance.member(inviter)];
      okOf(await alliance.put('/settings', { hold_days: 0 }));
      await Promise.all(buyers.map((buyer) => alliance.buy(buyer, 'bronze')));
      okOf(await alliance.put('/settings', { hold_days: 7 }));
      await shop.cron();
      expect(await alliance.level(inviter)).toBe('gold');
      expect(await modes(inviter)).toEqual([['indirect', 'gold']]);
    }
  });

  it('comes at once where there is no hold', async () => {
    okOf(await alliance.put('/settings', { hold_days: 0 }));
    const inviter = await alliance.member();
    for (const _ of [1, 2]) await alliance.buy(await alliance.member(inviter), 'bronze');
    expect(await alliance.level(inviter)).toBe('gold');
    okOf(await alliance.put('/settings', { hold_days: 7 }));
  });

  it('does not count what was refunded within the hold, nor takes back what it gave', async () => {
    const inviter = await alliance.member();
    const orders = [];
    for (const _ of [1, 2]) orders.push(await alliance.buy(await alliance.member(inviter), 'bronze'));
    dataOf(await shop.refund(orders[0] ?? ''));
    await shop.pass(7 * DAY);
    await shop.cron();
    expect(await alliance.level(inviter)).toBe('common');
    await alliance.holder('bronze', inviter);
    expect(await alliance.level(inviter)).toBe('gold');
    dataOf(await shop.refund(orders[1] ?? ''));
    await shop.cron();
    expect(await alliance.level(inviter)).toBe('gold');
  });

  it('goes step by step: one log and one gift for each tier that is reached', async () => {
    const inviter = await alliance.member();
    for (const _ of [1, 2]) await alliance.holder('platina', inviter);
    expect(await alliance.level(inviter)).toBe('platinum');
    expect(await modes(inviter)).toEqual([
      ['indirect', 'platinum'],
      ['indirect', 'platina'],
      ['indirect', 'gold'],
    ]);
    const consignee = { name: '孙皓', phone: '13649283569', area: '陕西省', detail: '科技二路' };
    for (const { order_no } of await alliance.logs(inviter)) {
      dataOf(await inviter.post('/api/v1/tbk/members/gift', { order_no, consignee }));
    }
  });

  it('moves up the whole chain of inviters', async () => {
    // a ← b ← c, each with one gold at hand already; c becomes gold by two bronzes.
    const a = await alliance.member();
    const b = await alliance.member(a);
    const c = await alliance.member(b);
    await alliance.needs('gold', 2, 'bronze');
    await alliance.holder('gold', a);
    await alliance.holder('gold', b);
    await alliance.holder('bronze', c);
    expect([await alliance.level(a), await alliance.level(b), await alliance.level(c)]).toEqual([
      'common',
      'common',
      'common',
    ]);
    await alliance.holder('bronze', c);
    await shop.cron();
    // c: gold. b has two golds: gold, then platina. a has one gold and one platina: gold, then platina.
    expect(await alliance.level(c)).toBe('gold');
    expect(await modes(b)).toEqual([
      ['indirect', 'platina'],
      ['indirect', 'gold'],
    ]);
    expect(await modes(a)).toEqual([
      ['indirect', 'platina'],
      ['indirect', 'gold'],
    ]);
  });

  it('follows from no edit of a condition, and never lowers', async () => {
    const inviter = await alliance.member();
    await alliance.holder('bronze', inviter);
    await alliance.needs('gold', 1, 'bronze');
    await shop.cron();
    expect(await alliance.level(inviter)).toBe('common');
    await alliance.set(inviter, 'diamond');
    await alliance.holder('bronze', inviter);
    expect(await alliance.level(inviter)).toBe('diamond');
    expect(await modes(inviter)).toEqual([['admin', 'diamond']]);
  });

  it('earns no reward', async () => {
    const top = await alliance.holder('diamond');
    const inviter = await alliance.member(top);
    for (const _ of [1, 2]) await alliance.holder('bronze', inviter);
    expect(await alliance.level(inviter)).toBe('gold');
    expect(await alliance.rewards(top)).toEqual([]);
  });

  it('is found by the next run where one dies in the middle', async () => {
    const inviter = await alliance.member();
    for (const _ of [1, 2]) await alliance.buy(await alliance.member(inviter), 'bronze');
    await shop.pass(7 * DAY);
    const due = () => db.prepare('select count(*) as n from tier_checks').first<number>('n');
    expect(await due()).toBeGreaterThanOrEqual(2);
    await shop.cron();
    expect(await alliance.level(inviter)).toBe('gold');
    expect(await due()).toBe(0);
  });

  describe('by hand', () => {
    it('sets any tier, also a lower one', async () => {
      const who = await alliance.member();
      await alliance.buy(who, 'gold');
      const answer = await alliance.post(`/users/${who.id}/tier`, { member_id: 2 });
      expect(answer.status).toBe(200);
      expect(answer.body).toMatchObject({ message: '设置成功', member: { id: 2, level: 'bronze' } });
      expect(await alliance.level(who)).toBe('bronze');
      const serial = await db.prepare('select serial from users where id = ?').bind(who.id).first('serial');
      okOf(await alliance.post(`/users/${serial}/tier`, { member_id: 'tier_6' }));
      expect(await alliance.level(who)).toBe('diamond');
      okOf(await alliance.post(`/users/${who.id}/tier`, { member_id: 1 }));
      expect(await alliance.level(who)).toBe('common');
      // What was bought before ended with it.
      expect(await modes(who)).toEqual([
        ['admin', 'common'],
        ['admin', 'diamond'],
        ['admin', 'bronze'],
        ['direct', 'gold'],
      ]);
      const { results } = await db
        .prepare("select action from audit_logs where action = 'tier.set' and target = ?")
        .bind(who.id)
        .all();
      expect(results).toHaveLength(3);
    });

    it('is set once where it is asked for five times at once', async () => {
      for (let round = 0; round < 3; round += 1) {
        const who = await alliance.member();
        const answers = await Promise.all(
          Array.from({ length: 5 }, () => alliance.post(`/users/${who.id}/tier`, { member_id: 3 })),
        );
        expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 422, 422, 422, 422]);
        expect(await modes(who)).toEqual([['admin', 'gold']]);
      }
    });

    it('refuses what there is not', async () => {
      const who = await alliance.member();
      expectRefused(await alliance.post(`/users/${who.id}/tier`, { member_id: 1 }), 422);
      expectRefused(await alliance.post(`/users/${who.id}/tier`, {}), 422, ['member_id']);
      expectRefused(await alliance.post(`/users/${who.id}/tier`, { member_id: 1.5 }), 422, ['member_id']);
      expectRefused(await alliance.post(`/users/${who.id}/tier`, { member_id: 9 }), 404);
      for (const id of ['u_nobody', '999999', '0', 'x']) {
        expectRefused(await alliance.post(`/users/${id}/tier`, { member_id: 2 }), 404);
      }
    });
  });

  it('keeps to the seed’s numbers as the reference data has them', async () => {
    for (const { id, condition } of seed.members.filter(({ condition: one }) => one !== null)) {
      okOf(await alliance.put(`/members/${id}`, { condition }));
    }
    const inviter = await alliance.member();
    // Thirty platinas make a platinum: twenty-nine of them are put there without telling anybody.
    const now = await shop.now();
    const insert = (index: number) => [
      db
        .prepare(
          `insert into users (id, user_type, referral_code, inviter_id, created_at, updated_at)
           values (?1, 'personal', ?1, ?2, ?3, ?3)`,
        )
        .bind(`u_many_${index}`, inviter.id, now),
      db
        .prepare(
          `insert into grants (id, owner, program, product_id, source, from_at, anchor_at, created_at)
           values (?1, ?2, 'tier', 'tier_4', 'manual', ?3, ?3, ?3)`,
        )
        .bind(`gr_many_${index}`, `u_many_${index}`, now),
    ];
    await db.batch(Array.from({ length: 28 }, (_, index) => insert(index)).flat());
    await alliance.holder('platina', inviter);
    expect(await alliance.level(inviter)).toBe('common');
    await alliance.holder('platina', inviter);
    expect(await alliance.level(inviter)).toBe('platinum');
    // Neither gold nor platina were reached: those need a hundred.
    expect(await modes(inviter)).toEqual([['indirect', 'platinum']]);
    expect(idOf('platinum')).toBe(5);
  });
});
