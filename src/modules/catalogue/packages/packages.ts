import type { z } from 'zod';
import { type AuditEntry, abortIf, commit, guard } from '#db/commit';
import type { Statement } from '#db/statement';
import type { Ctx } from '#kernel/context';
import { AppError, orNotFound } from '#kernel/errors';
import { parseDecimal } from '#kernel/money';
import type { Page, Slice } from '#kernel/page';
import { parseSerial } from '#kernel/serial';
import type { CreatePackageInput, PackageFilter, UpdatePackageInput } from './inputs.ts';
import {
  deletePackage as deletePackageRow,
  findPackage,
  insertPackage,
  isTypeMissing,
  listActivePackages,
  listPackageRows,
  NEWEST_CODE,
  NEWEST_SERIAL,
  type Package,
  selectPackage,
  setPackageStatus as setStatusRow,
  updatePackage as updatePackageRow,
} from './store.ts';

/** Membership packages (seed 001). Who may read and write them is settled by the system that is asked for. */

export async function listPackages(
  ctx: Ctx,
  { name, memberTypeId }: z.infer<typeof PackageFilter>,
  page: Page,
): Promise<Slice<Package>> {
  const typeSerial = memberTypeId ? parseSerial(memberTypeId) : undefined;
  if (typeSerial === null) return { items: [], total: 0, ...page };
  return listPackageRows(ctx, { name: name || undefined, typeSerial }, page);
}

/** Every active package, oldest first. */
export async function listValidPackages(ctx: Ctx) {
  return listActivePackages(ctx);
}

/** A package by the number in its path. */
export async function getPackage(ctx: Ctx, id: string): Promise<Package> {
  const serial = parseSerial(id);
  const found = serial === null ? null : await findPackage(ctx, { serial });
  if (!found) throw new AppError('package_not_found');
  return found;
}

/** Makes a package; its code follows from the site's next number. */
export async function createPackage(ctx: Ctx, input: z.infer<typeof CreatePackageInput>): Promise<Package> {
  const typeSerial = typeOf(input.memberTypeId) ?? null;
  return committed(
    ctx,
    [
      // First, so that a foreign key does not say it in its own words.
      ...(typeSerial === null ? [] : [abortIf(ctx, isTypeMissing(typeSerial), 'member_type_unknown')]),
      ...insertPackage(ctx, {
        name: input.name,
        status: input.status === 1 ? 'active' : 'disabled',
        typeSerial,
        price: input.price == null ? null : parseDecimal(input.price),
        validityDays: input.validityDays ?? null,
        description: input.description ?? null,
        now: ctx.now,
      }),
    ],
    { serial: NEWEST_SERIAL },
    { action: 'package.created', target: NEWEST_CODE, detail: { ...input } },
  );
}

/** Changes a package that is switched off; what is left out stays. */
export async function updatePackage(
  ctx: Ctx,
  id: string,
  input: z.infer<typeof UpdatePackageInput>,
): Promise<Package> {
  const found = await getPackage(ctx, id);
  if (found.status === 'active') throw new AppError('package_active');
  const typeSerial = typeOf(input.memberTypeId);
  const { name, status, price, validityDays, description } = input;
  const [first, ...rest] = updatePackageRow(
    ctx,
    found.id,
    {
      name,
      status: status === undefined ? undefined : status === 1 ? 'active' : 'disabled',
      typeSerial,
      price: typeof price === 'string' ? parseDecimal(price) : price,
      validityDays,
      description,
    },
    ctx.now,
  );
  const writing = committed(
    ctx,
    [
      first,
      guard(ctx, 'package_active'),
      ...(typeSerial == null ? [] : [abortIf(ctx, isTypeMissing(typeSerial), 'member_type_unknown')]),
      ...rest,
    ],
    { id: found.id },
    { action: 'package.updated', target: found.code, detail: { ...input } },
  );
  return orNotFound(writing, 'package_active', () => getPackage(ctx, id));
}

/** Switches a package on or off; as it is already is fine. Holders keep what they have. */
export async function setPackageStatus(ctx: Ctx, id: string, status: 0 | 1): Promise<Package> {
  const found = await getPackage(ctx, id);
  return committed(
    ctx,
    [
      setStatusRow(ctx, found.id, status === 1 ? 'active' : 'disabled', ctx.now),
      guard(ctx, 'package_not_found'),
    ],
    { id: found.id },
    { action: 'package.status_set', target: found.code, detail: { status } },
  );
}

/** Deletes a package that is switched off and that nobody holds or has ordered. */
export async function deletePackage(ctx: Ctx, id: string): Promise<void> {
  const found = await getPackage(ctx, id);
  const [remove, release] = deletePackageRow(ctx, found.id, ctx.now);
  const writing = commit(ctx, [remove, guard(ctx, 'package_not_deletable'), release], {
    action: 'package.deleted',
    target: found.code,
  });
  await orNotFound(writing, 'package_not_deletable', () => getPackage(ctx, id));
}

/** Commits, and gives the package as the batch left it: whoever deletes it next does not make it unknown here. */
async function committed(
  ctx: Ctx,
  statements: Statement[],
  by: Parameters<typeof selectPackage>[1],
  audit: AuditEntry,
): Promise<Package> {
  const results = await commit(ctx, [...statements, selectPackage(ctx, by)], audit);
  const [row] = results.at(-1) as Package[];
  if (!row) throw new Error('a package is not there in the batch that wrote it');
  return row;
}

/** A type's serial; null takes it away, undefined leaves it. What is no number at all is an unknown type. */
function typeOf(memberTypeId: string | null | undefined): number | null | undefined {
  if (memberTypeId == null) return memberTypeId;
  const serial = parseSerial(memberTypeId);
  if (serial === null) throw new AppError('member_type_unknown');
  return serial;
}
