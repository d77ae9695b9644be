import { type Challenge, createChallenge, randomInt, type Solution, verifySolution } from 'altcha-lib';
import { deriveKey } from 'altcha-lib/algorithms/pbkdf2';
import { z } from 'zod';
import { MINUTE } from '#kernel/clock';
import type { CaptchaPort } from '#kernel/ports';
import type { Keyring } from '#kernel/secrets';
import { fromBase64 } from '#security/bytes';

const LIFE = 10 * MINUTE;

const Token = z.object({
  challenge: z.object({
    parameters: z.looseObject({
      nonce: z.string(),
      data: z.object({ site: z.string(), expires_at: z.number() }),
    }),
    signature: z.string(),
  }),
  solution: z.looseObject({ counter: z.number(), derivedKey: z.string() }),
});

/**
 * ALTCHA's proof of work (v2): no outside service. A solver derives keys for counters until one begins with
 * the prefix, `counter` of them at the most, `cost` PBKDF2 rounds each.
 */
export function altchaCaptcha(ring: Keyring, difficulty: { cost: number; counter: number }): CaptchaPort {
  return {
    async challenge(site, now) {
      const { cost, counter } = difficulty;
      const challenge = await createChallenge({
        algorithm: 'PBKDF2/SHA-256',
        cost,
        counter: randomInt(Math.ceil(counter / 2), counter),
        deriveKey,
        // Signed with the rest. The library's own expiry reads the machine's clock, so ours is apart.
        data: { site, expires_at: now + LIFE },
        hmacSignatureSecret: ring.current,
      });
      return { ...challenge };
    },

    async verify(site, token, now) {
      const parsed = Token.safeParse(parseToken(token));
      if (!parsed.success) return null;
      const { parameters } = parsed.data.challenge;
      if (parameters.data.site !== site || parameters.data.expires_at <= now) return null;
      for (const secret of [ring.current, ring.previous]) {
        if (secret !== null && (await isSolved(parsed.data, secret))) {
          return { nonce: parameters.nonce, expiresAt: parameters.data.expires_at };
        }
      }
      return null;
    },
  };
}

/** The signature is checked before any work, so a made-up challenge cannot ask for a costly one. */
async function isSolved(token: z.infer<typeof Token>, secret: string): Promise<boolean> {
  try {
    const { verified } = await verifySolution({
      challenge: token.challenge as unknown as Challenge,
      solution: token.solution as unknown as Solution,
      deriveKey,
      hmacSignatureSecret: secret,
    });
    return verified;
  } catch {
    return false;
  }
}

function parseToken(token: string): unknown {
  try {
    const bytes = fromBase64(token);
    return bytes && JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return null;
  }
}
