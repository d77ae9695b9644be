import type { z } from 'zod';
import { commit, guard } from '#db/commit';
import type { Ctx } from '#kernel/context';
import { AppError, orNotFound } from '#kernel/errors';
import type { Page, Slice } from '#kernel/page';
import { parseSerial } from '#kernel/serial';
import type { CreateMemberTypeInput, UpdateMemberTypeInput } from './inputs.ts';
import {
  deleteMemberTypeRow,
  findMemberTypeRow,
  insertMemberTypeRow,
  listActiveMemberTypeRows,
  listMemberTypeRows,
  type MemberTypeRow,
  updateMemberTypeRow,
} from './member-type-store.ts';

/** Kinds of members that packages are for (seed 001 `memberTypeId`): VIP, GOLD. */

/** Newest first. */
export async function listMemberTypes(ctx: Ctx, page: Page): Promise<Slice<MemberTypeRow>> {
  return listMemberTypeRows(ctx, page);
}

/** Every active type, oldest first. */
export async function listValidMemberTypes(ctx: Ctx): Promise<MemberTypeRow[]> {
  return listActiveMemberTypeRows(ctx);
}

export async function getMemberType(ctx: Ctx, id: string): Promise<MemberTypeRow> {
  const serial = parseSerial(id);
  const found = serial === null ? null : await findMemberTypeRow(ctx, serial);
  if (!found) throw new AppError('member_type_not_found');
  return found;
}

export async function createMemberType(
  ctx: Ctx,
  { code, name, status }: z.infer<typeof CreateMemberTypeInput>,
): Promise<MemberTypeRow> {
  const row = { code, name, active: status === 1, createdAt: ctx.now, updatedAt: ctx.now };
  return rowOf(
    commit(ctx, [insertMemberTypeRow(ctx, row)], {
      action: 'member_type.created',
      target: code,
      detail: { name, status },
    }),
  );
}

/** Changes a type; what is left out stays. */
export async function updateMemberType(
  ctx: Ctx,
  id: string,
  { code, name, status }: z.infer<typeof UpdateMemberTypeInput>,
): Promise<MemberTypeRow> {
  const found = await getMemberType(ctx, id);
  const active = status === undefined ? undefined : status === 1;
  return rowOf(
    commit(
      ctx,
      [
        updateMemberTypeRow(ctx, found.serial, { code, name, active, updatedAt: ctx.now }),
        guard(ctx, 'member_type_not_found'),
      ],
      { action: 'member_type.updated', target: found.code, detail: { code, name, status } },
    ),
  );
}

/** The row that a batch gave back first: whoever deletes it next does not make it unknown here. */
async function rowOf(writing: Promise<unknown[]>): Promise<MemberTypeRow> {
  const [rows] = await writing;
  const [type] = rows as MemberTypeRow[];
  if (!type) throw new Error('a member type is not there in the batch that wrote it');
  return type;
}

/** Deletes a type that no package has. */
export async function deleteMemberType(ctx: Ctx, id: string): Promise<void> {
  const found = await getMemberType(ctx, id);
  const writing = commit(ctx, [deleteMemberTypeRow(ctx, found.serial), guard(ctx, 'member_type_used')], {
    action: 'member_type.deleted',
    target: found.code,
  });
  await orNotFound(writing, 'member_type_used', () => getMemberType(ctx, id));
}
