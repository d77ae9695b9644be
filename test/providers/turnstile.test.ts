import { describe, expect, it } from 'vitest';
import { turnstileCaptcha } from '../../src/providers/captcha/turnstile.ts';

const NOW = Date.UTC(2026, 0, 1);

/** A stand-in that answers what Cloudflare documents for siteverify, single use included. */
function siteverify(good: string[]) {
  const asked: { url: string; body: Record<string, string> }[] = [];
  const used = new Set<string>();
  const send = async (url: string, init: RequestInit) => {
    const body = JSON.parse(String(init.body)) as Record<string, string>;
    asked.push({ url, body });
    const token = body.response ?? '';
    if (body.secret !== 'the-secret')
      return Response.json({ success: false, 'error-codes': ['invalid-input-secret'] });
    if (!good.includes(token))
      return Response.json({ success: false, 'error-codes': ['invalid-input-response'] });
    if (used.has(token)) return Response.json({ success: false, 'error-codes': ['timeout-or-duplicate'] });
    used.add(token);
    return Response.json({
      success: true,
      challenge_ts: '2026-01-01T00:00:00Z',
      hostname: 'example.com',
      'error-codes': [],
    });
  };
  return { asked, send };
}

const configured = { secret: 'the-secret', siteKey: 'the-site-key' };

describe('Turnstile', () => {
  it('tells the page which widget to show', async () => {
    const captcha = turnstileCaptcha(configured, siteverify([]).send);
    expect(await captcha.challenge('default', NOW)).toEqual({
      provider: 'turnstile',
      site_key: 'the-site-key',
    });
  });

  it('takes a token once, and tells Cloudflare who sent it', async () => {
    const { asked, send } = siteverify(['good']);
    const captcha = turnstileCaptcha(configured, send);
    const proof = await captcha.verify('default', 'good', NOW, '192.0.2.1');
    expect(proof).toEqual({
      nonce: expect.stringMatching(/^turnstile:[0-9a-f]{64}$/),
      expiresAt: expect.any(Number),
    });
    expect(proof?.expiresAt).toBeGreaterThan(NOW);
    expect(asked).toEqual([
      {
        url: 'https://challenges.cloudflare.com/turnstile/v0/siteverify',
        body: { secret: 'the-secret', response: 'good', remoteip: '192.0.2.1' },
      },
    ]);
    expect(await captcha.verify('default', 'good', NOW, null)).toBeNull();
  });

  it('refuses what Cloudflare refuses, and a secret that is wrong', async () => {
    expect(
      await turnstileCaptcha(configured, siteverify([]).send).verify('default', 'bad', NOW, null),
    ).toBeNull();
    const wrong = turnstileCaptcha({ ...configured, secret: 'other' }, siteverify(['good']).send);
    expect(await wrong.verify('default', 'good', NOW, null)).toBeNull();
  });

  it.each([
    ['no answer', () => Promise.reject(new Error('network'))],
    ['an answer too late', () => Promise.reject(new DOMException('timed out', 'TimeoutError'))],
    ['an error page', async () => new Response('<html>', { status: 502 })],
    ['JSON of another shape', async () => Response.json({ ok: true })],
    ['success of an error', async () => Response.json({ success: true }, { status: 500 })],
    ['a success that is a word', async () => Response.json({ success: 'true' })],
  ])('fails closed on %s', async (_, send) => {
    expect(await turnstileCaptcha(configured, send).verify('default', 'good', NOW, null)).toBeNull();
  });

  it('does not ask about a token that cannot be one', async () => {
    const { asked, send } = siteverify(['good']);
    expect(
      await turnstileCaptcha(configured, send).verify('default', 'x'.repeat(2049), NOW, null),
    ).toBeNull();
    expect(asked).toEqual([]);
  });
});
