import { commit, commitApart, guard } from '#db/commit';
import type { Statement } from '#db/statement';
import { requireAdmin } from '#kernel/actor';
import { DAY, HOUR, MINUTE } from '#kernel/clock';
import type { Ctx } from '#kernel/context';
import { AppError } from '#kernel/errors';
import { sha256 } from '#security/keyed-hash';
import { ciphertextBytes, decryptOaep, generateRsaKeyPair, importRsaPrivate } from '#security/rsa';
import { seal, unseal } from '#security/sealed';
import {
  deleteRsaKeys,
  findAcceptedRsaKey,
  findCurrentRsaKey,
  insertRsaKey,
  lastRsaKeyId,
  type RsaKeyRow,
  revokeRsaKeys,
  spendCiphertext,
} from './store.ts';

const HANDED_OUT = DAY;
const ACCEPTED = 2 * DAY;
/** A key is replaced this long before it expires, so that a client that just fetched it has time to use it. */
const OVERLAP = HOUR;

export interface PublicKey {
  keyId: string;
  publicPem: string;
  expiresAt: number;
}

/** A plaintext, and the statements that make its ciphertext worthless afterwards: put them in the batch. */
export interface OpenedCiphertext {
  text: string;
  spend: Statement[];
}

/** Private halves that this isolate has unwrapped: login's budget of D1 calls counts on it. */
const opened = new Map<string, { key: CryptoKey; acceptedUntilAt: number }>();

/**
 * The public key to encrypt passwords to now. KV first, since every login page asks; D1 is the truth where KV
 * lags or is empty. The first request on an empty installation makes a key; two at once make one.
 */
export async function getPublicKey(ctx: Ctx): Promise<PublicKey> {
  const cached = await ctx.kv.get<PublicKey>(kvKey(ctx), { type: 'json', cacheTtl: 60 });
  if (cached && cached.expiresAt > ctx.now) return cached;
  const row = (await findCurrentRsaKey(ctx, ctx.now)) ?? (await addRsaKey(ctx, ctx.now));
  ctx.defer(publish(ctx, row));
  return toPublic(row);
}

/** Makes the next key when the current one is about to expire, and forgets those that are accepted no more. */
export async function rotateRsaKeys(ctx: Ctx): Promise<void> {
  const row = await addRsaKey(ctx, ctx.now + OVERLAP);
  await publish(ctx, row);
  await commit(ctx, deleteRsaKeys(ctx, ctx.now - ACCEPTED));
}

/**
 * Makes a new key at an admin's word. With `revoke` the older ones are accepted no more, from the next
 * request on; KV may hand an old one out for a minute, and what is encrypted to it is refused.
 */
export async function rotateRsaKeysNow(ctx: Ctx, revoke: boolean): Promise<PublicKey> {
  requireAdmin(ctx.actor);
  const row = await newRsaKey(ctx);
  await commit(
    ctx,
    [
      ...(revoke ? [revokeRsaKeys(ctx, ctx.now)] : []),
      insertRsaKey(ctx, row, null),
      guard(ctx, 'service_unavailable'),
    ],
    {
      action: 'rsa_key.rotated',
      target: row.id,
      detail: { revoke },
    },
  );
  await publish(ctx, row);
  return toPublic(row);
}

/**
 * Decrypts what a client encrypted to one of our keys. Unknown or expired key, bad Base64, failed decryption
 * and (when `spend` commits) replay are one and the same refusal.
 */
export async function openCiphertext(ctx: Ctx, keyId: string, text: string): Promise<OpenedCiphertext> {
  const bytes = ciphertextBytes(text);
  const key = bytes && (await privateKey(ctx, keyId));
  const plain = key && (await decryptOaep(key, bytes));
  if (bytes === null || plain === null) throw new AppError('ciphertext_invalid');
  const digest = await sha256(bytes);
  return {
    // One spelling from here on: rules, comparisons and hashing see the same text.
    text: plain.normalize('NFKC'),
    spend: [spendCiphertext(ctx, digest, keyId, ctx.now), guard(ctx, 'ciphertext_invalid')],
  };
}

/**
 * {@link openCiphertext}, spent there and then: whatever becomes of the request, the ciphertext is worthless.
 */
export async function takeCiphertext(ctx: Ctx, keyId: string, text: string): Promise<string> {
  const opened = await openCiphertext(ctx, keyId, text);
  await commitApart(ctx, opened.spend);
  return opened.text;
}

async function privateKey(ctx: Ctx, keyId: string): Promise<CryptoKey | null> {
  const name = `${ctx.site.key}:${keyId}`;
  const known = opened.get(name);
  if (known && known.acceptedUntilAt > ctx.now) return known.key;
  opened.delete(name);
  const row = await findAcceptedRsaKey(ctx, keyId, ctx.now);
  if (!row) return null;
  const der = await unseal(ctx.secrets.encryption, wrapContext(ctx, keyId), row.wrappedPrivate);
  const key = await importRsaPrivate(der);
  opened.set(name, { key, acceptedUntilAt: Math.min(row.acceptedUntilAt, ctx.now + 5 * MINUTE) });
  return key;
}

/** Adds a key unless one outlives `unlessAfter` already; gives the one that is current afterwards. */
async function addRsaKey(ctx: Ctx, unlessAfter: number): Promise<RsaKeyRow> {
  const standing = await findCurrentRsaKey(ctx, unlessAfter);
  if (standing) return standing;
  await commitApart(ctx, [insertRsaKey(ctx, await newRsaKey(ctx), unlessAfter)]);
  const current = await findCurrentRsaKey(ctx, ctx.now);
  if (!current) throw new Error('no RSA key although one was just made');
  return current;
}

async function newRsaKey(ctx: Ctx): Promise<RsaKeyRow> {
  const day = new Date(ctx.now).toISOString().slice(0, 10).replaceAll('-', '');
  const prefix = `rsa_key_${day}_`;
  const last = await lastRsaKeyId(ctx, prefix);
  const number = Number(last?.slice(prefix.length) ?? 0) + 1;
  const id = `${prefix}${String(number).padStart(3, '0')}`;
  const pair = await generateRsaKeyPair();
  return {
    id,
    publicPem: pair.publicPem,
    wrappedPrivate: await seal(ctx.secrets.encryption, wrapContext(ctx, id), pair.privateDer),
    createdAt: ctx.now,
    expiresAt: ctx.now + HANDED_OUT,
    acceptedUntilAt: ctx.now + ACCEPTED,
  };
}

async function publish(ctx: Ctx, row: RsaKeyRow): Promise<void> {
  // KV takes one write a second and key; the truth is in D1, so a write that is refused costs nothing.
  await ctx.kv
    .put(kvKey(ctx), JSON.stringify(toPublic(row)), { expirationTtl: 24 * 3600 })
    .catch((error: unknown) => ctx.log.error('rsa_key.publish', error));
}

function toPublic(row: RsaKeyRow): PublicKey {
  return { keyId: row.id, publicPem: row.publicPem, expiresAt: row.expiresAt };
}

function kvKey(ctx: Ctx): string {
  return `${ctx.site.key}:rsa:current`;
}

function wrapContext(ctx: Ctx, keyId: string): string {
  return `rsa_keys.wrapped_private:${ctx.site.key}:${keyId}`;
}
