import { z } from 'zod';
import type { Ctx } from '#kernel/context';
import { AppError } from '#kernel/errors';
import { modelAllowed } from '#kernel/models';
import type { Denied, OwnerAddress, Spender } from '#kernel/quota';
import { noteKeyUse } from '#modules/keys/note-key-use';
import { isLive, type KeyRecord, resolveKey } from '#modules/keys/resolve-key';
import { ipAllowed } from '#security/ip';
import { makeReservationId, readReservationId } from '#security/reservation-id';

export type MeterCtx = Pick<
  Ctx,
  'db' | 'site' | 'secrets' | 'now' | 'kv' | 'log' | 'defer' | 'quota' | 'address'
>;

const Tokens = z.int().min(1).max(100_000_000);
const Model = z.string().regex(/^[A-Za-z0-9._:/-]{1,64}$/, 'must be 1 to 64 of A-Z a-z 0-9 . _ : / -');
const RequestId = z.string().min(1).max(128);

export const ReserveInput = z.object({
  tokens: Tokens,
  model: Model.optional(),
  request_id: RequestId.optional(),
  ttl_seconds: z.int().min(10).max(3600).default(600),
});
export const ConsumeInput = z.object({ tokens: Tokens, model: Model.optional(), request_id: RequestId });
export const SettleInput = z.object({ tokens: z.int().min(0).max(100_000_000) });

/** Asks the owner's object before spending: all or nothing over every limit of this moment. */
export function reserve(ctx: MeterCtx, key: string, input: z.infer<typeof ReserveInput>) {
  return spend(ctx, key, input, false);
}

/** Reserve and settle in one. */
export function consume(ctx: MeterCtx, key: string, input: z.infer<typeof ConsumeInput>) {
  return spend(ctx, key, { ...input, ttl_seconds: 600 }, true);
}

/** Books what was really used, 0 included. */
export function settle(ctx: MeterCtx, key: string, id: string, input: z.infer<typeof SettleInput>) {
  return end(ctx, key, id, (at, spender) =>
    ctx.quota.settle(at, { reservationId: id, tokens: input.tokens, spender }),
  );
}

/** Gives a reservation back. */
export function release(ctx: MeterCtx, key: string, id: string) {
  return end(ctx, key, id, (at, spender) => ctx.quota.release(at, { reservationId: id, spender }));
}

/** Every limit that applies to a key, as it stands. */
export function readQuota(ctx: MeterCtx, key: string) {
  return withKey(ctx, key, (record) => {
    assertLive(ctx, record);
    return ctx.quota.read(ownerOf(ctx, record), spenderOf(ctx, record));
  });
}

function spend(ctx: MeterCtx, key: string, input: z.infer<typeof ReserveInput>, settleAtOnce: boolean) {
  return withKey(ctx, key, async (record) => {
    assertLive(ctx, record);
    assertModel(record, input.model);
    const reservationId = await makeReservationId(
      ctx.secrets.reservation,
      ctx.site.key,
      record.owner,
      input.request_id === undefined ? null : { keyId: record.keyId, requestId: input.request_id },
    );
    return ctx.quota.reserve(ownerOf(ctx, record), {
      reservationId,
      tokens: input.tokens,
      model: input.model ?? null,
      ttlSeconds: input.ttl_seconds,
      settle: settleAtOnce,
      spender: spenderOf(ctx, record),
    });
  });
}

/** A reservation ends in the object that it was made in, even when its user has moved on since. */
async function end<T extends object>(
  ctx: MeterCtx,
  key: string,
  id: string,
  call: (at: OwnerAddress, spender: Spender) => Promise<T | Denied>,
) {
  return withKey(ctx, key, async (record) => {
    const owner = await readReservationId(ctx.secrets.reservation, ctx.site.key, id);
    if (owner === null) {
      if (!isLive(record, ctx.now)) throw new AppError('unauthenticated');
      throw new AppError('reservation_not_found');
    }
    return call({ site: ctx.site.key, owner }, spenderOf(ctx, record));
  });
}

/**
 * Runs with what is cached of a key. Where the object knows better, or the cached record would refuse, once
 * more with what D1 says: a stale record neither lets a dead key pass nor shuts out one that has been mended.
 */
async function withKey<T extends object>(
  ctx: MeterCtx,
  key: string,
  operation: (record: KeyRecord) => Promise<T | Denied>,
): Promise<T | Denied> {
  const known = await resolveKey(ctx, key);
  if (!known) throw new AppError('unauthenticated');
  try {
    const result = await operation(known.record);
    if (!isStale(result)) {
      noteKeyUse(ctx, known.record.keyId);
      return result;
    }
  } catch (error) {
    if (!known.cached || !(error instanceof AppError)) throw error;
  }
  const fresh = await resolveKey(ctx, key, true);
  if (!fresh) throw new AppError('unauthenticated');
  const result = await operation(fresh.record);
  if (isStale(result)) throw new AppError('service_unavailable', { retryAfter: 1 });
  noteKeyUse(ctx, fresh.record.keyId);
  return result;
}

function isStale(result: object): boolean {
  return 'code' in result && result.code === 'key_stale';
}

/** A key that may begin something from here; a refusal says why. */
export function assertLive(ctx: MeterCtx, record: KeyRecord): void {
  if (!isLive(record, ctx.now)) throw new AppError('unauthenticated');
  if (record.frozen) throw new AppError('owner_frozen');
  if (record.allowedIps.length > 0 && !ipAllowed(record.allowedIps, ctx.address)) {
    throw new AppError('ip_not_allowed');
  }
}

function assertModel(record: KeyRecord, model: string | undefined): void {
  if (record.allowedModels.length === 0) return;
  if (model === undefined) {
    throw new AppError('model_required', { faults: [{ path: 'model', message: 'is required by this key' }] });
  }
  if (!modelAllowed(record.allowedModels, model)) throw new AppError('model_not_allowed');
}

function ownerOf(ctx: MeterCtx, record: KeyRecord): OwnerAddress {
  return { site: ctx.site.key, owner: record.owner };
}

function spenderOf(ctx: MeterCtx, record: KeyRecord): Spender {
  return {
    keyId: record.keyId,
    keyVersion: record.version,
    userId: record.userId,
    test: record.test,
    ownerVersion: record.ownerVersion,
    dead: !isLive(record, ctx.now),
  };
}
