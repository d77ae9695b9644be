import type { z } from 'zod';
import { commit, guard } from '#db/commit';
import type { Ctx } from '#kernel/context';
import { AppError } from '#kernel/errors';
import type { Page, Slice } from '#kernel/page';
import type { CreateMemberTypeInput, UpdateMemberTypeInput } from './inputs.ts';
import { parseSerial } from './serial.ts';
import {
  deletePackageType,
  findPackageType,
  insertPackageType,
  listActivePackageTypes,
  listPackageTypes,
  type PackageType,
  updatePackageType,
} from './type-store.ts';

/** Kinds of members that packages are for (seed 001 `memberTypeId`): VIP, GOLD. */

/** Newest first. */
export async function listMemberTypes(ctx: Ctx, page: Page): Promise<Slice<PackageType>> {
  return listPackageTypes(ctx, page);
}

/** Every active type, oldest first. */
export async function listValidMemberTypes(ctx: Ctx): Promise<PackageType[]> {
  return listActivePackageTypes(ctx);
}

export async function getMemberType(ctx: Ctx, id: string): Promise<PackageType> {
  const serial = parseSerial(id);
  const found = serial === null ? null : await findPackageType(ctx, serial);
  if (!found) throw new AppError('member_type_not_found');
  return found;
}

export async function createMemberType(
  ctx: Ctx,
  { code, name, status }: z.infer<typeof CreateMemberTypeInput>,
): Promise<PackageType> {
  const row = { code, name, active: status === 1, createdAt: ctx.now, updatedAt: ctx.now };
  const [made] = await commit(ctx, [insertPackageType(ctx, row)], {
    action: 'member_type.created',
    target: code,
    detail: { name, status },
  });
  const [type] = made as PackageType[];
  if (!type) throw new Error('a member type vanished after it was made');
  return type;
}

/** Changes a type; what is left out stays. */
export async function updateMemberType(
  ctx: Ctx,
  id: string,
  { code, name, status }: z.infer<typeof UpdateMemberTypeInput>,
): Promise<PackageType> {
  const found = await getMemberType(ctx, id);
  const active = status === undefined ? undefined : status === 1;
  await commit(
    ctx,
    [
      updatePackageType(ctx, found.serial, { code, name, active, updatedAt: ctx.now }),
      guard(ctx, 'member_type_not_found'),
    ],
    { action: 'member_type.updated', target: found.code, detail: { code, name, status } },
  );
  return getMemberType(ctx, id);
}

/** Deletes a type that no package has. */
export async function deleteMemberType(ctx: Ctx, id: string): Promise<void> {
  const found = await getMemberType(ctx, id);
  await commit(ctx, [deletePackageType(ctx, found.serial), guard(ctx, 'member_type_used')], {
    action: 'member_type.deleted',
    target: found.code,
  });
}
