import type { Locale } from '#kernel/locale';

type Compose = (p: Record<string, string>) => { subject: string; text: string };

/** Every mail that Sluice sends, in both languages. */
const TEXTS: Record<string, Record<Locale, Compose>> = {
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
