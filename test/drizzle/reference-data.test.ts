import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import plans from '../seeds/membership-plans.json';
import validList from '../seeds/packages-valid-list.json';
import storefront from '../seeds/storefront-levels.json';
import alliance from '../seeds/tiers.json';

const folder = join(import.meta.dirname, '../../drizzle');
const referenceData = readFileSync(join(folder, '0001_reference_data.sql'), 'utf8');
/** What rows carry whose seed gives no time. */
const fallback = Date.UTC(2024, 0, 1);

function statements(script: string): string[] {
  return script.split('--> statement-breakpoint');
}

function apply(db: DatabaseSync, script: string): void {
  for (const statement of statements(script)) db.exec(statement);
}

function migrated(before?: string): DatabaseSync {
  const db = new DatabaseSync(':memory:');
  const files = readdirSync(folder).filter((name) => name.endsWith('.sql'));
  for (const name of files.sort()) {
    if (name === before) break;
    apply(db, readFileSync(join(folder, name), 'utf8'));
  }
  return db;
}

type Value = string | number | null;

function rows<T extends Record<string, Value>>(db: DatabaseSync, query: string, ...values: Value[]): T[] {
  const found = db.prepare(query).all(...values);
  return found.map((row) => ({ ...row }) as T);
}

function dump(db: DatabaseSync): Record<string, unknown[]> {
  const tables = rows<{ name: string }>(
    db,
    "select name from sqlite_schema where type = 'table' order by name",
  );
  return Object.fromEntries(tables.map(({ name }) => [name, rows(db, `select * from "${name}"`)]));
}

function count(db: DatabaseSync): Record<string, number> {
  const sizes = Object.entries(dump(db)).map(([name, all]) => [name, all.length] as const);
  return Object.fromEntries(sizes.filter(([name, size]) => size > 0 && name !== 'sqlite_sequence'));
}

type Product = {
  id: string;
  serial: number;
  code: string;
  name: string;
  status: string;
  created_at: number;
  updated_at: number | null;
};

/** A program's products joined with the table of what the program adds. */
function products<T extends Record<string, Value>>(
  db: DatabaseSync,
  program: string,
  table: string,
): (Product & T)[] {
  const query = `select * from products join ${table} on product_id = id where program = ? order by serial`;
  return rows<Product & T>(db, query, program);
}

type Offer = { period: string; days: number | null; amount: number; position: number; detail: string | null };

function offers(db: DatabaseSync, productId: string): Offer[] {
  const columns = 'period, days, amount, position, detail';
  return rows<Offer>(db, `select ${columns} from offers where product_id = ? order by position`, productId);
}

function twoDecimals(cents: number | undefined): string | undefined {
  return cents === undefined ? undefined : (cents / 100).toFixed(2);
}

function trimmed(cents: number): string {
  return String(cents / 100);
}

function cents(price: string): number {
  return Math.round(Number(price) * 100);
}

/** `Y-m-d H:i:s` in UTC; a time that was never is "" as in seed 004. */
function localTime(at: number | null): string {
  return at === null ? '' : new Date(at).toISOString().slice(0, 19).replace('T', ' ');
}

function parse(json: string | null): unknown {
  return json === null ? null : JSON.parse(json);
}

function setting(db: DatabaseSync, name: string): { value: unknown; updatedAt: number | undefined } {
  const [row] = rows<{ value: string; updated_at: number }>(
    db,
    'select * from settings where name = ?',
    name,
  );
  return { value: parse(row?.value ?? null), updatedAt: row?.updated_at };
}

type TokenPlan = { audience: string; currency: string; benefits: string };

function wirePlans(db: DatabaseSync) {
  return products<TokenPlan>(db, 'token', 'token_plans').map((row) => {
    const price = (period: string) => offers(db, row.id).find((offer) => offer.period === period)?.amount;
    return {
      plan_id: row.id,
      name: row.name,
      type: row.audience,
      price_monthly: twoDecimals(price('monthly')),
      price_yearly: twoDecimals(price('yearly')),
      currency: row.currency,
      status: row.status,
      benefits: parse(row.benefits),
    };
  });
}

