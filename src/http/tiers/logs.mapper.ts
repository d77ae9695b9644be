import type { z } from '@hono/zod-openapi';
import type { TierLog } from '#flows/alliance/tier-logs';
import { formatLocal, localSpan } from '#kernel/calendar';
import { AppError, type Fault } from '#kernel/errors';
import { formatTrimmed } from '#kernel/money';
import { showPhone } from '#modules/accounts/phone';
import type { Level } from '#modules/catalogue/tiers/levels';
import type { TierMode } from '#modules/commerce/types';
import type { ExpressStatus, LogFilter, LogUser } from '#modules/referral/log-store';
import type { Log, LogQuery } from './logs.routes.ts';
import { toCondition } from './members.mapper.ts';

/** The seed's names of modes in a filter: `direct` is the promotion there. */
const MODES: Record<string, TierMode> = {
  cash: 'direct',
  direct: 'indirect',
  indirect: 'indirect',
  mixed: 'mixed',
  admin: 'admin',
};

/** A filter of the wire; what is no time, or ends before it starts, is a fault of its field. */
export function toLogFilter(query: z.infer<typeof LogQuery>, timeZone: string): LogFilter {
  const faults: Fault[] = [];
  const span = (path: 'start_time' | 'end_time') => {
    const text = query[path];
    if (text === undefined) return null;
    const found = localSpan(timeZone, text);
    if (!found) faults.push({ path, message: 'must be a day or a time, such as 2020-01-15 16:06:58' });
    return found;
  };
  const [start, end] = [span('start_time'), span('end_time')];
  if (start && end && start.from >= end.until)
    faults.push({ path: 'end_time', message: 'is before start_time' });
  if (faults.length > 0) throw new AppError('invalid_input', { faults });
  const { user_id, express_status, pay_mode } = query;
  return {
    level: query.level,
    user:
      user_id === undefined
        ? undefined
        : user_id.startsWith('u_')
          ? { id: user_id }
          : { serial: Number(user_id) },
    expressStatus: express_status === undefined ? undefined : (Number(express_status) as ExpressStatus),
    from: start?.from,
    until: end?.until,
    mode: pay_mode && MODES[pay_mode],
    payType: query.pay_type,
  };
}

export function toLog({ row, user, rank }: TierLog, timeZone: string): z.infer<typeof Log> {
  const { snapshot, consignee } = row;
  const { tier } = snapshot;
  if (!tier) throw new Error(`order ${row.id} is of no tier`);
  const memberId = Number(row.productId?.replace(/^tier_/, ''));
  const serial = user?.serial ?? null;
  return {
    id: row.serial,
    user_id: serial,
    member_id: memberId,
    consignee: consignee && {
      id: null,
      tag: null,
      area: consignee.area,
      name: consignee.name,
      other: null,
      phone: consignee.phone,
      detail: consignee.detail,
      default: null,
      user_id: serial,
      yz_address_id: null,
    },
    gift_info: row.claimedAt === null ? null : tier.gift,
    mode: tier.mode,
    order_no: row.id,
    status: row.status === 'refunded' ? 2 : 1,
    extend: tier.payType
      ? { pay_type: tier.payType, eoc: String(tier.eoc ?? 0), cash: formatTrimmed(tier.cash ?? 0) }
      : null,
    express_name: row.expressName,
    express_number: row.expressNumber,
    express_status: row.express,
    created_at: formatLocal(timeZone, row.createdAt),
    updated_at: formatLocal(
      timeZone,
      Math.max(row.paidAt ?? row.createdAt, row.giftUpdatedAt ?? 0, row.refundedAt ?? 0),
    ),
    member: {
      id: memberId,
      name: snapshot.productName,
      level: tier.level as Level,
      icon: tier.icon,
      condition: toCondition(tier.condition),
    },
    user: user && toUser(user, rank, timeZone),
  };
}

const STATUSES = { active: 0, frozen: 1, deleted: 2 } as const;

function toUser(user: LogUser, rank: number, timeZone: string): NonNullable<z.infer<typeof Log>['user']> {
  const joined = formatLocal(timeZone, user.createdAt);
  return {
    id: user.serial,
    name: user.nickname,
    sex: null,
    email: user.email,
    phone: user.phone && showPhone(user.phone),
    avatar: user.avatar,
    code: user.referralCode,
    bio: null,
    power: null,
    last_time: user.lastUsedAt === null ? null : formatLocal(timeZone, user.lastUsedAt),
    last_ip: null,
    status: STATUSES[user.status],
    // Tiers are numbered by their ranks.
    member_id: rank,
    join_time: joined,
    created_at: joined,
    updated_at: formatLocal(timeZone, user.updatedAt),
  };
}
