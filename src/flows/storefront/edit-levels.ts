import { z } from 'zod';
import { commit, guard } from '#db/commit';
import { requireAdmin } from '#kernel/actor';
import type { Ctx } from '#kernel/context';
import { AppError, type Fault, invalid } from '#kernel/errors';
import { isDecimal, parseDecimal } from '#kernel/money';
import {
  changeLevel,
  daysOf,
  deleteLevel,
  insertLevel,
  type LevelFields,
  listLevels,
  type VipLevel,
} from '#modules/catalogue/vip/store';
import { parseCommission, shownPeriod } from '#programs/vip/rules';
import { PlainText } from './clean.ts';

const Text = (most: number) => z.union([z.string().max(most), z.number().transform(String)]);
const Whole = (most: number) =>
  z
    .union([z.number(), z.string().regex(/^\d{1,12}$/)])
    .transform(Number)
    .pipe(z.int().min(0).max(most));
const Money = z
  .union([z.string(), z.number()])
  .transform(String)
  .refine(isDecimal, 'must be an amount such as "99.00"');
const Flag = z.union([z.enum(['0', '1']).transform(Number), z.literal(0), z.literal(1)]);

const Period = z.object({
  /** Days; empty or 0 is for ever. */
  number: Text(6).refine((text) => /^(0|[1-9]\d{0,5})?$/.test(text), 'must be whole days, or empty for ever'),
  /** `value` and `unit` follow from it, whatever is sent. */
  price: Money,
  /** What was there stays where it is left out. */
  commission: Text(100).optional(),
});

const LEVEL_FIELDS = {
  name: PlainText(60).pipe(z.string().min(1)),
  images_url: z.union([z.literal(''), z.url({ protocol: /^https?$/ }).max(2048)]),
  rules_min: Whole(999_999_999),
  rules_max: Whole(999_999_999),
  order_price: Money,
  full_reduction_price: Money,
  discount_rate: Text(6).refine(
    (text) => /^(0|0\.\d{1,4}|1)$/.test(text),
    'must be 0 for none, or a factor such as 0.8',
  ),
  is_enable: Flag,
  is_supported_pay_buy: Flag,
  is_supported_renew: Flag,
  /** `""` is none, as the surface shows it. */
  pay_period_rules: z.preprocess((rules) => (rules === '' ? [] : rules), z.array(Period).max(50)),
};

/** PUT merges: what is left out stays. In the seed's names (004); texts or numbers. */
export const UpdateLevelInput = z.object(LEVEL_FIELDS).partial();

/** A new level: but for its name everything has a usual value. */
export const LevelInput = UpdateLevelInput.required({ name: true });

export async function getLevels(ctx: Ctx): Promise<VipLevel[]> {
  requireAdmin(ctx.actor);
  return listLevels(ctx);
}

export async function createLevel(ctx: Ctx, input: z.infer<typeof LevelInput>): Promise<VipLevel> {
  requireAdmin(ctx.actor);
  const given = Object.entries(fieldsOf(input, null)).filter(([, value]) => value !== undefined);
  const fields: LevelFields = { ...USUAL, name: input.name, ...Object.fromEntries(given) };
  const results = await commit(ctx, insertLevel(ctx, fields, ctx.now), {
    action: 'storefront.level_created',
    target: input.name,
    detail: { ...input },
  });
  const serial = results
    .map((one) => (one as D1Result<{ serial?: number }>).results?.[0]?.serial)
    .find((one) => one !== undefined);
  return requireLevel(ctx, String(serial));
}

export async function updateLevel(
  ctx: Ctx,
  id: string,
  input: z.infer<typeof UpdateLevelInput>,
): Promise<VipLevel> {
  requireAdmin(ctx.actor);
  const level = await requireLevel(ctx, id);
  const [first, ...rest] = changeLevel(ctx, level.productId, fieldsOf(input, level), ctx.now);
  await commit(ctx, [first, guard(ctx, 'not_found'), ...rest], {
    action: 'storefront.level_updated',
    target: level.productId,
    detail: { ...input },
  });
  return requireLevel(ctx, id);
}

/** Deletes a level that nobody holds, was given or is about to buy. */
export async function removeLevel(ctx: Ctx, id: string): Promise<void> {
  requireAdmin(ctx.actor);
  const { productId } = await requireLevel(ctx, id);
  await commit(ctx, [deleteLevel(ctx, productId, ctx.now), guard(ctx, 'vip_level_used')], {
    action: 'storefront.level_deleted',
    target: productId,
  });
}

/** A level by its number or its product's id. */
export async function requireLevel(ctx: Ctx, id: string): Promise<VipLevel> {
  const level = (await listLevels(ctx)).find((one) => String(one.serial) === id || one.productId === id);
  if (!level) throw new AppError('not_found');
  return level;
}

/** What is given, in the core's names; checked with what was there before. */
function fieldsOf(input: z.infer<typeof UpdateLevelInput>, before: VipLevel | null): Partial<LevelFields> {
  const min = input.rules_min ?? before?.rulesMin ?? 0;
  const max = input.rules_max ?? before?.rulesMax ?? 0;
  if (max !== 0 && min >= max) throw invalid('rules_max', 'must be above rules_min, or 0');
  const amount = (text: string | undefined) => (text === undefined ? undefined : parseDecimal(text));
  const flag = (value: number | undefined) => (value === undefined ? undefined : value === 1);
  return {
    name: input.name,
    imagesUrl: input.images_url,
    rulesMin: input.rules_min,
    rulesMax: input.rules_max,
    orderPrice: amount(input.order_price),
    fullReductionPrice: amount(input.full_reduction_price),
    discountRate: input.discount_rate,
    enabled: flag(input.is_enable),
    onSale: flag(input.is_supported_pay_buy),
    renewForbidden: flag(input.is_supported_renew),
    periods: input.pay_period_rules && periodsOf(input.pay_period_rules, before),
  };
}

/** A new level, where nothing else was said. */
const USUAL: Omit<LevelFields, 'name'> = {
  imagesUrl: '',
  rulesMin: 0,
  rulesMax: 0,
  orderPrice: 0,
  fullReductionPrice: 0,
  discountRate: '0',
  enabled: true,
  onSale: true,
  renewForbidden: false,
  periods: [],
};

function periodsOf(rules: z.infer<typeof Period>[], before: VipLevel | null): LevelFields['periods'] {
  const faults: Fault[] = [];
  const periods = rules.map((rule, index) => {
    const days = daysOf(rule.number);
    const shown = shownPeriod(days);
    if (rules.findIndex((one) => daysOf(one.number) === days) < index) {
      faults.push({ path: `pay_period_rules.${index}.number`, message: 'is given twice' });
    }
    // The reference data has a malformed one: what stays as it was is no fault of who saves something else.
    const was = before?.periods.find((one) => daysOf(one.number) === days)?.commission;
    const commission = rule.commission ?? was ?? '';
    if (commission !== was && parseCommission(commission) === null) {
      faults.push({
        path: `pay_period_rules.${index}.commission`,
        message: 'must be up to three of r|<percent> and s|<amount>, by ; and at most 100 % together',
      });
    }
    return {
      number: rule.number,
      ...shown,
      price: rule.price,
      commission,
      amount: parseDecimal(rule.price),
    };
  });
  if (faults.length > 0) throw new AppError('invalid_input', { faults });
  return periods;
}
