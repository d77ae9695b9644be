import { sql } from 'drizzle-orm';
import { check, integer, primaryKey, sqliteTable, text, unique } from 'drizzle-orm/sqlite-core';
import { at, flag, json, minorUnits, serial } from '#db/columns';
import type { Program } from '#kernel/programs';
import type { Benefit, EquityGrant, Gift, OfferDetail } from './types.ts';

/** Everything that is sold, of all programs. What a program adds has a table of its own below. */
export const products = sqliteTable(
  'products',
  {
    id: text('id').primaryKey(),
    program: text('program').$type<Program>().notNull(),
    /** Counts per program and is never given twice (`sequences`). */
    serial: integer('serial').notNull(),
    code: text('code').notNull(),
    name: text('name').notNull(),
    status: text('status', { enum: ['active', 'disabled', 'deleted'] })
      .notNull()
      .default('active'),
    createdAt: at('created_at').notNull(),
    updatedAt: at('updated_at'),
  },
  (table) => [
    unique('products_program_serial').on(table.program, table.serial),
    unique('products_program_code').on(table.program, table.code),
    check('products_program', sql`${table.program} in ('token', 'package', 'tier', 'vip')`),
    check('products_status', sql`${table.status} in ('active', 'disabled', 'deleted')`),
  ],
);

/** The last serial given in each program. */
export const sequences = sqliteTable('sequences', {
  name: text('name').primaryKey(),
  value: integer('value').notNull(),
});

/** What a product costs for a period. `period` is `monthly`, `yearly`, `fixed`, `once` or a storefront's days. */
export const offers = sqliteTable(
  'offers',
  {
    productId: text('product_id')
      .notNull()
      .references(() => products.id),
    period: text('period').notNull(),
    /** Length where the period is counted in days; null for calendar periods and for ever. */
    days: integer('days'),
    amount: minorUnits('amount').notNull(),
    position: integer('position').notNull().default(0),
    /** What the surface shows as it was typed (storefront: price, value, unit, commission). */
    detail: json<OfferDetail>('detail'),
  },
  (table) => [
    primaryKey({ columns: [table.productId, table.period] }),
    check('offers_amount', sql`${table.amount} >= 0`),
    check('offers_days', sql`${table.days} is null or ${table.days} >= 1`),
  ],
);

/** Program `token`: plans of AI tokens (seed 000). */
export const tokenPlans = sqliteTable(
  'token_plans',
  {
    productId: text('product_id')
      .primaryKey()
      .references(() => products.id),
    audience: text('audience', { enum: ['personal', 'enterprise'] }).notNull(),
    currency: text('currency').notNull(),
    benefits: json<Benefit[]>('benefits').notNull(),
  },
  (table) => [check('token_plans_audience', sql`${table.audience} in ('personal', 'enterprise')`)],
);

/** Program `package`: member types (seed 001). */
export const packageTypes = sqliteTable(
  'package_types',
  {
    serial: serial(),
    code: text('code').notNull().unique(),
    name: text('name').notNull(),
    active: flag('active').notNull(),
    createdAt: at('created_at').notNull(),
    updatedAt: at('updated_at').notNull(),
  },
  (table) => [check('package_types_active', sql`${table.active} in (0, 1)`)],
);

/** Program `package`: membership packages (seed 001). Price and days are the product's offer `fixed`. */
export const packages = sqliteTable('packages', {
  productId: text('product_id')
    .primaryKey()
    .references(() => products.id),
  typeSerial: integer('type_serial').references(() => packageTypes.serial),
  /** Kept apart from the offer: a package without a price still has its days. */
  validityDays: integer('validity_days'),
  description: text('description'),
});

/** Program `tier`: an alliance's member tiers (seed 003). The price is the product's offer `once`. */
export const tiers = sqliteTable(
  'tiers',
  {
    productId: text('product_id')
      .primaryKey()
      .references(() => products.id),
    rank: integer('rank').notNull().unique(),
    icon: text('icon'),
    cover: text('cover'),
    /** How many EOC a mixed purchase may use; null where the tier is not sold. */
    eocLimit: integer('eoc_limit'),
    costPrice: minorUnits('cost_price'),
    inviteeCount: integer('invitee_count'),
    inviteeLevel: text('invitee_level'),
    gift: json<Gift>('gift'),
    equities: json<EquityGrant[]>('equities').notNull(),
  },
  (table) => [
    check('tiers_rank', sql`${table.rank} between 1 and 6`),
    check('tiers_indirect', sql`(${table.inviteeCount} is null) = (${table.inviteeLevel} is null)`),
  ],
);

/** Program `tier`: what an equity is called and looks like. */
export const equities = sqliteTable('equities', {
  id: integer('id').primaryKey(),
  key: text('key').notNull().unique(),
  description: text('description').notNull(),
  useIcon: text('use_icon'),
  unusedIcon: text('unused_icon'),
  createdAt: at('created_at').notNull(),
  updatedAt: at('updated_at').notNull(),
});

/** Program `vip`: a storefront's levels (seed 004). Periods and prices are the product's offers. */
export const vipLevels = sqliteTable(
  'vip_levels',
  {
    productId: text('product_id')
      .primaryKey()
      .references(() => products.id),
    imagesUrl: text('images_url').notNull().default(''),
    rulesMin: integer('rules_min').notNull(),
    rulesMax: integer('rules_max').notNull(),
    orderPrice: minorUnits('order_price').notNull(),
    fullReductionPrice: minorUnits('full_reduction_price').notNull(),
    /** A factor as typed: "0.8" = pay 80 %, "0" = no discount. */
    discountRate: text('discount_rate').notNull(),
    onSale: flag('on_sale').notNull(),
    /** The wire's `is_supported_renew`, whose meaning is inverted there. */
    renewForbidden: flag('renew_forbidden').notNull(),
  },
  (table) => [
    check('vip_levels_rules', sql`${table.rulesMin} >= 0 and ${table.rulesMax} >= 0`),
    check('vip_levels_amounts', sql`${table.orderPrice} >= 0 and ${table.fullReductionPrice} >= 0`),
    check('vip_levels_flags', sql`${table.onSale} in (0, 1) and ${table.renewForbidden} in (0, 1)`),
  ],
);
