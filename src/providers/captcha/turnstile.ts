import { z } from 'zod';
import { MINUTE } from '#kernel/clock';
import type { CaptchaPort } from '#kernel/ports';
import { sha256 } from '#security/keyed-hash';

const VERIFY_URL = 'https://challenges.cloudflare.com/turnstile/v0/siteverify';
const TIMEOUT_MS = 10_000;
/** A token lives five minutes at Cloudflare; what is spent is remembered for longer than that. */
const REMEMBERED = 10 * MINUTE;

/** As Cloudflare documents the answer of siteverify; `action` is what the widget was rendered with. */
const Verdict = z.object({ success: z.boolean(), 'error-codes': z.array(z.string()).optional() });

/**
 * Cloudflare Turnstile. Fails closed: no answer, a late one or one that cannot be read is no proof.
 *
 * @param send `fetch`, or a stand-in
 */
export function turnstileCaptcha(
  { secret, siteKey }: { secret: string; siteKey: string },
  send: (url: string, init: RequestInit) => Promise<Response>,
): CaptchaPort {
  return {
    challenge: async () => ({ provider: 'turnstile', site_key: siteKey }),

    async verify(_site, token, now, address) {
      // Longer tokens than Turnstile's are nobody's.
      if (token.length > 2048) return null;
      try {
        const response = await send(VERIFY_URL, {
          method: 'POST',
          headers: { 'Content-Type': 'application/json' },
          body: JSON.stringify({ secret, response: token, ...(address ? { remoteip: address } : {}) }),
          signal: AbortSignal.timeout(TIMEOUT_MS),
        });
        const verdict = Verdict.safeParse(await response.json());
        if (!response.ok || !verdict.success || !verdict.data.success) return null;
      } catch {
        return null;
      }
      return { nonce: `turnstile:${await sha256(token)}`, expiresAt: now + REMEMBERED };
    },
  };
}
