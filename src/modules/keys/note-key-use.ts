import { MINUTE } from '#kernel/clock';
import type { Ctx } from '#kernel/context';
import { noteKeyUse as noteRow } from './store.ts';

/** Half the promised minute, so that what is shown is never older than that. */
const EVERY = MINUTE / 2;

/** When this isolate last wrote of a key. */
const noted = new Map<string, number>();
const MOST_NOTED = 10_000;

/**
 * Keeps `last_used_at` true within a minute: a write after the answer, at most two a minute for a key and
 * isolate, and no query on the way of the request.
 */
export function noteKeyUse(ctx: Pick<Ctx, 'db' | 'site' | 'now' | 'log' | 'defer'>, keyId: string): void {
  const name = `${ctx.site.key}:${keyId}`;
  if (ctx.now - (noted.get(name) ?? 0) < EVERY) return;
  if (noted.size >= MOST_NOTED) noted.clear();
  noted.set(name, ctx.now);
  const written = ctx.db
    .batch([noteRow(ctx, keyId, ctx.now)])
    .catch((error: unknown) => ctx.log.error('key.note_use', error, { keyId }));
  ctx.defer(written);
}
