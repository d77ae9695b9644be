import type { z } from '@hono/zod-openapi';
import { OpenAPIHono } from '@hono/zod-openapi';
import * as zodLocales from 'zod/locales';
import { AppError, type Fault } from '#kernel/errors';
import type { Locale } from '#kernel/locale';
import type { SurfaceEnv } from './surface.ts';

/** A router whose schema step throws what it finds, as every surface's refusals are told in one place. */
export function createRouter(): OpenAPIHono<SurfaceEnv> {
  return new OpenAPIHono<SurfaceEnv>({
    defaultHook: (result, c) => {
      if (result.success) return;
      const where = result.target === 'param' ? 'path' : result.target;
      throw new AppError('invalid_input', { faults: faultsOf(result.error, c.get('ctx').locale, where) });
    },
  });
}

const chinese = zodLocales.zhCN().localeError;
const english = zodLocales.en().localeError;

/** What zod found, as faults: paths with dots, words in the language of the request. */
export function faultsOf(error: z.ZodError, locale: Locale, where: string): Fault[] {
  const faults = error.issues.map((issue) => ({
    path: [...(where === 'json' ? [] : [where]), ...issue.path].join('.') || 'body',
    message: locale === 'zh' ? inChinese(issue) : issue.message,
  }));
  // The first fault of a path is the one to mend; what follows from it is noise.
  return faults.filter(({ path }, index) => faults.findIndex((one) => one.path === path) === index);
}

/** Zod's words in Chinese; a schema's own words stay, for {@link inLocale} to know. */
function inChinese(issue: z.core.$ZodIssue): string {
  // Issues do not keep their input, but the English words tell its type, which is all that the Chinese ones tell.
  const received = /received (\w+)$/.exec(issue.message)?.[1];
  const whole = { ...issue, input: SAMPLES[received ?? ''] } as never;
  const said = (words: ReturnType<typeof chinese>) => (typeof words === 'string' ? words : words?.message);
  return said(english(whole)) === issue.message ? (said(chinese(whole)) ?? issue.message) : issue.message;
}

const SAMPLES: Record<string, unknown> = {
  string: '',
  number: 0,
  NaN: Number.NaN,
  boolean: false,
  null: null,
  array: [],
  object: {},
};
