import { z } from 'zod';

/** `^\d{1,10}(\.\d{1,2})?$` of spec sites: digits only, at most two decimals. */
const Price = z.string().regex(/^\d{1,10}(\.\d{1,2})?$/, 'must be an amount such as "99.99"');
const Status = z.union([z.literal(0), z.literal(1)], { error: 'must be 0 or 1' });
const Name = z.string().trim().min(1).max(100);

/** Seed 001, the body of a new package. A `code` that is sent is ignored: the server gives it. */
export const CreatePackageInput = z.object({
  name: Name,
  /** A member type's `_id`. */
  memberTypeId: z.string().nullish(),
  price: Price.nullish(),
  validityDays: z.int().min(1).max(36_500).nullish(),
  description: z.string().max(2000).nullish(),
  status: Status.default(0),
});

/** The same, but what is left out stays; `null` takes it away. */
export const UpdatePackageInput = CreatePackageInput.extend({ status: Status.optional() });

export const PackageStatusInput = z.object({ status: Status });

/** `memberTypeId` is a member type's `_id`; one that there is not finds nothing. */
export const PackageFilter = z.object({
  name: z.string().max(100).optional(),
  memberTypeId: z.string().max(100).optional(),
});

const TypeCode = z
  .string()
  .trim()
  .regex(/^[A-Za-z][A-Za-z0-9_-]{0,31}$/, 'must be letters, digits, - and _, such as VIP');

export const CreateMemberTypeInput = z.object({ code: TypeCode, name: Name, status: Status.default(0) });

export const UpdateMemberTypeInput = z.object({
  code: TypeCode.optional(),
  name: Name.optional(),
  status: Status.optional(),
});
