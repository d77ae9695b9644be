/** The two languages Sluice speaks. */
export type Locale = 'zh' | 'en';

/** Chinese where the best-liked language of `Accept-Language` is Chinese, else English. */
export function localeOf(acceptLanguage: string | undefined): Locale {
  const liked = (acceptLanguage ?? '')
    .split(',')
    .map((part) => {
      const [tag = '', ...parameters] = part.trim().split(';');
      const quality = parameters.map((one) => /^\s*q=([\d.]+)\s*$/.exec(one)?.[1]).find(Boolean);
      return { tag: tag.trim().toLowerCase(), quality: quality === undefined ? 1 : Number(quality) };
    })
    .filter(({ tag, quality }) => tag !== '' && quality > 0)
    .sort((a, b) => b.quality - a.quality);
  return /^zh($|-)/.test(liked[0]?.tag ?? '') ? 'zh' : 'en';
}
