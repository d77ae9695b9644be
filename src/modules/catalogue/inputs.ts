import { z } from 'zod';
import { isDecimal } from '#kernel/money';
import { benefitFault } from './rules.ts';

const Price = z.string().refine(isDecimal, 'must be an amount such as "49.00"');

const BenefitInput = z
  .looseObject({ key: z.string().min(1).max(64), value: z.unknown(), desc: z.string().max(200).optional() })
  .superRefine((benefit, issues) => {
    const fault =
      benefit.value === undefined ? 'is required' : benefitFault({ key: benefit.key, value: benefit.value });
    if (fault) issues.addIssue({ code: 'custom', path: ['value'], message: fault });
  });

const Benefits = z
  .array(BenefitInput)
  .max(50)
  .superRefine((benefits, issues) => {
    const seen = new Set<string>();
    benefits.forEach(({ key }, index) => {
      if (seen.has(key)) issues.addIssue({ code: 'custom', path: [index, 'key'], message: 'is given twice' });
      seen.add(key);
    });
  });

/** Seed 000 §8.1, the admin's create body. */
export const CreatePlanInput = z.object({
  code: z
    .string()
    .regex(/^[a-z0-9][a-z0-9_]{0,39}$/, 'must be lower-case letters, digits and _')
    .optional(),
  name: z.string().trim().min(1).max(100),
  type: z.enum(['personal', 'enterprise']),
  price_monthly: Price.nullish(),
  price_yearly: Price.nullish(),
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/)
    .optional(),
  status: z.enum(['active', 'disabled']).default('active'),
  benefits: Benefits.default([]),
});

/** PUT merges: what is left out stays. */
export const UpdatePlanInput = z.object({
  name: CreatePlanInput.shape.name.optional(),
  type: CreatePlanInput.shape.type.optional(),
  price_monthly: Price.nullish(),
  price_yearly: Price.nullish(),
  currency: CreatePlanInput.shape.currency,
  status: z.enum(['active', 'disabled']).optional(),
  benefits: Benefits.optional(),
});