type Tier = {
  rank: number;
  icon: string | null;
  cover: string | null;
  eoc_limit: number | null;
  cost_price: number | null;
  invitee_count: number | null;
  invitee_level: string | null;
  gift: string | null;
  equities: string;
};

function condition(db: DatabaseSync, tier: Product & Tier) {
  const price = offers(db, tier.id).find((offer) => offer.period === 'once')?.amount;
  if (price === undefined || tier.eoc_limit === null || tier.cost_price === null) return null;
  const direct = {
    limit: String(tier.eoc_limit),
    price: trimmed(price),
    cost_price: trimmed(tier.cost_price),
  };
  const indirect =
    tier.invitee_count === null ? null : { num: tier.invitee_count, level: tier.invitee_level };
  return { direct, indirect };
}

function wireTiers(db: DatabaseSync) {
  return products<Tier>(db, 'tier', 'tiers').map((row) => ({
    id: row.serial,
    name: row.name,
    icon: row.icon,
    level: row.code,
    cover: row.cover,
    condition: condition(db, row),
    gift_info: parse(row.gift),
    equities: parse(row.equities),
    created_at: localTime(row.created_at),
    updated_at: localTime(row.updated_at),
  }));
}

type Equity = {
  id: number;
  key: string;
  description: string;
  use_icon: string | null;
  unused_icon: string | null;
  created_at: number;
  updated_at: number;
};

function wireEquities(db: DatabaseSync) {
  return rows<Equity>(db, 'select * from equities order by id').map(({ description, ...row }) => ({
    ...row,
    desc: description,
    created_at: localTime(row.created_at),
    updated_at: localTime(row.updated_at),
  }));
}

type VipLevel = {
  images_url: string;
  rules_min: number;
  rules_max: number;
  order_price: number;
  full_reduction_price: number;
  discount_rate: string;
  on_sale: number;
  renew_forbidden: number;
};

function periodRules(db: DatabaseSync, productId: string) {
  const rules = offers(db, productId).map(({ period, detail }) => ({
    number: period,
    ...(parse(detail) as { price: string }),
  }));
  return rules.length === 0 ? '' : rules;
}

function wireLevels(db: DatabaseSync) {
  return products<VipLevel>(db, 'vip', 'vip_levels').map((row) => ({
    id: String(row.serial),
    name: row.name,
    images_url: row.images_url,
    rules_min: String(row.rules_min),
    rules_max: String(row.rules_max),
    order_price: twoDecimals(row.order_price),
    full_reduction_price: twoDecimals(row.full_reduction_price),
    discount_rate: row.discount_rate,
    is_enable: row.status === 'active' ? '1' : '0',
    is_supported_pay_buy: String(row.on_sale),
    is_supported_renew: String(row.renew_forbidden),
    pay_period_rules: periodRules(db, row.id),
    add_time: localTime(row.created_at),
    upd_time: localTime(row.updated_at),
    images_url_old: '',
    add_time_time: localTime(row.created_at),
    add_time_date: localTime(row.created_at).slice(0, 10),
  }));
}

