import type { Context } from 'hono';
import { commit, commitApart } from '#db/commit';
import { actorId } from '#kernel/actor';
import { DAY, MINUTE } from '#kernel/clock';
import type { Ctx } from '#kernel/context';
import { AppError } from '#kernel/errors';
import { claimIdempotency, dropClaim, type IdempotencyRow, keepAnswer } from '#modules/operations/store';
import { sha256 } from '#security/keyed-hash';
import { seal, unsealText } from '#security/sealed';
import type { SurfaceEnv } from './surface.ts';

const KEPT = DAY;
const LAPSES = MINUTE;

/**
 * Runs an operation under the client's `Idempotency-Key`, if it sent one: the first answer is kept for a day
 * (encrypted under a key derived from the Idempotency-Key, so that what is shown once can be kept) and given
 * again; never a 5xx, a 429 or a 401. `translate` makes the answer of what the operation throws.
 */
export async function idempotently(
  c: Context<SurfaceEnv>,
  operation: (ctx: Ctx) => Promise<Response>,
  translate: (error: AppError) => Response,
): Promise<Response> {
  const ctx = c.get('ctx');
  const key = c.req.header('Idempotency-Key');
  if (key === undefined) return operation(ctx);

  const { method, path } = c.req;
  const who = actorId(ctx.actor) ?? ctx.address ?? 'unknown';
  const scope = await sha256(JSON.stringify([ctx.site.key, ctx.actor.kind, who, method, path, key]));
  // Salted with what only the client knows: a body may be of few possible ones (an identity number).
  const requestDigest = await sha256(`${key}:${await sha256(c.get('body'))}`);
  const claim = ctx.ids.next('idem', ctx.now);
  const record = await claimIdempotency(ctx, {
    scope,
    requestDigest,
    claim,
    now: ctx.now,
    lapsed: ctx.now - LAPSES,
    expiresAt: ctx.now + KEPT,
  });
  if (record.claim !== claim) return replay(ctx, key, record, requestDigest);

  const run = { ...ctx, idempotency: { scope, claim } };
  try {
    return await keep(run, key, await operation(run));
  } catch (error) {
    const kept = error instanceof AppError ? translate(error) : null;
    // Neither what may go better in a moment, nor what was said before anybody was recognised.
    if (kept && kept.status < 500 && ![401, 429].includes(kept.status)) return keep(run, key, kept);
    await commit(ctx, [dropClaim(ctx, scope, claim)]);
    throw error;
  }
}

async function keep(ctx: Ctx, key: string, response: Response): Promise<Response> {
  if (ctx.idempotency) {
    const { scope, claim } = ctx.idempotency;
    const answer = await seal(ctx.secrets.encryption, scope, await response.clone().text(), key);
    await commitApart(ctx, [keepAnswer(ctx, { scope, claim, status: response.status, answer })]);
  }
  return response;
}

async function replay(
  ctx: Ctx,
  key: string,
  record: IdempotencyRow,
  requestDigest: string,
): Promise<Response> {
  if (record.requestDigest !== requestDigest) throw new AppError('idempotency_key_reused');
  if (record.state === 'running') throw new AppError('idempotency_in_progress', { retryAfter: 1 });
  // Done, but the answer was never written: to run again could pay twice.
  if (record.answer === null) throw new AppError('idempotency_answer_lost');
  return new Response(await unsealText(ctx.secrets.encryption, record.scope, record.answer, key), {
    status: record.status ?? 200,
    headers: { 'Content-Type': 'application/json', 'Idempotent-Replayed': 'true' },
  });
}
