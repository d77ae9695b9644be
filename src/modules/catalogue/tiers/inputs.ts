import { z } from 'zod';
import { isDecimal, parseDecimal } from '#kernel/money';
import type { EquityGrant, Gift, TierCondition } from '../types.ts';
import { LEVELS, rankOf, SOLD_LEVELS } from './levels.ts';
import type { TierChange } from './store.ts';

/** Equities that need a rate, that may have one, and that have those of a reward; all others are flags. */
const FEE = 'platform:services';
const SHOPPING = 'direct:reward';
const REWARDS: readonly string[] = SOLD_LEVELS.map((level) => `direct:${level}:reward`);

const Picture = z.string().max(2048).nullable();

const Amount = (least: number) =>
  z
    .union([z.string(), z.number()])
    .transform(String)
    .refine((text) => isDecimal(text) && parseDecimal(text) >= least, 'must be an amount such as "99.99"')
    .transform(parseDecimal);

const Whole = (least: number, most: number) =>
  z
    .union([z.number(), z.string().regex(/^\d{1,10}$/, 'must be a whole number')])
    .transform(Number)
    .pipe(z.int().min(least).max(most));

/** Whole percent as a number or a numeric string; kept as a string, as the seed writes it. */
const Rate = Whole(0, 100).transform(String);

const EquityInput = z
  .object({
    key: z.string(),
    desc: z.string().max(200).optional(),
    // As answers have it: what there is to say is in the rates.
    value: z.unknown().optional(),
    rate: z.unknown().optional(),
    z_rate: z.unknown().optional(),
    m_rate: z.unknown().optional(),
    m_zrate: z.unknown().optional(),
    z_elc_rate: z.unknown().optional(),
  })
  .transform((input, issues): EquityGrant => {
    const { key, desc = '' } = input;
    const read = (field: 'rate' | 'z_rate' | 'm_rate' | 'z_elc_rate', value: unknown, required: boolean) => {
      if (value == null && !required) return {};
      const parsed = Rate.safeParse(value);
      if (parsed.success) return { [field]: parsed.data };
      const message = value == null ? 'is required' : 'must be a whole percentage from 0 to 100';
      issues.addIssue({ code: 'custom', path: [field], message });
      return {};
    };
    if (key === FEE || key === SHOPPING) {
      const rate = read('rate', input.rate, key === FEE);
      return { key, desc, ...('rate' in rate ? rate : { value: null }) };
    }
    if (!REWARDS.includes(key)) return { key, desc, value: null };
    const rates: Partial<EquityGrant> = {
      ...read('m_rate', input.m_rate ?? input.m_zrate, true),
      ...read('z_rate', input.z_rate, true),
      ...read('z_elc_rate', input.z_elc_rate, false),
    };
    if (Number(rates.z_rate ?? 0) + Number(rates.z_elc_rate ?? 0) > 100) {
      issues.addIssue({ code: 'custom', path: ['z_elc_rate'], message: 'is more than 100 with z_rate' });
    }
    return { key, desc, ...rates };
  });

/** Unknown keys and repeated ones are refused; one without words has its equity's. */
function Equities(known: ReadonlyMap<string, string>) {
  return z
    .array(EquityInput)
    .max(50)
    .superRefine((list, issues) => {
      list.forEach(({ key }, index) => {
        const path = [index, 'key'];
        if (!known.has(key)) issues.addIssue({ code: 'custom', path, message: 'is not known' });
        if (list.findIndex((one) => one.key === key) < index)
          issues.addIssue({ code: 'custom', path, message: 'is given twice' });
      });
    })
    .transform((list) => list.map((one) => ({ ...one, desc: one.desc || (known.get(one.key) ?? '') })));
}

/** What a tier does not have is dropped, whatever it is. */
const Dropped = z.unknown().optional();

/** Only bronze is received by a link and a code; the others are shipped. */
function GiftInfo(level: string) {
  const Receive = z.object({ url: z.string().max(2048), code: z.string().max(200) });
  const fields = {
    name: z.string().trim().min(1).max(100),
    cover: z.string().max(2048),
    content: z.array(z.string().min(1).max(200)).min(1).max(50),
  };
  return level === 'bronze'
    ? z.object({ ...fields, receive: Receive }).nullable()
    : z
        .object({ ...fields, receive: Dropped })
        .transform((gift): Gift => ({ ...gift, receive: null }))
        .nullable();
}

/** Gold and the tiers above are also reached by invitees of a lower one. */
function Condition(level: string) {
  const below = LEVELS.slice(1, Math.max(2, rankOf(level) - 1)) as [string, ...string[]];
  const Indirect = z.object({ num: Whole(1, 1_000_000), level: z.enum(below) }).nullish();
  const Direct = z.object({
    price: Amount(1),
    limit: Whole(0, 1_000_000_000).default(0),
    cost_price: Amount(0).nullish(),
  });
  const direct = ({ price, limit, cost_price }: z.infer<typeof Direct>) => ({
    price,
    limit,
    costPrice: cost_price ?? null,
  });
  return level === 'bronze'
    ? z
        .object({ direct: Direct, indirect: Dropped })
        .transform((one): TierCondition => ({ direct: direct(one.direct), indirect: null }))
        .nullable()
    : z
        .object({ direct: Direct, indirect: Indirect })
        .transform((one): TierCondition => ({ direct: direct(one.direct), indirect: one.indirect ?? null }))
        .nullable();
}

/**
 * Seed 003, the body of a tier's update: top-level keys merge, nested objects are replaced whole.
 *
 * @param known the words of each equity, by key
 */
export function updateTierInput(level: string, known: ReadonlyMap<string, string>) {
  const fields = {
    name: z.string().trim().min(1).max(64).optional(),
    cover: Picture.optional(),
    icon: Picture.optional(),
    equities: Equities(known).optional(),
  };
  return level === 'common'
    ? z
        .object({ ...fields, gift_info: Dropped, condition: Dropped })
        .transform(({ gift_info, condition, ...rest }): TierChange => rest)
    : z
        .object({
          ...fields,
          gift_info: GiftInfo(level).optional(),
          condition: Condition(level).optional(),
        })
        .transform(({ gift_info: gift, ...rest }): TierChange => ({ ...rest, gift }));
}

/** PUT merges; null takes a picture away. */
export const UpdateEquityInput = z.object({
  use_icon: Picture.optional(),
  unused_icon: Picture.optional(),
  desc: z.string().trim().min(1).max(200).optional(),
});