describe('the migration', () => {
  it('has nothing but INSERT OR IGNORE, one per statement', () => {
    for (const statement of statements(referenceData)) {
      const code = statement.replaceAll(/^--.*$/gm, '').trim();
      expect(code).toMatch(/^INSERT OR IGNORE INTO `\w+` [^;]+;$/);
    }
  });

  it('ignores no row of its own the first time', () => {
    const db = migrated('0001_reference_data.sql');
    expect(() => apply(db, referenceData.replaceAll('INSERT OR IGNORE', 'INSERT'))).not.toThrow();
  });

  it('fills these tables and no other', () => {
    expect(count(migrated())).toEqual({
      products: 4 + 2 + 6 + 4,
      offers: 8 + 2 + 5 + 4,
      token_plans: 4,
      package_types: 2,
      packages: 2,
      tiers: 6,
      equities: 14,
      vip_levels: 4,
      sequences: 4,
      settings: 2,
    });
  });

  it('changes nothing when it runs again', () => {
    const db = migrated();
    const before = dump(db);
    apply(db, referenceData);
    expect(dump(db)).toEqual(before);
  });

  it('leaves what an admin has edited', () => {
    const db = migrated();
    db.exec("update products set name = '新名', status = 'disabled', updated_at = 1 where id = 'tier_3'");
    db.exec("update tiers set equities = '[]', gift = null where product_id = 'tier_3'");
    db.exec("update offers set amount = 1 where product_id = 'plan_basic'");
    db.exec("update equities set description = '新' where id = 1");
    db.exec("update settings set value = '{}'");
    db.exec('update sequences set value = value + 10');
    const edited = dump(db);
    apply(db, referenceData);
    expect(dump(db)).toEqual(edited);
  });

  it('gives each program a sequence that ends at its last serial', () => {
    const db = migrated();
    const last = rows(db, 'select program as name, max(serial) as value from products group by program');
    expect(rows(db, 'select name, value from sequences order by name')).toEqual(last);
    expect(last).toEqual([
      { name: 'package', value: 2 },
      { name: 'tier', value: 6 },
      { name: 'token', value: 4 },
      { name: 'vip', value: 8 },
    ]);
  });

  it('names every product by its program and serial, or by its code where that is the plan id', () => {
    const found = rows<{ id: string; program: string; serial: number; code: string; status: string }>(
      migrated(),
      'select id, program, serial, code, status from products',
    );
    const prefixes: Record<string, string> = { package: 'pkg', tier: 'tier', vip: 'vip' };
    for (const { id, program, serial, code, status } of found) {
      expect(id).toBe(program === 'token' ? `plan_${code}` : `${prefixes[program]}_${serial}`);
      expect(status).toBe('active');
    }
  });
});

describe('token plans', () => {
  const db = migrated();
  const byId = (id: string) => wirePlans(db).find((plan) => plan.plan_id === id);

  it.each(plans)("$plan_id is the seed's", (plan) => {
    // The seed's plan_premium has no status; the spec makes both active.
    expect(byId(plan.plan_id)).toEqual({ status: 'active', ...plan });
  });

  it("plan_enterprise is the seed's create body", () => {
    expect(byId('plan_enterprise')).toEqual({
      plan_id: 'plan_enterprise',
      name: '企业标准版',
      type: 'enterprise',
      price_monthly: '999.00',
      price_yearly: '9990.00',
      currency: 'CNY',
      status: 'active',
      benefits: [
        { key: 'tpm', value: 2000000, desc: '每分钟 200万 Token' },
        { key: 'member_seats', value: 50, desc: '50个成员席位' },
        { key: 'priority', value: 'P0', desc: '队列最高优先级' },
      ],
    });
  });

  it("plan_free is the spec's", () => {
    expect(byId('plan_free')).toEqual({
      plan_id: 'plan_free',
      name: '免费版',
      type: 'personal',
      price_monthly: '0.00',
      price_yearly: '0.00',
      currency: 'CNY',
      status: 'active',
      benefits: [
        { key: 'tpm', value: 10000, desc: '每分钟 1万 Token' },
        { key: 'tpd', value: 100000, desc: '每日 10万 Token' },
        { key: 'priority', value: 'P2', desc: '队列优先级 P2' },
      ],
    });
  });

  it('are listed free, basic, premium, enterprise and sold by month and year', () => {
    const all = products<TokenPlan>(db, 'token', 'token_plans');
    expect(all.map((row) => [row.serial, row.code])).toEqual([
      [1, 'free'],
      [2, 'basic'],
      [3, 'premium'],
      [4, 'enterprise'],
    ]);
    for (const row of all) {
      expect([row.created_at, row.updated_at]).toEqual([fallback, fallback]);
      expect(offers(db, row.id)).toMatchObject([
        { period: 'monthly', days: null, position: 0, detail: null },
        { period: 'yearly', days: null, position: 1, detail: null },
      ]);
    }
  });
});

