import { z } from 'zod';
import type { Ctx } from '#kernel/context';
import { AppError, type ErrorCode } from '#kernel/errors';
import { modelAllowed } from '#kernel/models';
import type {
  Admission,
  Denied,
  OwnerAddress,
  Refusal,
  Reservation,
  Settlement,
  Spender,
} from '#kernel/quota';
import { isLive, type KeyRecord, resolveKey } from '#modules/keys/resolve-key';
import { ipAllowed } from '#security/ip';
import { nameReservation, readReservation, signReservation } from '#security/reservation-id';

export type MeterCtx = Pick<
  Ctx,
  'db' | 'site' | 'secrets' | 'now' | 'kv' | 'log' | 'defer' | 'quota' | 'address'
>;

/** Input is read when the key is known: authentication comes before the schema. */
type Read<T> = () => T;

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
export function reserve(ctx: MeterCtx, key: string, input: Read<z.infer<typeof ReserveInput>>) {
  return spend(ctx, key, input, false);
}

/** Reserve and settle in one. */
export function consume(ctx: MeterCtx, key: string, input: Read<z.infer<typeof ConsumeInput>>) {
  return spend(ctx, key, () => ({ ...input(), ttl_seconds: 600 }), true);
}

/** Books what was really used, 0 included. */
export function settle(ctx: MeterCtx, key: string, id: string, input: Read<z.infer<typeof SettleInput>>) {
  return end(ctx, key, id, (at, reservation, spender) =>
    ctx.quota.settle(at, { reservation, tokens: input().tokens, spender }),
  );
}

/** Gives a reservation back. */
export function release(ctx: MeterCtx, key: string, id: string) {
  return end(ctx, key, id, (at, reservation, spender) => ctx.quota.release(at, { reservation, spender }));
}

/** Every limit that applies to a key, as it stands. */
export function readQuota(ctx: MeterCtx, key: string) {
  return withKey(ctx, key, (record) => {
    assertLive(ctx, record);
    return ctx.quota.read(ownerOf(ctx, record), { spender: spenderOf(ctx, record) });
  });
}

/** What was admitted, under the id that it goes by on the wire. */
export type WireAdmission = Admission & { wireId: string };

function spend(
  ctx: MeterCtx,
  key: string,
  read: Read<z.infer<typeof ReserveInput>>,
  settleAtOnce: boolean,
): Promise<WireAdmission | Refusal | Denied> {
  return withKey(ctx, key, async (record) => {
    assertLive(ctx, record);
    const { tokens, model, request_id, ttl_seconds } = read();
    assertModel(record, model);
    const request = request_id === undefined ? null : { keyId: record.keyId, requestId: request_id };
    const at = ownerOf(ctx, record);
    const outcome = await ctx.quota.reserve(at, {
      reservationId: await nameReservation(ctx.site.key, record.owner, request),
      named: request !== null,
      tokens,
      model: model ?? null,
      ttlSeconds: ttl_seconds,
      settle: settleAtOnce,
      spender: spenderOf(ctx, record),
    });
    if (outcome.outcome !== 'admitted') return outcome;
    const { owner } = at;
    const { reservation } = outcome;
    const wireId = await signReservation(ctx.secrets.reservation, ctx.site.key, { owner, reservation });
    return { ...outcome, wireId };
  });
}

/** A reservation ends in the object that it was made in, even when its user has moved on since. */
function end(
  ctx: MeterCtx,
  key: string,
  id: string,
  call: (at: OwnerAddress, reservation: Reservation, spender: Spender) => Promise<Settlement | Denied>,
): Promise<Settlement | Denied> {
  return withKey(ctx, key, async (record) => {
    assertAddress(ctx, record);
    const carried = await readReservation(ctx.secrets.reservation, ctx.site.key, id);
    if (carried === null) {
      throw new AppError(isLive(record, ctx.now) ? 'reservation_not_found' : 'unauthenticated');
    }
    const at = { site: ctx.site.key, owner: carried.owner };
    return call(at, carried.reservation, spenderOf(ctx, record));
  });
}

/** Refusals that a cached record may be wrong about: what it says of the key may have changed since. */
const MAY_BE_STALE: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'unauthenticated',
  'owner_frozen',
  'ip_not_allowed',
  'model_required',
  'model_not_allowed',
]);

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
  if (!known) throw new AppError('api_key_unknown');
  try {
    const result = await operation(known.record);
    if (!isStale(result)) {
      return result;
    }
  } catch (error) {
    const retry = known.cached && error instanceof AppError && MAY_BE_STALE.has(error.code);
    if (!retry) throw await withLimits(ctx, known.record, error);
  }
  const fresh = await resolveKey(ctx, key, true);
  if (!fresh) throw new AppError('api_key_unknown');
  try {
    const result = await operation(fresh.record);
    if (isStale(result)) throw new AppError('service_unavailable', { retryAfter: 1 });
    return result;
  } catch (error) {
    throw await withLimits(ctx, fresh.record, error);
  }
}

/** Refusals without limits: of nobody, or of an object that has just not been reached. */
const TELLS_NOTHING: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'unauthenticated',
  'quota_overloaded',
  'service_unavailable',
]);

/** Once the key is known, every answer tells its limits: a refusal from here asks the object for them. */
async function withLimits(ctx: MeterCtx, record: KeyRecord, error: unknown): Promise<unknown> {
  const told = error instanceof AppError && !TELLS_NOTHING.has(error.code) && isLive(record, ctx.now);
  if (!told) return error;
  const reading = await ctx.quota
    .read(ownerOf(ctx, record), { spender: spenderOf(ctx, record) })
    .catch(() => null);
  return new AppError(error.code, { ...error.detail, limits: reading?.limits ?? [] });
}

function isStale(result: object): boolean {
  return 'code' in result && result.code === 'key_stale';
}

/** A key that may begin something from here; a refusal says why. */
export function assertLive(ctx: MeterCtx, record: KeyRecord): void {
  if (!isLive(record, ctx.now)) throw new AppError('unauthenticated');
  if (record.frozen) throw new AppError('owner_frozen');
  assertAddress(ctx, record);
}

function assertAddress(ctx: MeterCtx, record: KeyRecord): void {
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
