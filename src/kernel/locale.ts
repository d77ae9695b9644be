/** The two languages Sluice speaks. */
export type Locale = 'zh' | 'en';

/** Chinese where the best-liked language of `Accept-Language` is Chinese, else English. */
export function localeOf(acceptLanguage: string | undefined): Locale {
  return /^zh($|-)/.test(likedLanguage(acceptLanguage)) ? 'zh' : 'en';
}

/** English where the best-liked language is English, else Chinese: surfaces whose document is Chinese. */
export function chineseUnlessEnglish(acceptLanguage: string | undefined): Locale {
  return /^en($|-)/.test(likedLanguage(acceptLanguage)) ? 'en' : 'zh';
}

function likedLanguage(acceptLanguage: string | undefined): string {
  const liked = (acceptLanguage ?? '')
    .split(',')
    .map((part) => {
      const [tag = '', ...parameters] = part.trim().split(';');
      const quality = parameters.map((one) => /^\s*q=([\d.]+)\s*$/.exec(one)?.[1]).find(Boolean);
      return { tag: tag.trim().toLowerCase(), quality: quality === undefined ? 1 : Number(quality) };
    })
    .filter(({ tag, quality }) => tag !== '' && quality > 0)
    .sort((a, b) => b.quality - a.quality);
  return liked[0]?.tag ?? '';
}
