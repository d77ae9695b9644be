import { SECOND } from '#kernel/clock';
import type { Ctx } from '#kernel/context';
import { AppError } from '#kernel/errors';
import { isWellFormedApiKey } from '#security/api-key';
import { keyedHash, keyedHashes } from '#security/keyed-hash';
import { findKeyByHash } from './store.ts';

/** What is cached of a key. Nothing here decides alone: the quota object knows the versions that are dead. */
export interface KeyRecord {
  keyId: string;
  /** When D1 said so: past a day of our own clock it is not believed, whatever KV still has. */
  readAt: number;
  version: number;
  userId: string;
  /** Whose quota it spends. */
  owner: string;
  ownerVersion: number;
  test: boolean;
  /** Deleted or disabled: it may still end reservations that it made. */
  dead: boolean;
  frozen: boolean;
  expiresAt: number | null;
  /** Until when this very secret works, where it is the one before a rotation. */
  goodUntil: number | null;
  allowedModels: string[];
  allowedIps: string[];
}

type KeyCtx = Pick<Ctx, 'db' | 'site' | 'secrets' | 'now' | 'kv' | 'log' | 'defer'>;

/** For how long an isolate believes a record without asking KV. */
const ISOLATE_MS = 10_000;
/** KV forgets a record after a day; dead versions are told to objects for two. */
const KV_SECONDS = 86_400;

const isolate = new Map<string, { record: KeyRecord; until: number }>();
const ISOLATE_MOST = 10_000;

/** A key's record, and whether a cache gave it: what a cache says may be out of date. */
export interface Resolved {
  record: KeyRecord;
  cached: boolean;
  /** From D1 only: names may be personal, so no cache has them. */
  name: string | null;
}

/**
 * Who a key is: isolate cache → KV → D1, by keyed hash. A wrong checksum is refused (401) without any I/O.
 * Null where there is no such key. `fresh` asks D1 at once. Only live keys are cached: what is refused is
 * refused by D1.
 */
export async function resolveKey(ctx: KeyCtx, text: string, fresh = false): Promise<Resolved | null> {
  if (!isWellFormedApiKey(text)) throw new AppError('unauthenticated');
  const hash = await keyedHash(ctx.secrets.apiKeyPepper, 'api-key', text);
  const name = `${ctx.site.key}:key:${hash}`;
  const known = isolate.get(name);
  if (!fresh) {
    if (known && known.until > ctx.now) return { record: known.record, cached: true, name: null };
    const stored = await ctx.kv.get<KeyRecord>(name, { type: 'json', cacheTtl: 60 });
    if (stored && ctx.now - stored.readAt < KV_SECONDS * SECOND) {
      remember(name, stored, ctx.now);
      return { record: stored, cached: true, name: null };
    }
  }
  const found = await readKey(ctx, text);
  if (!found) return null;
  const { record } = found;
  if (record.dead || record.frozen) {
    isolate.delete(name);
  } else {
    remember(name, record, ctx.now);
    // Deferred: a verify never waits for KV. What this isolate knows to be there is not written again.
    const news =
      known?.record.version !== record.version || known.record.ownerVersion !== record.ownerVersion;
    if (news) ctx.defer(publish(ctx, name, record));
  }
  return { record, cached: false, name: found.name };
}

/** Takes keys out of KV: what they say there (addresses) is personal. Correctness does not wait for it. */
export async function forgetKeys(ctx: KeyCtx, hashes: string[]): Promise<void> {
  await Promise.all(hashes.map((hash) => ctx.kv.delete(`${ctx.site.key}:key:${hash}`)));
}

async function publish(ctx: KeyCtx, name: string, record: KeyRecord): Promise<void> {
  try {
    await ctx.kv.put(name, JSON.stringify(record), { expirationTtl: KV_SECONDS });
  } catch (error) {
    ctx.log.error('key.publish', error, { keyId: record.keyId });
  }
}

async function readKey(ctx: KeyCtx, text: string): Promise<{ record: KeyRecord; name: string } | null> {
  const hashes = await keyedHashes(ctx.secrets.apiKeyPepper, 'api-key', text);
  const found = await findKeyByHash(ctx, hashes);
  if (!found) return null;
  const { key } = found;
  const record = {
    keyId: key.id,
    readAt: ctx.now,
    version: key.version,
    userId: key.userId,
    owner: found.owner,
    ownerVersion: found.ownerVersion,
    test: key.keyType === 'test',
    dead: key.status !== 'active' || found.userStatus === 'deleted',
    frozen: found.userStatus === 'frozen',
    expiresAt: key.expiresAt,
    goodUntil: hashes.includes(key.hash) ? null : key.graceUntilAt,
    allowedModels: key.allowedModels,
    allowedIps: key.allowedIps,
  };
  return { record, name: key.name };
}

function remember(name: string, record: KeyRecord, now: number): void {
  if (isolate.size >= ISOLATE_MOST) isolate.clear();
  isolate.set(name, { record, until: now + ISOLATE_MS });
}

/** Whether a key may begin something now: not deleted, disabled, expired, or rotated out of its grace. */
export function isLive(record: KeyRecord, now: number): boolean {
  return (
    !record.dead &&
    (record.expiresAt === null || record.expiresAt > now) &&
    (record.goodUntil === null || record.goodUntil > now)
  );
}