describe('packages', () => {
  const db = migrated();
  type Package = { type_serial: number | null; validity_days: number | null; description: string | null };
  const all = products<Package>(db, 'package', 'packages');

  it("are the seed's valid-list", () => {
    // Its ids are placeholders (xxx, yyy): ours are the serials.
    const list = all.map((row) => ({
      id: row.serial,
      _id: String(row.serial),
      code: row.code,
      name: row.name,
      description: row.description,
    }));
    expect(list).toEqual(
      validList.map((item, index) => ({ ...item, id: index + 1, _id: String(index + 1) })),
    );
  });

  it('cost 99.99 for 30 days and are of type VIP', () => {
    for (const row of all) {
      expect(row).toMatchObject({ type_serial: 1, validity_days: 30, status: 'active' });
      expect([row.created_at, row.updated_at]).toEqual([fallback, fallback]);
      expect(offers(db, row.id)).toEqual([
        { period: 'fixed', days: 30, amount: 9999, position: 0, detail: null },
      ]);
    }
  });

  it('have the types VIP and GOLD', () => {
    const times = { created_at: fallback, updated_at: fallback };
    expect(rows(db, 'select * from package_types order by serial')).toEqual([
      { serial: 1, code: 'VIP', name: '会员', active: 1, ...times },
      { serial: 2, code: 'GOLD', name: '黄金会员', active: 1, ...times },
    ]);
  });
});

describe('tiers', () => {
  const db = migrated();

  it("are the seed's members", () => {
    expect(wireTiers(db)).toEqual(alliance.members);
  });

  it("keep the seed's order of keys", () => {
    const nested = ({ gift_info, equities }: { gift_info: unknown; equities: unknown }) =>
      JSON.stringify([gift_info, equities]);
    expect(wireTiers(db).map(nested)).toEqual(alliance.members.map(nested));
  });

  it("have the seed's equities", () => {
    expect(wireEquities(db)).toEqual(alliance.equities);
  });

  it('are ranked as they are numbered', () => {
    const ranks = products<Tier>(db, 'tier', 'tiers').map((row) => [row.rank, row.code]);
    const levels = ['common', 'bronze', 'gold', 'platina', 'platinum', 'diamond'];
    expect(ranks).toEqual(levels.map((level, index) => [index + 1, level]));
  });

  it('are bought once for all; common is not sold', () => {
    const [common, ...sold] = products<Tier>(db, 'tier', 'tiers');
    expect(offers(db, common?.id ?? '')).toEqual([]);
    expect(common).toMatchObject({ eoc_limit: null, cost_price: null });
    for (const row of sold) {
      expect(offers(db, row.id)).toMatchObject([{ period: 'once', days: null, position: 0, detail: null }]);
    }
  });

  it('have the settings of the spec', () => {
    expect(setting(db, 'tiers')).toEqual({
      value: { eoc_price: '0.05', elc_price: '0.05', direct_rebate: 10, service_fee: 35, hold_days: 7 },
      updatedAt: fallback,
    });
  });
});

describe('storefront', () => {
  const db = migrated();

  it("has the seed's levels", () => {
    expect(wireLevels(db)).toEqual(storefront.data);
  });

  it('codes a level by its number', () => {
    const codes = products<VipLevel>(db, 'vip', 'vip_levels').map((row) => row.code);
    expect(codes).toEqual(['vip4', 'vip5', 'vip7', 'vip8']);
  });

  it.each(storefront.data)('sells $name by what its rules say', ({ id, pay_period_rules: rules }) => {
    const expected = typeof rules === 'string' ? [] : rules;
    expect(offers(db, `vip_${id}`)).toEqual(
      expected.map(({ number, price, value, unit, commission }, position) => ({
        period: number,
        days: Number(number),
        amount: cents(price),
        position,
        detail: JSON.stringify({ price, value, unit, commission }),
      })),
    );
  });

  it("has the seed's base, in its order, and our two settings at its end", () => {
    const { value, updatedAt } = setting(db, 'storefront');
    const expected = { ...storefront.base, is_enable: '1', carry_over: 'value' };
    expect(JSON.stringify(value)).toBe(JSON.stringify(expected));
    expect(updatedAt).toBe(fallback);
  });
});
