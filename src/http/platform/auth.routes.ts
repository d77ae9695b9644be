import { z } from '@hono/zod-openapi';
import { ResetPasswordInput } from '#flows/accounts/passwords';
import { LoginInput } from '#modules/accounts/login';
import { RefreshInput } from '#modules/accounts/refresh-session';
import { LogoutInput } from '#modules/accounts/sessions';
import { idParam } from '../shared/id-param.ts';
import { CHALLENGE, PUBLIC_KEY, REFRESHED, SESSION, SIGN_IN } from './auth.examples.ts';
import { operation } from './operation.ts';
import { Done, listed, listOf, PageQuery, Time } from './schemas.ts';
import { CIPHERTEXT, KEY_ID, NEW_CIPHERTEXT } from './users.examples.ts';
import { Account } from './users.schemas.ts';

const tag = 'Authorisation';

export const PublicKey = z
  .object({
    key_id: z.string().openapi({ example: 'rsa_key_20240101_001' }),
    public_key: z.string().openapi({ description: 'SPKI, PEM' }),
    algorithm: z.literal('RSA-OAEP-256'),
    expires_at: Time.openapi({ description: 'Fetch another then; ciphertexts are accepted a day longer.' }),
  })
  .openapi('PublicKey');

export const publicKey = operation({
  method: 'get',
  path: '/api/v1/auth/public-key',
  operationId: 'getPublicKey',
  access: 'open',
  tag,
  summary: 'The RSA key that passwords are encrypted to',
  description:
    'RSA-OAEP with SHA-256 (and MGF1 with SHA-256). Each ciphertext is accepted once. It is sent in standard Base64, ' +
    'with the `key_id` beside it.',
  data: PublicKey,
  example: { data: PUBLIC_KEY },
});

export const rotateKeys = operation({
  method: 'post',
  path: '/admin/v1/rsa-keys/rotate',
  operationId: 'adminRotateRsaKeys',
  access: 'admin',
  tag,
  summary: 'Make a new RSA key now',
  idempotent: true,
  description:
    'With `revoke` the older ones are accepted no more. Keys rotate daily by themselves: this is for one that may have ' +
    'leaked. An older public key may still be handed out for a minute; with `revoke`, what is encrypted to it is refused.',
  body: z
    .object({
      revoke: z
        .boolean()
        .default(false)
        .openapi({ description: 'false: they are accepted to their own end.' }),
    })
    .openapi('RotateRsaKeys'),
  data: PublicKey,
  example: {
    body: { revoke: false },
    data: { ...PUBLIC_KEY, key_id: 'rsa_key_20240101_002', expires_at: '2024-01-02T10:00:00Z' },
  },
  errors: ['service_unavailable'],
});

export const CaptchaChallenge = z
  .union([
    z.object({ parameters: z.record(z.string(), z.unknown()), signature: z.string() }),
    z.object({ provider: z.literal('turnstile'), site_key: z.string() }),
  ])
  .openapi('CaptchaChallenge');

export const captcha = operation({
  method: 'get',
  path: '/api/v1/auth/captcha',
  operationId: 'getCaptcha',
  access: 'open',
  tag,
  summary: 'A captcha challenge',
  description:
    "An ALTCHA challenge (proof of work v2) in ALTCHA's own JSON. `captcha_token` is Base64 of " +
    '`{"challenge":…,"solution":…}`; each is good once, for ten minutes. With Turnstile configured ' +
    '`{provider:"turnstile", site_key}`, and its token is the `captcha_token`.',
  bare: true,
  data: CaptchaChallenge,
  example: { data: CHALLENGE },
});

export const SignIn = z
  .object({
    access_token: z.string().openapi({ description: 'Sent as `Authorization: Bearer …`.' }),
    token_type: z.literal('Bearer'),
    expires_in: z.int().openapi({ description: 'Seconds', example: 600 }),
    refresh_token: z.string().openapi({
      description: 'Good once, for thirty days; the session ends after ninety.',
    }),
    user: Account,
  })
  .openapi('SignIn');

