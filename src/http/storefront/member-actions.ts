import { levelOf } from '#flows/storefront/level-of';
import { getPoster, listMyProfits, listMyTeam } from '#flows/storefront/propaganda';
import { requirePerson } from '#kernel/actor';
import type { ProfitRow } from '#modules/storefront/store';
import { type Action, choice, ID, isMore, ONE, only, PAGING, pageOf, serialOf } from './action.ts';
import { toBase, toList, toPayments, toProfit, toTeamMember, toUserVip } from './mapper.ts';

/** What somebody is, whom they invited, and what that earns them. */
export const MEMBER_ACTIONS: Action[] = [
  {
    control: 'profit',
    action: 'index',
    summary: 'What my invitees’ purchases earn me',
    takes: { ...PAGING, status: '−1 all, 0 to 2', level: '−1 all, 1 to 3' },
    run: async (ctx, _, parameters) => {
      const more = isMore(parameters);
      const status = more ? choice(parameters, 'status', [0, 1, 2] as const) : undefined;
      const filter = {
        status: status === undefined ? undefined : PROFIT_STATUSES[status],
        generation: more ? choice(parameters, 'level', [1, 2, 3] as const) : undefined,
      };
      const found = await listMyProfits(ctx, filter, pageOf(parameters));
      return { ...toList(found, (row) => toProfit(row, ctx.site.timeZone)), ...toPayments(ctx) };
    },
  },
  {
    control: 'profit',
    action: 'detail',
    summary: 'One of my profits',
    takes: ID,
    run: async (ctx, _, parameters) => {
      const { items } = await listMyProfits(ctx, { serial: serialOf(parameters) }, ONE);
      return { data: toProfit(only(items), ctx.site.timeZone) };
    },
  },
  {
    control: 'team',
    action: 'index',
    summary: 'My direct invitees',
    takes: { page: PAGING.page },
    run: async (ctx, _, parameters) => {
      const found = await listMyTeam(ctx, undefined, pageOf(parameters));
      return { ...toList(found, (row) => toTeamMember(row, ctx.site.timeZone)), ...toPayments(ctx) };
    },
  },
  {
    control: 'team',
    action: 'detail',
    summary: 'One of my direct invitees',
    takes: ID,
    run: async (ctx, _, parameters) => {
      const { items } = await listMyTeam(ctx, serialOf(parameters), ONE);
      return { data: toTeamMember(only(items), ctx.site.timeZone) };
    },
  },
  {
    control: 'poster',
    action: 'index',
    summary: 'My link, and its QR picture',
    run: async (ctx) => {
      const { url, picture } = await getPoster(ctx);
      return { user_share_url: url, user_share_qrode: picture };
    },
  },
  {
    control: 'vip',
    action: 'index',
    summary: 'My level',
    run: async (ctx, settings) => ({
      base: toBase(settings),
      user_vip: toUserVip(await levelOf(ctx, requirePerson(ctx.actor).userId), ctx.now, ctx.site.timeZone),
      nav_list: NAVIGATION.filter(({ propaganda }) => !propaganda || settings.is_propaganda === '1').map(
        ({ title, path }) => ({ title, icon: '', url: `/storefront/${path}` }),
      ),
    }),
  },
];

const NAVIGATION = [
  { title: '会员订单', path: 'order/index', propaganda: false },
  { title: '收益明细', path: 'profit/index', propaganda: false },
  { title: '我的团队', path: 'team/index', propaganda: true },
  { title: '推广返利', path: 'poster/index', propaganda: true },
];
const PROFIT_STATUSES: ProfitRow['status'][] = ['pending', 'settled', 'void'];
