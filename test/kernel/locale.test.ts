import { describe, expect, it } from 'vitest';
import { localeOf } from '#kernel/locale';

describe('localeOf', () => {
  it.each([
    ['zh', 'zh'],
    ['zh-CN', 'zh'],
    ['zh-Hant-TW', 'zh'],
    ['ZH-cn', 'zh'],
    ['zh-CN,zh;q=0.9,en;q=0.8', 'zh'],
    ['en;q=0.5, zh;q=0.9', 'zh'],
    ['zh;q=0.5, en', 'en'],
    ['en-US,en;q=0.9,zh-CN;q=0.8', 'en'],
    ['zh;q=0, en;q=0.1', 'en'],
    ['fr', 'en'],
    ['*', 'en'],
    ['', 'en'],
    [',;q=,;;', 'en'],
    [undefined, 'en'],
  ])('%j → %s', (header, locale) => {
    expect(localeOf(header)).toBe(locale);
  });
});
