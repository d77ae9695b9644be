-- What every site sells from its first day (spec/reference-data.md). Only INSERT OR IGNORE: what an admin
-- changed meanwhile stays as it is. OR IGNORE also hides a row that breaks a constraint, so
-- test/drizzle/reference-data.test.ts compares all of them with the seeds.
-- The seeds give local times without a zone. They are taken as UTC. What has no time there gets 2024-01-01.
-- json() stores the JSON compactly with its keys in this order, and fails on what is not JSON.

-- Token plans (seed 000 8.1).
INSERT OR IGNORE INTO `products` (`id`, `program`, `serial`, `code`, `name`, `status`, `created_at`, `updated_at`) VALUES
  ('plan_free', 'token', 1, 'free', '免费版', 'active', unixepoch('2024-01-01') * 1000, unixepoch('2024-01-01') * 1000),
  ('plan_basic', 'token', 2, 'basic', '基础版', 'active', unixepoch('2024-01-01') * 1000, unixepoch('2024-01-01') * 1000),
  ('plan_premium', 'token', 3, 'premium', '高级版', 'active', unixepoch('2024-01-01') * 1000, unixepoch('2024-01-01') * 1000),
  ('plan_enterprise', 'token', 4, 'enterprise', '企业标准版', 'active', unixepoch('2024-01-01') * 1000, unixepoch('2024-01-01') * 1000);
