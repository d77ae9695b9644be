import type { z } from '@hono/zod-openapi';
import type { Me as MeView } from '#flows/get-me';
import { toIso } from '#kernel/clock';
import { showPhone } from '#modules/accounts/phone';
import type { UserRow } from '#modules/accounts/store';
import { lastSecondOf } from '#modules/commerce/rules';
import { maskPhone } from '#security/mask';
import type { Account, Me } from './users.schemas.ts';

export function toAccount(user: UserRow): z.infer<typeof Account> {
  return {
    user_id: user.id,
    email: user.email,
    user_type: user.userType,
    created_at: toIso(user.createdAt),
  };
}

/** The level is the plan's code without `plan_`; `free` where none is held. */
export function toMe({ user, planId, endsAt }: MeView): z.infer<typeof Me> {
  return {
    ...toAccount(user),
    email_verified: user.emailVerifiedAt !== null,
    phone: user.phone === null ? null : maskPhone(showPhone(user.phone)),
    nickname: user.nickname,
    avatar: user.avatar,
    realname_verified: user.realnameVerifiedAt !== null,
    membership_level: planId?.replace(/^plan_/, '') ?? 'free',
    membership_expires_at: endsAt === null ? null : toIso(lastSecondOf(endsAt)),
  };
}
