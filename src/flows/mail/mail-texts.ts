import type { Locale } from '#kernel/locale';

type Compose = (p: Record<string, string>) => { subject: string; text: string };

const codeText = {
  zh: (what: string) => (p: Record<string, string>) => ({
    subject: `${p.code} 是您的${what}验证码`,
    text: `您的${what}验证码是 ${p.code},10 分钟内有效。如非本人操作,请忽略本邮件。`,
  }),
  en: (what: string) => (p: Record<string, string>) => ({
    subject: `${p.code} is your code to ${what}`,
    text: `Your code to ${what} is ${p.code}. It is good for ten minutes. If this was not you, ignore this mail.`,
  }),
};

/** Why a membership is going to end. */
const END_REASONS: Record<string, Record<Locale, string>> = {
  will_not_renew: { zh: '未开启自动续费', en: 'it does not renew by itself' },
  wallet_short: { zh: '钱包余额不足以自动续费', en: 'the wallet does not cover the next period' },
  plan_disabled: { zh: '该套餐已下架,无法续费', en: 'the plan is not sold any more' },
  frozen: { zh: '账号已被冻结', en: 'the account is frozen' },
};
const endReasons = {
  zh: (reason: string | undefined) => END_REASONS[reason ?? '']?.zh ?? '',
  en: (reason: string | undefined) => END_REASONS[reason ?? '']?.en ?? '',
};

const papers = {
  zh: (kind: string | undefined) => (kind === 'enterprise' ? '企业认证' : '实名认证'),
  en: (kind: string | undefined) =>
    kind === 'enterprise' ? 'enterprise verification' : 'identity verification',
};

/** Every mail that Sluice sends, in both languages. */
const TEXTS: Record<string, Record<Locale, Compose>> = {
  code_register: { zh: codeText.zh('邮箱'), en: codeText.en('confirm your e-mail address') },
  code_reset_password: { zh: codeText.zh('重置密码'), en: codeText.en('reset your password') },
  code_change_email: { zh: codeText.zh('更换邮箱'), en: codeText.en('change your e-mail address') },
  already_registered: {
    zh: () => ({
      subject: '该邮箱已注册',
      text: '有人请求使用此邮箱注册,但该邮箱已有账号。如果是您本人,请直接登录或重置密码;否则请忽略本邮件。',
    }),
    en: () => ({
      subject: 'This address has an account already',
      text: 'Somebody asked to register with this address, and it has an account already. If it was you, sign in or reset your password; otherwise ignore this mail.',
    }),
  },
  email_changed: {
    zh: (p) => ({
      subject: '您的账号邮箱已更换',
      text: `您的账号邮箱已更换为 ${p.masked}。如非本人操作,请立即联系我们。`,
    }),
    en: (p) => ({
      subject: 'The e-mail address of your account was changed',
      text: `The e-mail address of your account is now ${p.masked}. If this was not you, contact us at once.`,
    }),
  },
  password_changed: {
    zh: () => ({
      subject: '您的密码已修改',
      text: '您的账号密码刚刚被修改,其他设备已退出登录。如非本人操作,请立即重置密码。',
    }),
    en: () => ({
      subject: 'Your password was changed',
      text: 'The password of your account was just changed, and other devices were signed out. If this was not you, reset it at once.',
    }),
  },
  enterprise_invitation: {
    zh: (p) => ({
      subject: `「${p.enterprise}」邀请您加入`,
      text: `「${p.enterprise}」邀请您加入企业账号。请在 7 天内打开链接接受邀请:${p.link}\n邀请码:${p.token}\n仅限本邮箱使用一次;如与您无关,请忽略本邮件。`,
    }),
    en: (p) => ({
      subject: `${p.enterprise} invites you to join`,
      text: `${p.enterprise} invites you to join its enterprise account. Open this link within seven days to accept: ${p.link}\nInvite code: ${p.token}\nIt works once, and for this address only. If this means nothing to you, ignore this mail.`,
    }),
  },
  verification_verified: {
    zh: (p) => ({
      subject: `您的${papers.zh(p.kind)}已通过`,
      text: `您提交的${papers.zh(p.kind)}已通过审核。`,
    }),
    en: (p) => ({
      subject: `Your ${papers.en(p.kind)} was verified`,
      text: `The ${papers.en(p.kind)} that you submitted was verified.`,
    }),
  },
  verification_rejected: {
    zh: (p) => ({
      subject: `您的${papers.zh(p.kind)}未通过`,
      text: `您提交的${papers.zh(p.kind)}未通过审核,原因:${p.reason}。您可以修改后重新提交。`,
    }),
    en: (p) => ({
      subject: `Your ${papers.en(p.kind)} was rejected`,
      text: `The ${papers.en(p.kind)} that you submitted was rejected: ${p.reason}. Mend it and submit it again.`,
    }),
  },
  verification_revoked: {
    zh: (p) => ({
      subject: `您的${papers.zh(p.kind)}已被撤销`,
      text: `您的${papers.zh(p.kind)}已被撤销,原因:${p.reason}。您可以重新提交。`,
    }),
    en: (p) => ({
      subject: `Your ${papers.en(p.kind)} was revoked`,
      text: `Your ${papers.en(p.kind)} was revoked: ${p.reason}. You may submit it again.`,
    }),
  },
  membership_ends: {
    zh: (p) => ({
      subject: `您的会员「${p.plan}」将于 ${p.ends} 到期`,
      text: `您的会员「${p.plan}」将于 ${p.ends} 到期,${endReasons.zh(p.reason)}。到期后按免费版权益使用。`,
    }),
    en: (p) => ({
      subject: `Your ${p.plan} membership ends on ${p.ends}`,
      text: `Your ${p.plan} membership ends on ${p.ends}: ${endReasons.en(p.reason)}. The free plan applies afterwards.`,
    }),
  },
  membership_expired: {
    zh: (p) => ({
      subject: `您的会员「${p.plan}」已到期`,
      text: `您的会员「${p.plan}」已于 ${p.ended} 到期,当前按免费版权益使用。您可以随时重新订阅。`,
    }),
    en: (p) => ({
      subject: `Your ${p.plan} membership has ended`,
      text: `Your ${p.plan} membership ended on ${p.ended}. The free plan applies now; subscribe again at any time.`,
    }),
  },
};

/** The words of a mail. Throws on a template that does not exist. */
export function composeMail(
  template: string,
  locale: Locale,
  parameters: Record<string, string>,
): { subject: string; text: string } {
  const compose = TEXTS[template]?.[locale];
  if (!compose) throw new Error(`no mail text ${template}`);
  return compose(parameters);
}