export const login = operation({
  method: 'post',
  path: '/api/v1/auth/login',
  operationId: 'signIn',
  access: 'open',
  tag,
  summary: 'Sign in',
  description:
    '`account` is an e-mail address or a phone number, `password` a ciphertext (`GET /api/v1/auth/public-key`). After ' +
    'three failures of an account from one address a `captcha_token` is asked for, after five in a quarter of an hour ' +
    'it is 429; whether there is an account is never told.',
  body: LoginInput.openapi('Login'),
  data: SignIn,
  example: {
    body: { account: 'user@example.com', key_id: KEY_ID, password: CIPHERTEXT },
    data: SIGN_IN,
  },
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
  operationId: 'refreshTokens',
  access: 'open',
  tag,
  summary: 'A new pair of tokens for a refresh token',
  description:
    'The old refresh token is spent. One that was spent before ends its session; within ten seconds it is only refused, ' +
    'since two tabs may have asked at once. After 401 sign in again.',
  body: RefreshInput.openapi('Refresh'),
  data: SignIn,
  example: { body: { refresh_token: SIGN_IN.refresh_token }, data: REFRESHED },
  errors: ['session_ended'],
});

export const logout = operation({
  method: 'post',
  path: '/api/v1/auth/logout',
  operationId: 'signOut',
  access: 'holder',
  tag,
  summary: 'Sign out',
  description:
    'Ends this session, or with `all` every one. `refresh_token` where the access token has expired. The access token ' +
    'is refused at once too; API keys go on.',
  body: LogoutInput.openapi('Logout'),
  data: Done,
  example: { body: { all: false, refresh_token: REFRESHED.refresh_token }, data: {} },
  errors: ['unauthenticated'],
});

export const Session = z
  .object({
    session_id: z.string().openapi({ example: 'ses_01JKZ7M0V3Q4T5W6X7Y8Z9A0BC' }),
    device: z.string().nullable().openapi({ description: 'The `User-Agent` of the sign-in.' }),
    address: z.string().nullable().openapi({ description: 'Of the sign-in, masked.', example: '203.0.*.*' }),
    created_at: Time,
    last_used_at: Time.openapi({ description: 'The last sign-in or refresh, not the last request.' }),
    current: z.boolean().openapi({ description: 'The session that asks.' }),
  })
  .openapi('Session');

export const sessions = operation({
  method: 'get',
  path: '/api/v1/auth/sessions',
  operationId: 'listSessions',
  access: 'person',
  tag,
  summary: 'Where I am signed in',
  description:
    'Sessions that have not ended, by their sign-in, newest first; a refresh does not make another.',
  query: PageQuery,
  data: listOf(Session),
  example: { data: listed(SESSION) },
});

export const endSession = operation({
  method: 'delete',
  path: '/api/v1/auth/sessions/{session_id}',
  operationId: 'endSession',
  access: 'person',
  tag,
  summary: 'End one of my sessions',
  description:
    'Its access token is refused from the next request on, and its refresh token too. It may be the one that asks; one ' +
    'that has ended already is 404.',
  params: idParam('session_id'),
  data: Done,
  example: { data: {} },
});

export const resetPassword = operation({
  method: 'post',
  path: '/api/v1/auth/password/reset',
  operationId: 'resetPassword',
  access: 'open',
  tag,
  summary: 'Set a new password with a mailed code',
  description:
    'All sessions end, nobody is signed in. The code is of `POST /api/v1/users/me/verify/email` with purpose ' +
    '`reset_password`, and the address counts as verified from now on; where it never was before, the account’s API ' +
    'keys are deleted.',
  body: ResetPasswordInput.openapi('ResetPassword'),
  data: Done,
  example: {
    body: { email: 'user@example.com', code: '195027', key_id: KEY_ID, new_password: NEW_CIPHERTEXT },
    data: {},
  },
  errors: ['account_throttled', 'ciphertext_invalid', 'code_invalid', 'password_weak', 'service_unavailable'],
});
