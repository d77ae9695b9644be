import type { z } from '@hono/zod-openapi';
import { formatDecimal } from '#kernel/money';
import type { listValidPackages } from '#modules/catalogue/packages/packages';
import type { Package as PackageRow } from '#modules/catalogue/packages/store';
import { toTimestamp } from './envelope.ts';
import type { Package, validList } from './packages.routes.ts';
import { toIds } from './schemas.ts';

export function toPackage(row: PackageRow): z.infer<typeof Package> {
  return {
    ...toIds(row.serial),
    code: row.code,
    name: row.name,
    memberTypeId: row.typeSerial === null ? null : String(row.typeSerial),
    price: row.price === null ? null : formatDecimal(row.price),
    validityDays: row.validityDays,
    description: row.description,
    status: row.status === 'active' ? 1 : 0,
    createTime: toTimestamp(row.createdAt),
    updateTime: toTimestamp(row.updatedAt),
  };
}

export function toValidPackage({
  serial,
  ...rest
}: Awaited<ReturnType<typeof listValidPackages>>[number]): z.infer<typeof validList.contract.data>[number] {
  return { ...toIds(serial), ...rest };
}
