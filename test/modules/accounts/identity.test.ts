import { env } from 'cloudflare:test';
import { describe, expect, it } from 'vitest';
import { openDatabase } from '#db/client';
import { createIds } from '#kernel/ids';
import { numberHashes, openPapers, resealIdentities, sealPapers } from '#modules/accounts/identity';
import { findVerification } from '#modules/accounts/verification-store';

const { DB_DEFAULT: d1 } = env as unknown as { DB_DEFAULT: D1Database };
const secret = (letter: string) => letter.repeat(32);
const PAPERS = {
  real_name: '张三',
  id_card: '11010519491231002X',
  id_card_front: 'https://oss.example.com/front.jpg',
  id_card_back: 'https://oss.example.com/back.jpg',
};

/** As much of a context as identities need, under these secrets. */
function contextUnder(current: string, previous: string | null) {
  const ring = { current: secret(current), previous: previous && secret(previous) };
  const db = openDatabase(d1);
  const secrets = { encryption: ring, identityPepper: ring };
  const site = { key: 'default' };
  return { db, site, secrets, now: 0, ids: createIds(), idempotency: null } as never;
}

describe('papers', () => {
  it('open in their own row only', async () => {
    const ctx = contextUnder('a', null);
    const kept = await sealPapers(ctx, 'realname', 'ver_1', PAPERS);
    const row = { id: 'ver_1', kind: 'realname', sealed: kept.sealed } as never;
    expect(await openPapers(ctx, row)).toEqual(PAPERS);
    await expect(openPapers(ctx, { ...(row as object), id: 'ver_2' } as never)).rejects.toThrow();
    expect(kept.sealed).not.toContain(PAPERS.id_card);
  });

  it('come under new secrets batch by batch, so that the ones before can go', async () => {
    const [before, during, after] = [
      contextUnder('b', null),
      contextUnder('c', 'b'),
      contextUnder('c', null),
    ];
    await d1
      .prepare(
        "insert into users (id, user_type, referral_code, created_at, updated_at) values ('u_seal', 'personal', 'seal', 0, 0)",
      )
      .run();
    for (const id of ['ver_s1', 'ver_s2', 'ver_s3']) {
      const { sealed, numberHash } = await sealPapers(before, 'realname', id, PAPERS);
      await d1
        .prepare(
          `insert into verifications (id, kind, subject, user_id, state, sealed, number_hash, created_at)
           values (?, 'realname', ?, 'u_seal', 'rejected', ?, ?, 0)`,
        )
        .bind(id, id, sealed, numberHash)
        .run();
    }
    // During a rotation a number is found under either pepper.
    const [newHash, oldHash] = await numberHashes(during, 'realname', PAPERS.id_card);
    const hashOf = async () => (await findVerification(before, 'ver_s1'))?.numberHash;
    expect(await hashOf()).toBe(oldHash);

    expect(await resealIdentities(during, 2)).toBe(2);
    expect(await resealIdentities(during, 2)).toBe(1);
    expect(await resealIdentities(during, 2)).toBe(0);
    expect(await hashOf()).toBe(newHash);
    for (const id of ['ver_s1', 'ver_s2', 'ver_s3']) {
      const row = await findVerification(after, id);
      expect(row && (await openPapers(after, row))).toEqual(PAPERS);
    }
  });
});