--> statement-breakpoint
-- plan_free is not in the seed: it is what applies without a membership.
INSERT OR IGNORE INTO `token_plans` (`product_id`, `audience`, `currency`, `benefits`) VALUES
  ('plan_free', 'personal', 'CNY', json('[
    {"key":"tpm","value":10000,"desc":"每分钟 1万 Token"},
    {"key":"tpd","value":100000,"desc":"每日 10万 Token"},
    {"key":"priority","value":"P2","desc":"队列优先级 P2"}
  ]')),
  ('plan_basic', 'personal', 'CNY', json('[
    {"key":"tpm","value":100000,"desc":"每分钟 10万 Token"},
    {"key":"tpd","value":2000000,"desc":"每日 200万 Token"},
    {"key":"models","value":["gpt-4o","qwen-turbo"],"desc":"可用模型"},
    {"key":"token_discount","value":"20%","desc":"Token 费率 8折"},
    {"key":"priority","value":"P1","desc":"队列优先级 P1"},
    {"key":"support","value":"email","desc":"邮件工单支持"}
  ]')),
  ('plan_premium', 'personal', 'CNY', json('[
    {"key":"tpm","value":500000,"desc":"每分钟 50万 Token"},
    {"key":"tpd","value":10000000,"desc":"每日 1000万 Token"},
    {"key":"token_discount","value":"40%","desc":"Token 费率 6折"},
    {"key":"priority","value":"P1","desc":"队列优先级 P1"},
    {"key":"support","value":"priority","desc":"优先技术支持"}
  ]')),
  ('plan_enterprise', 'enterprise', 'CNY', json('[
    {"key":"tpm","value":2000000,"desc":"每分钟 200万 Token"},
    {"key":"member_seats","value":50,"desc":"50个成员席位"},
    {"key":"priority","value":"P0","desc":"队列最高优先级"}
  ]'));
--> statement-breakpoint
INSERT OR IGNORE INTO `offers` (`product_id`, `period`, `days`, `amount`, `position`) VALUES
  ('plan_free', 'monthly', NULL, 0, 0),
  ('plan_free', 'yearly', NULL, 0, 1),
  ('plan_basic', 'monthly', NULL, 4900, 0),
  ('plan_basic', 'yearly', NULL, 49000, 1),
  ('plan_premium', 'monthly', NULL, 19900, 0),
  ('plan_premium', 'yearly', NULL, 199000, 1),
  ('plan_enterprise', 'monthly', NULL, 99900, 0),
  ('plan_enterprise', 'yearly', NULL, 999000, 1);
--> statement-breakpoint

-- Membership packages and their types (seed 001).
INSERT OR IGNORE INTO `package_types` (`serial`, `code`, `name`, `active`, `created_at`, `updated_at`) VALUES
  (1, 'VIP', '会员', 1, unixepoch('2024-01-01') * 1000, unixepoch('2024-01-01') * 1000),
  (2, 'GOLD', '黄金会员', 1, unixepoch('2024-01-01') * 1000, unixepoch('2024-01-01') * 1000);
--> statement-breakpoint
INSERT OR IGNORE INTO `products` (`id`, `program`, `serial`, `code`, `name`, `status`, `created_at`, `updated_at`) VALUES
  ('pkg_1', 'package', 1, 'MEM0001', '会员套餐1', 'active', unixepoch('2024-01-01') * 1000, unixepoch('2024-01-01') * 1000),
  ('pkg_2', 'package', 2, 'MEM0002', '会员套餐2', 'active', unixepoch('2024-01-01') * 1000, unixepoch('2024-01-01') * 1000);
--> statement-breakpoint
INSERT OR IGNORE INTO `packages` (`product_id`, `type_serial`, `validity_days`, `description`) VALUES
  ('pkg_1', 1, 30, '套餐描述'),
  ('pkg_2', 1, 30, '套餐描述');
--> statement-breakpoint
INSERT OR IGNORE INTO `offers` (`product_id`, `period`, `days`, `amount`, `position`) VALUES
  ('pkg_1', 'fixed', 30, 9999, 0),
  ('pkg_2', 'fixed', 30, 9999, 0);
--> statement-breakpoint

-- Alliance tiers (seed 003, first response).
INSERT OR IGNORE INTO `products` (`id`, `program`, `serial`, `code`, `name`, `status`, `created_at`, `updated_at`) VALUES
  ('tier_1', 'tier', 1, 'common', '普通会员', 'active', unixepoch('2020-01-11 14:29:10') * 1000, unixepoch('2020-01-11 14:29:10') * 1000),
  ('tier_2', 'tier', 2, 'bronze', '青铜会员', 'active', unixepoch('2020-01-11 14:29:10') * 1000, unixepoch('2020-01-11 14:29:10') * 1000),
  ('tier_3', 'tier', 3, 'gold', '黄金会员', 'active', unixepoch('2020-01-11 14:29:10') * 1000, unixepoch('2020-01-11 14:29:10') * 1000),
  ('tier_4', 'tier', 4, 'platina', '白金会员', 'active', unixepoch('2020-01-11 14:29:10') * 1000, unixepoch('2020-01-11 14:29:10') * 1000),
  ('tier_5', 'tier', 5, 'platinum', '铂金会员', 'active', unixepoch('2020-01-11 14:29:10') * 1000, unixepoch('2020-01-11 14:29:10') * 1000),
  ('tier_6', 'tier', 6, 'diamond', '钻石会员', 'active', unixepoch('2020-01-11 14:29:10') * 1000, unixepoch('2020-01-11 14:29:10') * 1000);
--> statement-breakpoint
-- Words and rates disagree in places (一级推荐奖励10% with rate 20, 推荐铂金会员奖40% with 60), and elc:amount is
-- spelt ECL: so in the seed. The rate counts (spec/tiers.md).
INSERT OR IGNORE INTO `tiers` (`product_id`, `rank`, `icon`, `cover`, `eoc_limit`, `cost_price`, `invitee_count`, `invitee_level`, `gift`, `equities`) VALUES
  ('tier_1', 1, NULL, ' ', NULL, NULL, NULL, NULL, NULL, json('[
    {"key":"return:commission","desc":"购物返佣100%","value":null},
    {"key":"platform:services","desc":"平台服务费35%","rate":"35"},
    {"key":"elc:amount","desc":"ECL发车额度","value":null},
    {"key":"elc:experience","desc":"ECL发车体验金","value":null},
    {"key":"coupons","desc":"海量优惠卷","value":null},
    {"key":"direct:reward","desc":"一级推荐奖励10%","rate":"20"}
  ]')),
  ('tier_2', 2, NULL, ' ', 100, 1, NULL, NULL, json('{"name":"礼品一","cover":"","content":["礼包1","礼包二"],"receive":{"url":"","code":""}}'), json('[
    {"key":"return:commission","desc":"购物返佣100%","value":null},
    {"key":"platform:services","desc":"平台服务费22%","rate":"22"},
    {"key":"elc:amount","desc":"ECL发车额度","value":null},
    {"key":"elc:experience","desc":"ECL发车体验金","value":null},
    {"key":"coupons","desc":"海量优惠卷","value":null},
    {"key":"member:gift","desc":"会员礼包","value":null},
    {"key":"direct:reward","desc":"一级推荐奖励10%","rate":"20"},
    {"key":"direct:bronze:reward","desc":"推荐青铜会员奖40%","m_rate":"40","z_rate":"40"},
    {"key":"direct:gold:reward","desc":"推荐黄金会员奖40%","m_rate":"40","z_rate":"40"},
    {"key":"direct:platina:reward","desc":"推荐白金会员奖40%","m_rate":"40","z_rate":"40"},
    {"key":"direct:platinum:reward","desc":"推荐铂金会员奖40%","m_rate":"40","z_rate":"40"},
    {"key":"direct:diamond:reward","desc":"推荐钻石会员奖40%","m_rate":"40","z_rate":"40"}
  ]')),
  ('tier_3', 3, NULL, ' ', 500, 1, 100, 'bronze', json('{"name":"礼品一","cover":"","content":["礼包1","礼包二"],"receive":null}'), json('[
    {"key":"return:commission","desc":"购物返佣100%","value":null},
    {"key":"platform:services","desc":"平台服务费18%","rate":"18"},
    {"key":"elc:amount","desc":"ECL发车额度","value":null},
    {"key":"elc:experience","desc":"ECL发车体验金","value":null},
    {"key":"coupons","desc":"海量优惠卷","value":null},
    {"key":"member:gift","desc":"会员礼包","value":null},
    {"key":"direct:reward","desc":"一级推荐奖励10%","value":null},
    {"key":"direct:bronze:reward","desc":"推荐青铜会员奖50%","m_rate":"50","z_rate":"50"},
    {"key":"direct:gold:reward","desc":"推荐黄金会员奖50%","m_rate":"50","z_rate":"50"},
    {"key":"direct:platina:reward","desc":"推荐白金会员奖50%","m_rate":"50","z_rate":"50"},
    {"key":"direct:platinum:reward","desc":"推荐铂金会员奖50%","m_rate":"50","z_rate":"50"},
    {"key":"direct:diamond:reward","desc":"推荐钻石会员奖50%","m_rate":"50","z_rate":"50"}
  ]')),
  ('tier_4', 4, NULL, ' ', 1000, 1, 100, 'gold', json('{"name":"礼品一","cover":"","content":["礼包1","礼包二"],"receive":null}'), json('[
    {"key":"return:commission","desc":"购物返佣100%","value":null},
    {"key":"platform:services","desc":"平台服务费15%","rate":"15"},
    {"key":"elc:amount","desc":"ECL发车额度","value":null},
    {"key":"elc:experience","desc":"ECL发车体验金","value":null},
    {"key":"coupons","desc":"海量优惠卷","value":null},
    {"key":"member:gift","desc":"会员礼包","value":null},
    {"key":"direct:reward","desc":"一级推荐奖励10%","value":null},
    {"key":"direct:bronze:reward","desc":"推荐青铜会员奖60%","m_rate":"60","z_rate":"60"},
    {"key":"direct:gold:reward","desc":"推荐黄金会员奖60%","m_rate":"60","z_rate":"60"},
    {"key":"direct:platina:reward","desc":"推荐白金会员奖60%","m_rate":"60","z_rate":"60"},
    {"key":"direct:platinum:reward","desc":"推荐铂金会员奖40%","m_rate":"60","z_rate":"60"},
    {"key":"direct:diamond:reward","desc":"推荐钻石会员奖60%","m_rate":"60","z_rate":"60"}
  ]')),
  ('tier_5', 5, NULL, ' ', 1500, 1, 30, 'platina', json('{"name":"礼品一","cover":"","content":["礼包1","礼包二"],"receive":null}'), json('[
    {"key":"return:commission","desc":"购物返佣100%","value":null},
    {"key":"platform:services","desc":"平台服务费10%","rate":"10"},
    {"key":"elc:amount","desc":"ECL发车额度","value":null},
    {"key":"elc:experience","desc":"ECL发车体验金","value":null},
    {"key":"coupons","desc":"海量优惠卷","value":null},
    {"key":"member:gift","desc":"会员礼包","value":null},
    {"key":"direct:reward","desc":"一级推荐奖励10%","value":null},
    {"key":"direct:bronze:reward","desc":"推荐青铜会员奖70%","m_rate":"70","z_rate":"70"},
    {"key":"direct:gold:reward","desc":"推荐黄金会员奖70%","m_rate":"70","z_rate":"70"},
    {"key":"direct:platina:reward","desc":"推荐白金会员奖70%","m_rate":"70","z_rate":"70"},
    {"key":"direct:platinum:reward","desc":"推荐铂金会员奖70%","m_rate":"70","z_rate":"70"},
    {"key":"direct:diamond:reward","desc":"推荐钻石会员奖70%","m_rate":"70","z_rate":"70"},
    {"key":"platform:once:bonus","desc":"享平台一次分红","value":null}
  ]')),
  ('tier_6', 6, NULL, ' ', 2000, 1, 20, 'platinum', json('{"name":"礼品一","cover":"","content":["礼包1","礼包二"],"receive":null}'), json('[
    {"key":"return:commission","desc":"购物返佣100%","value":null},
    {"key":"platform:services","desc":"平台服务费5%","rate":"5"},
    {"key":"elc:amount","desc":"ECL发车额度","value":null},
    {"key":"elc:experience","desc":"ECL发车体验金","value":null},
    {"key":"coupons","desc":"海量优惠卷","value":null},
    {"key":"member:gift","desc":"会员礼包","value":null},
    {"key":"direct:reward","desc":"一级推荐奖励10%","value":null},
    {"key":"direct:bronze:reward","desc":"推荐青铜会员奖80%","m_rate":"80","z_rate":"80"},
    {"key":"direct:gold:reward","desc":"推荐黄金会员奖80%","m_rate":"80","z_rate":"80"},
    {"key":"direct:platina:reward","desc":"推荐白金会员奖80%","m_rate":"80","z_rate":"80"},
    {"key":"direct:platinum:reward","desc":"推荐铂金会员奖80%","m_rate":"80","z_rate":"80"},
    {"key":"direct:diamond:reward","desc":"推荐钻石会员奖80%","m_rate":"80","z_rate":"80"},
    {"key":"platform:once:bonus","desc":"享平台一次分红","value":null},
    {"key":"platform:twice:bonus","desc":"享平台二次分红","value":null}
  ]'));
--> statement-breakpoint
INSERT OR IGNORE INTO `equities` (`id`, `key`, `description`, `use_icon`, `unused_icon`, `created_at`, `updated_at`) VALUES
  (1, 'return:commission', '购物返佣100%', NULL, NULL, unixepoch('2020-01-11 14:29:10') * 1000, unixepoch('2020-01-11 14:29:10') * 1000),
  (2, 'platform:services', '平台服务', NULL, NULL, unixepoch('2020-01-11 14:29:10') * 1000, unixepoch('2020-01-11 14:29:10') * 1000),
  (3, 'elc:amount', 'ELC发车额度', NULL, NULL, unixepoch('2020-01-11 14:29:10') * 1000, unixepoch('2020-01-11 14:29:10') * 1000),
  (4, 'elc:experience', 'ELC发车体验金', NULL, NULL, unixepoch('2020-01-11 14:29:10') * 1000, unixepoch('2020-01-11 14:29:10') * 1000),
  (5, 'coupons', '海量优惠卷', NULL, NULL, unixepoch('2020-01-11 14:29:10') * 1000, unixepoch('2020-01-11 14:29:10') * 1000),
  (6, 'member:gift', '会员大礼包', NULL, NULL, unixepoch('2020-01-11 14:29:10') * 1000, unixepoch('2020-01-11 14:29:10') * 1000),
  (7, 'direct:reward', '一级推荐奖', NULL, NULL, unixepoch('2020-01-11 14:29:10') * 1000, unixepoch('2020-01-11 14:29:10') * 1000),
  (8, 'direct:bronze:reward', '推青铜会员奖励', NULL, NULL, unixepoch('2020-01-11 14:29:10') * 1000, unixepoch('2020-01-11 14:29:10') * 1000),
  (9, 'direct:gold:reward', '推黄金会员奖励', NULL, NULL, unixepoch('2020-01-11 14:29:10') * 1000, unixepoch('2020-01-11 14:29:10') * 1000),
  (10, 'direct:platina:reward', '推白金会员奖励', NULL, NULL, unixepoch('2020-01-11 14:29:10') * 1000, unixepoch('2020-01-11 14:29:10') * 1000),
  (11, 'direct:platinum:reward', '推白铂金员奖励', NULL, NULL, unixepoch('2020-01-11 14:29:10') * 1000, unixepoch('2020-01-11 14:29:10') * 1000),
  (12, 'direct:diamond:reward', '推白钻石员奖励', NULL, NULL, unixepoch('2020-01-11 14:29:10') * 1000, unixepoch('2020-01-11 14:29:10') * 1000),
  (13, 'platform:once:bonus', '享平台一次分红', NULL, NULL, unixepoch('2020-01-11 14:29:10') * 1000, unixepoch('2020-01-11 14:29:10') * 1000),
  (14, 'platform:twice:bonus', '享平台二次分红', NULL, NULL, unixepoch('2020-01-11 14:29:10') * 1000, unixepoch('2020-01-11 14:29:10') * 1000);
--> statement-breakpoint
-- common is where everyone starts: it is not sold.
INSERT OR IGNORE INTO `offers` (`product_id`, `period`, `days`, `amount`, `position`) VALUES
  ('tier_2', 'once', NULL, 9900, 0),
  ('tier_3', 'once', NULL, 88800, 0),
  ('tier_4', 'once', NULL, 349900, 0),
  ('tier_5', 'once', NULL, 1999900, 0),
  ('tier_6', 'once', NULL, 3999900, 0);
--> statement-breakpoint

-- Storefront levels (seed 004). Level 8 was never updated there.
INSERT OR IGNORE INTO `products` (`id`, `program`, `serial`, `code`, `name`, `status`, `created_at`, `updated_at`) VALUES
  ('vip_4', 'vip', 4, 'vip4', 'VIP1', 'active', unixepoch('2020-12-03 11:59:14') * 1000, unixepoch('2021-10-18 18:26:25') * 1000),
  ('vip_5', 'vip', 5, 'vip5', 'VIP2', 'active', unixepoch('2020-12-03 17:22:27') * 1000, unixepoch('2020-12-30 18:04:56') * 1000),
  ('vip_7', 'vip', 7, 'vip7', 'VIPX', 'active', unixepoch('2021-02-26 12:08:02') * 1000, unixepoch('2021-10-19 11:39:21') * 1000),
  ('vip_8', 'vip', 8, 'vip8', '城市合伙人', 'active', unixepoch('2021-07-14 18:02:08') * 1000, NULL);
--> statement-breakpoint
-- renew_forbidden is the seed value of is_supported_renew, which means the opposite of its name.
INSERT OR IGNORE INTO `vip_levels` (`product_id`, `images_url`, `rules_min`, `rules_max`, `order_price`, `full_reduction_price`, `discount_rate`, `on_sale`, `renew_forbidden`) VALUES
  ('vip_4', '', 100, 999999, 10000, 500, '0', 1, 1),
  ('vip_5', '', 0, 0, 10000, 1000, '0', 1, 0),
  ('vip_7', '', 0, 0, 0, 0, '0.8', 1, 0),
  ('vip_8', '', 0, 0, 0, 0, '0', 1, 0);
--> statement-breakpoint
-- Level 5 is on sale without a period, and the commission of level 4 is malformed (it pays nothing): so in the seed.
INSERT OR IGNORE INTO `offers` (`product_id`, `period`, `days`, `amount`, `position`, `detail`) VALUES
  ('vip_4', '3650', 3650, 28800, 0, json('{"price":"288","value":"10","unit":"年","commission":"5"}')),
  ('vip_7', '365', 365, 100, 0, json('{"price":"1","value":"1","unit":"年","commission":""}')),
  ('vip_7', '1000', 1000, 1, 1, json('{"price":"0.01","value":"2.74","unit":"年","commission":""}')),
  ('vip_8', '2', 2, 2, 0, json('{"price":"0.02","value":"2","unit":"天","commission":""}'));
--> statement-breakpoint

-- The last serial given in each program: the next product counts on from here.
INSERT OR IGNORE INTO `sequences` (`name`, `value`) VALUES
  ('token', 4),
  ('package', 2),
  ('tier', 6),
  ('vip', 8);
--> statement-breakpoint
-- storefront is the base of seed 004 and, at its end, two settings of our own (spec/storefront.md).
INSERT OR IGNORE INTO `settings` (`name`, `value`, `updated_at`) VALUES
  ('storefront', json('{
    "application_name":"会员等级",
    "level_rules":"0",
    "order_close_time":"30",
    "profit_order_create_time":"5",
    "profit_order_settlement_time":"10800",
    "user_poster_share_title":"",
    "user_poster_share_desc":"",
    "banner_top_title":"超级会员专享超大容量,极速下载特权",
    "banner_middle_name":"",
    "banner_bottom_content":"<p>hello</p>",
    "not_opening_vip_desc":"",
    "user_vip_center_notice":"",
    "is_admin_user_level_show":"1",
    "is_user_buy":"1",
    "is_supported_renew_old_order":"0",
    "is_commission":"1",
    "is_propaganda":"1",
    "banner_bg_images":"https://d1.shopxo.vip/static/plugins/images/membershiplevelvip/index-bg.png",
    "is_enable":"1",
    "carry_over":"value"
  }'), unixepoch('2024-01-01') * 1000),
  ('tiers', json('{"eoc_price":"0.05","elc_price":"0.05","direct_rebate":10,"service_fee":35,"hold_days":7}'), unixepoch('2024-01-01') * 1000);
