import { and, asc, count, desc, eq, inArray, ne, sql } from 'drizzle-orm';
import { slice } from '#db/slice';
import { rawStatement, type Statement } from '#db/statement';
import type { Ctx } from '#kernel/context';
import type { Page, Slice } from '#kernel/page';
import type { Program } from '#kernel/programs';
import { offers, products, sequences, tokenPlans } from './tables.ts';
import type { Benefit } from './types.ts';

type Db = Pick<Ctx, 'db'>;

/** A token plan with its prices in minor units; a period without a price is not sold. */
export interface TokenPlan {
  id: string;
  code: string;
  name: string;
  status: 'active' | 'disabled';
  audience: 'personal' | 'enterprise';
  currency: string;
  monthly: number | null;
  yearly: number | null;
  benefits: Benefit[];
  createdAt: number;
}

const price = (period: 'monthly' | 'yearly') =>
  sql<number | null>`(select amount from offers where product_id = ${products.id} and period = ${period})`.as(
    period,
  );

const tokenPlanColumns = {
  id: products.id,
  code: products.code,
  name: products.name,
  status: sql<'active' | 'disabled'>`${products.status}`.as('status'),
  audience: tokenPlans.audience,
  currency: tokenPlans.currency,
  monthly: price('monthly'),
  yearly: price('yearly'),
  benefits: tokenPlans.benefits,
  createdAt: products.createdAt,
};

/** Token plans by id, whatever their status. */
export function selectTokenPlans({ db }: Db, ids: string[]) {
  return db
    .select(tokenPlanColumns)
    .from(products)
    .innerJoin(tokenPlans, eq(tokenPlans.productId, products.id))
    .where(inArray(products.id, ids));
}

export async function findTokenPlan(ctx: Db, id: string): Promise<TokenPlan | null> {
  const [plan] = await selectTokenPlans(ctx, [id]);
  return plan ?? null;
}

/** A product of any program. */
export async function findProduct({ db }: Db, id: string): Promise<{ id: string; name: string } | null> {
  const [row] = await db
    .select({ id: products.id, name: products.name })
    .from(products)
    .where(eq(products.id, id))
    .limit(1);
  return row ?? null;
}

export async function listTokenPlans(
  { db }: Db,
  filter: { audience?: 'personal' | 'enterprise'; status?: 'active' | 'disabled' },
  page: Page,
): Promise<Slice<TokenPlan>> {
  const where = and(
    ne(products.status, 'deleted'),
    filter.audience && eq(tokenPlans.audience, filter.audience),
    filter.status && eq(products.status, filter.status),
  );
  return slice(
    db,
    page,
    (limit, offset) =>
      db
        .select(tokenPlanColumns)
        .from(products)
        .innerJoin(tokenPlans, eq(tokenPlans.productId, products.id))
        .where(where)
        .orderBy(desc(products.createdAt), asc(products.serial))
        .limit(limit)
        .offset(offset),
    db
      .select({ n: count() })
      .from(products)
      .innerJoin(tokenPlans, eq(tokenPlans.productId, products.id))
      .where(where),
  );
}

/** Takes the program's next serial and gives it to a new product, in one batch and never twice. */
export function insertProduct(
  { db }: Db,
  row: {
    id: string;
    program: Program;
    code: string;
    name: string;
    status: 'active' | 'disabled';
    now: number;
  },
): Statement[] {
  return [
    db
      .insert(sequences)
      .values({ name: row.program, value: 1 })
      .onConflictDoUpdate({ target: sequences.name, set: { value: sql`${sequences.value} + 1` } }),
    rawStatement(
      db,
      sql`
      insert into products (id, program, serial, code, name, status, created_at, updated_at)
      select ${row.id}, ${row.program}, value, ${row.code}, ${row.name}, ${row.status}, ${row.now}, ${row.now}
      from sequences where name = ${row.program}`,
    ),
  ];
}

export function insertTokenPlan({ db }: Db, row: typeof tokenPlans.$inferInsert): Statement {
  return db.insert(tokenPlans).values(row);
}

export function updateProduct(
  { db }: Db,
  id: string,
  set: { name?: string; status?: 'active' | 'disabled'; updatedAt: number },
): Statement {
  return db.update(products).set(set).where(eq(products.id, id));
}

export function updateTokenPlan(
  { db }: Db,
  id: string,
  set: Partial<Pick<typeof tokenPlans.$inferInsert, 'audience' | 'currency' | 'benefits'>>,
): Statement {
  return db.update(tokenPlans).set(set).where(eq(tokenPlans.productId, id));
}

/** Sets what a period costs, or (null) takes it off sale. */
export function setOffer(
  { db }: Db,
  productId: string,
  period: string,
  amount: number | null,
  position: number,
): Statement {
  return amount === null
    ? db.delete(offers).where(and(eq(offers.productId, productId), eq(offers.period, period)))
    : db
        .insert(offers)
        .values({ productId, period, amount, position })
        .onConflictDoUpdate({ target: [offers.productId, offers.period], set: { amount } });
}
