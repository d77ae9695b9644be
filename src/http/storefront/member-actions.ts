import { levelOf } from '#flows/storefront/level-of';
import { getPoster, listMyProfits, listMyTeam } from '#flows/storefront/propaganda';
import { requirePerson } from '#kernel/actor';
import type { ProfitRow } from '#modules/storefront/store';
import {
  type Action,
  action,
  choice,
  ID,
  isMore,
  MORE,
  ONE,
  only,
  PAGE,
  pageOf,
  serialOf,
} from './action.ts';
import * as examples from './examples.ts';
import { toBase, toList, toPayments, toProfit, toTeamMember, toUserVip } from './mapper.ts';
import * as schemas from './schemas.ts';

/** What somebody is, whom they invited, and what that earns them. */
export const MEMBER_ACTIONS: Action[] = [
  action({
    control: 'profit',
    action: 'index',
    summary: 'What my invitees’ purchases earn me',
    description:
      'Newest first, ten on each page; `status` and `level` count only with `is_more` `1`. What the `commission` of its ' +
      'period said when it was placed, a paid order earns up to three generations of inviters: the profit is made ' +
      '`base.profit_order_create_time` minutes after that at the earliest, and goes into the wallet ' +
      '`base.profit_order_settlement_time` minutes later. A full refund voids it, and takes back what was settled.',
    takes: {
      ...PAGE,
      ...MORE,
      status: {
        description: '`-1` all, `0` 待结算, `1` 已结算, `2` 已失效.',
        example: '0',
        enum: ['-1', '0', '1', '2'],
        default: '-1',
      },
      level: {
        description:
          'How far the buyer is away: `-1` all, `1` whom I invited, `2` whom they invited, `3` whom those invited.',
        example: '1',
        enum: ['-1', '1', '2', '3'],
        default: '-1',
      },
    },
    data: schemas.Profits,
    example: examples.PROFITS,
    errors: [],
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
  }),
  action({
    control: 'profit',
    action: 'detail',
    summary: 'One of my profits',
    description:
      'By the `id` of `profit/index`; somebody else’s is −100. Which order it comes of is not told.',
    takes: ID('The profit’s `id`.', '12'),
    data: schemas.OneProfit,
    example: examples.ONE_PROFIT,
    errors: ['not_found'],
    run: async (ctx, _, parameters) => {
      const { items } = await listMyProfits(ctx, { serial: serialOf(parameters) }, ONE);
      return { data: toProfit(only(items), ctx.site.timeZone) };
    },
  }),
  action({
    control: 'team',
    action: 'index',
    summary: 'My direct invitees',
    description:
      'Newest first, ten on each page; who deleted their account is left out. `base.is_propaganda` `0` switches it off.',
    takes: PAGE,
    data: schemas.Team,
    example: examples.TEAM,
    errors: ['vip_propaganda_off'],
    run: async (ctx, _, parameters) => {
      const found = await listMyTeam(ctx, undefined, pageOf(parameters));
      return { ...toList(found, (row) => toTeamMember(row, ctx.site.timeZone)), ...toPayments(ctx) };
    },
  }),
  action({
    control: 'team',
    action: 'detail',
    summary: 'One of my direct invitees',
    description: 'By the `id` of `team/index`; whoever was invited by somebody else is −100.',
    takes: ID('The invitee’s `id`.', '1007'),
    data: schemas.OneInvitee,
    example: examples.ONE_INVITEE,
    errors: ['not_found', 'vip_propaganda_off'],
    run: async (ctx, _, parameters) => {
      const { items } = await listMyTeam(ctx, serialOf(parameters), ONE);
      return { data: toTeamMember(only(items), ctx.site.timeZone) };
    },
  }),
  action({
    control: 'poster',
    action: 'index',
    summary: 'My link, and its QR picture',
    description: 'Who registers by the link is a direct invitee. `base.is_propaganda` `0` switches it off.',
    data: schemas.Poster,
    example: examples.POSTER,
    errors: ['vip_propaganda_off'],
    run: async (ctx) => {
      const { url, picture } = await getPoster(ctx);
      return { user_share_url: url, user_share_qrode: picture };
    },
  }),
  action({
    control: 'vip',
    action: 'index',
    summary: 'My level',
    description:
      'One that was given by hand counts before one that was paid for, and this before one that is reached by points or ' +
      'spending. `nav_list` is the pages of the plugin, without team and poster where `base.is_propaganda` is `0`.',
    data: schemas.Mine,
    example: examples.MINE,
    errors: [],
    run: async (ctx, settings) => ({
      base: toBase(settings),
      user_vip: toUserVip(await levelOf(ctx, requirePerson(ctx.actor).userId), ctx.now, ctx.site.timeZone),
      nav_list: NAVIGATION.filter(({ propaganda }) => !propaganda || settings.is_propaganda === '1').map(
        ({ title, path }) => ({ title, icon: '', url: `/storefront/${path}` }),
      ),
    }),
  }),
];

const NAVIGATION = [
  { title: '会员订单', path: 'order/index', propaganda: false },
  { title: '收益明细', path: 'profit/index', propaganda: false },
  { title: '我的团队', path: 'team/index', propaganda: true },
  { title: '推广返利', path: 'poster/index', propaganda: true },
];
const PROFIT_STATUSES: ProfitRow['status'][] = ['pending', 'settled', 'void'];
