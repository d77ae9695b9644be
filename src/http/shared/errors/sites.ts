import type { ErrorRow } from './row.ts';

/** Of back offices and their membership packages; where seed 001 has words, they are its words. */
export const SITES_ERRORS = {
  site_required: { status: 400, n: 16, en: 'Name the site in X-Site.', zh: '缺少请求头 X-Site' },
  system_required: {
    status: 400,
    n: 17,
    en: 'Name the system in X-System-Code.',
    zh: '缺少请求头 X-System-Code',
  },
  package_active: {
    status: 400,
    n: 18,
    en: 'An active package cannot be changed: switch it off first.',
    zh: '有效的会员套餐不能修改,请先停用',
  },
  package_not_deletable: {
    status: 400,
    n: 19,
    en: 'The package cannot be deleted: it is active, held or ordered.',
    zh: '删除会员失败',
  },
  member_type_unknown: {
    status: 400,
    n: 20,
    en: 'The member type does not exist.',
    zh: '关联的会员类型不存在',
  },
  member_type_code_taken: {
    status: 400,
    n: 21,
    en: 'The code of the member type is in use.',
    zh: '会员类型编码已存在',
  },
  member_type_used: {
    status: 400,
    n: 22,
    en: 'The member type is in use by packages.',
    zh: '会员类型正在被会员套餐使用,不能删除',
  },
  system_forbidden: {
    status: 403,
    n: 10,
    en: 'You may not use this system; ask an admin.',
    zh: '登录用户不支持当前系统,可联系管理员处理',
  },
  package_not_found: { status: 404, n: 4, en: 'There is no such package.', zh: '会员套餐不存在' },
  member_type_not_found: { status: 404, n: 5, en: 'There is no such member type.', zh: '会员类型不存在' },
  unsupported_media_type: {
    status: 415,
    n: 0,
    en: 'Content-Type must be application/json.',
    zh: '请求体必须为 application/json',
  },
} satisfies Record<string, ErrorRow>;
