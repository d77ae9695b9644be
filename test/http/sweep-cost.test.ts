import { beforeAll, describe, expect, it } from 'vitest';
import { MeteredD1 } from '../../src/dev/metered-d1.ts';
import { Client } from '../support/client.ts';
import { doorWith } from '../support/doors.ts';
import { db, expectLedgerSums, Shop } from '../support/money.ts';

const DAY = 86_400_000;
const metered = new MeteredD1(db);
const shop = new Shop(new Client({ door: doorWith({ DB_DEFAULT: metered.binding }) }));
let now = 0;

/** People with a month of the basic plan, as buying it leaves them: `ends` from now, looked at when `due`. */
async function members(
  name: string,
  count: number,
  { ends, due, renews = false }: { ends: number; due: number; renews?: boolean },
): Promise<void> {
  const numbers = `with recursive n (i) as (select 1 union all select i + 1 from n where i < ${count})`;
  const id = `'u_${name}_' || i`;
  const [until, from, sweep] = [now + ends, now + ends - 30 * DAY, now + due];
  const inserts = [
    `insert into users (id, user_type, email, email_key, referral_code, created_at, updated_at)
     ${numbers} select ${id}, 'personal', ${id} || '@example.com', ${id} || '@example.com', ${id}, ${from}, ${from} from n`,
    `insert into holdings (owner, program, version, auto_renew, sweep_at, created_at, updated_at)
     ${numbers} select ${id}, 'token', 1, ${renews ? 1 : 0}, ${sweep}, ${from}, ${from} from n`,
    `insert into grants (id, owner, program, product_id, source, period, from_at, until_at, anchor_at, paid, created_at)
     ${numbers} select 'gr_${name}_' || i, ${id}, 'token', 'plan_basic', 'order', 'monthly', ${from}, ${until}, ${from}, 4900, ${from} from n`,
    ...(renews
      ? [
          `insert into wallet_balances (owner, asset, balance) ${numbers} select ${id}, 'CNY', 4900 from n`,
          `insert into wallet_entries (id, owner, asset, amount, balance_after, reason, reference, created_at)
           ${numbers} select 'we_00_${name}_' || i, ${id}, 'CNY', 4900, 4900, 'adjustment', 'a test', ${from} from n`,
        ]
      : []),
  ];
  await db.batch(inserts.map((sql) => db.prepare(sql)));
}

/** How often each thing happened to them: owners by number of events, and of mails about an end. */
async function tally(name: string, action: string) {
  const count = (sql: string) => db.prepare(sql).bind(`u_${name}_%`).all<{ times: number; owners: number }>();
  const events = await count(
    `select times, count(*) as owners from (select count(*) as times from holding_events
       where owner like ?1 and action = '${action}' group by owner) group by times`,
  );
  const mails = await count(
    `select times, count(*) as owners from (select count(*) as times from outbox
       where user_id like ?1 and template = 'membership_expired' group by user_id) group by times`,
  );
  return { events: events.results, mails: mails.results };
}

describe('a sweep', () => {
  beforeAll(async () => {
    await shop.open('2027-02-01T00:00:00Z');
    now = await shop.now();
    await shop.cron();
  });

  it('costs what is due, not what there is', async () => {
    await members('few', 20, { ends: -60_000, due: -60_000 });
    const { rowsRead: alone } = await metered.during(shop.cron);
    expect(await tally('few', 'expired')).toMatchObject({ events: [{ times: 1, owners: 20 }] });
    await members('idle', 4_000, { ends: 20 * DAY, due: 13 * DAY });
    await members('over', 1_000, { ends: -20 * DAY, due: 0 });
    await db.prepare("update holdings set sweep_at = null where owner like 'u_over_%'").run();
    await members('many', 20, { ends: -60_000, due: -60_000 });
    const { rowsRead: among } = await metered.during(shop.cron);
    expect(await tally('many', 'expired')).toMatchObject({
      events: [{ times: 1, owners: 20 }],
      mails: [{ times: 1, owners: 20 }],
    });
    expect(alone).toBeGreaterThan(20);
    expect(among).toBeLessThan(alone * 1.25);
    expect(among).toBeLessThan(2_000);
    const { rowsRead: idle } = await metered.during(shop.cron);
    expect(idle).toBeLessThan(100);
  });

  it('happens once, of three at once', async () => {
    await members('race', 20, { ends: -60_000, due: -60_000 });
    await members('pay', 10, { ends: DAY / 2, due: -60_000, renews: true });
    await Promise.all([shop.cron(), shop.cron(), shop.cron()]);
    const once = { events: [{ times: 1, owners: 20 }], mails: [{ times: 1, owners: 20 }] };
    expect(await tally('race', 'expired')).toEqual(once);
    await shop.cron();
    expect(await tally('race', 'expired')).toEqual(once);
    expect((await tally('pay', 'renew')).events).toEqual([{ times: 1, owners: 10 }]);
    const spent = "select sum(balance) as sum from wallet_balances where owner like 'u_pay_%'";
    expect(await db.prepare(spent).first('sum')).toBe(0);
    await expectLedgerSums();
  });

  it('that is killed anywhere is finished by the next one, each event once', async () => {
    for (let calls = 1; calls <= 61; calls += 4) {
      const name = `kill${calls}`;
      await members(`${name}a`, 3, { ends: -60_000, due: -60_000 });
      await members(`${name}b`, 2, { ends: DAY / 2, due: -60_000, renews: true });
      await metered.dyingAfter(calls, shop.cron);
      await shop.cron();
      await shop.cron();
      expect(await tally(`${name}a`, 'expired'), name).toEqual({
        events: [{ times: 1, owners: 3 }],
        mails: [{ times: 1, owners: 3 }],
      });
      expect((await tally(`${name}b`, 'renew')).events, name).toEqual([{ times: 1, owners: 2 }]);
    }
    const spent = "select sum(balance) as sum from wallet_balances where owner like 'u_kill%'";
    expect(await db.prepare(spent).first('sum')).toBe(0);
    await expectLedgerSums();
  });

  it('leaves for the next one what is too much, and forgets nobody', async () => {
    await members('crowd', 105, { ends: -60_000, due: -60_000 });
    for (const _ of [1, 2]) await shop.cron();
    expect(await tally('crowd', 'expired')).toEqual({
      events: [{ times: 1, owners: 105 }],
      mails: [{ times: 1, owners: 105 }],
    });
  });
});
