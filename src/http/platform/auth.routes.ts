import { z } from '@hono/zod-openapi';
import { ResetPasswordInput } from '#flows/accounts/passwords';
import { LoginInput } from '#modules/accounts/login';
import { RefreshInput } from '#modules/accounts/refresh-session';
import { LogoutInput } from '#modules/accounts/sessions';
import { operation } from './operation.ts';
import { Done, idParam, listOf, PageQuery, Time } from './schemas.ts';
import { Account } from './users.schemas.ts';

const tag = 'Authorisation';

const PublicKey = z
  .object({
    key_id: z.string().openapi({ example: 'rsa_key_20240101_001' }),
    public_key: z.string().openapi({ description: 'SPKI, PEM' }),
    algorithm: z.literal('RSA-OAEP-256'),
    expires_at: Time,
  })
  .openapi('PublicKey');

export const publicKey = operation({
  method: 'get',
  path: '/api/v1/auth/public-key',
  access: 'open',
  tag,
  summary: 'The RSA key that passwords are encrypted to',
  description: 'RSA-OAEP with SHA-256 (and MGF1 with SHA-256). Each ciphertext is accepted once.',
  data: PublicKey,
});

export const rotateKeys = operation({
  method: 'post',
  path: '/admin/v1/rsa-keys/rotate',
  access: 'admin',
  tag,
  summary: 'Make a new RSA key now',
  idempotent: true,
  description: 'With `revoke` the older ones are accepted no more.',
  body: z.object({ revoke: z.boolean().default(false) }).openapi('RotateRsaKeys'),
  data: PublicKey,
  errors: ['service_unavailable'],
});

export const captcha = operation({
  method: 'get',
  path: '/api/v1/auth/captcha',
  access: 'open',
  tag,
  summary: 'A captcha challenge',
  description:
    "An ALTCHA challenge (proof of work v2) in ALTCHA's own JSON. `captcha_token` is Base64 of " +
    '`{"challenge":…,"solution":…}`; each is good once, for ten minutes. With Turnstile configured ' +
    '`{provider:"turnstile", site_key}`, and its token is the `captcha_token`.',
  bare: true,
  data: z
    .union([
      z.object({ parameters: z.record(z.string(), z.unknown()), signature: z.string() }),
      z.object({ provider: z.literal('turnstile'), site_key: z.string() }),
    ])
    .openapi('CaptchaChallenge'),
});

const SignIn = z
  .object({
    access_token: z.string(),
    token_type: z.literal('Bearer'),
    expires_in: z.int().openapi({ description: 'Seconds', example: 600 }),
    refresh_token: z.string(),
    user: Account,
  })
  .openapi('SignIn');

export const login = operation({
  method: 'post',
  path: '/api/v1/auth/login',
  access: 'open',
  tag,
  summary: 'Sign in',
  body: LoginInput.openapi('Login'),
  data: SignIn,
  errors: [
    'account_throttled',
    'captcha_required',
    'captcha_invalid',
    'ciphertext_invalid',
    'credentials_invalid',
    'account_frozen',
  ],
});

export const refresh = operation({
  method: 'post',
  path: '/api/v1/auth/refresh',
  access: 'open',
  tag,
  summary: 'A new pair of tokens for a refresh token',
  description: 'The old refresh token is spent. One that was spent before ends its session.',
  body: RefreshInput.openapi('Refresh'),
  data: SignIn,
  errors: ['session_ended'],
});

export const logout = operation({
  method: 'post',
  path: '/api/v1/auth/logout',
  access: 'holder',
  tag,
  summary: 'Sign out',
  description:
    'Ends this session, or with `all` every one. `refresh_token` where the access token has expired.',
  body: LogoutInput.openapi('Logout'),
  data: Done,
  errors: ['unauthenticated'],
});

export const sessions = operation({
  method: 'get',
  path: '/api/v1/auth/sessions',
  access: 'person',
  tag,
  summary: 'Where I am signed in',
  query: PageQuery,
  data: listOf(
    z
      .object({
        session_id: z.string(),
        device: z.string().nullable(),
        address: z.string().nullable().openapi({ example: '203.0.*.*' }),
        created_at: Time,
        last_used_at: Time,
        current: z.boolean(),
      })
      .openapi('Session'),
  ),
});

export const endSession = operation({
  method: 'delete',
  path: '/api/v1/auth/sessions/{session_id}',
  access: 'person',
  tag,
  summary: 'End one of my sessions',
  params: idParam('session_id'),
  data: Done,
});

export const resetPassword = operation({
  method: 'post',
  path: '/api/v1/auth/password/reset',
  access: 'open',
  tag,
  summary: 'Set a new password with a mailed code',
  description: 'All sessions end.',
  body: ResetPasswordInput.openapi('ResetPassword'),
  data: Done,
  errors: ['account_throttled', 'ciphertext_invalid', 'code_invalid', 'password_weak', 'service_unavailable'],
});
