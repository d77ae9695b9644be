import { z } from '@hono/zod-openapi';
import { LoginInput } from '#modules/accounts/login';
import { operation } from './operation.ts';
import { Account } from './users.schemas.ts';

const tag = 'Authorisation';

export const publicKey = operation({
  method: 'get',
  path: '/api/v1/auth/public-key',
  access: 'anyone',
  tag,
  summary: 'The RSA key that passwords are encrypted to',
  description: 'RSA-OAEP with SHA-256 (and MGF1 with SHA-256). Each ciphertext is accepted once.',
  data: z
    .object({
      key_id: z.string().openapi({ example: 'rsa_key_20240101_001' }),
      public_key: z.string().openapi({ description: 'SPKI, PEM' }),
      algorithm: z.literal('RSA-OAEP-256'),
      expires_at: z.string(),
    })
    .openapi('PublicKey'),
});

export const captcha = operation({
  method: 'get',
  path: '/api/v1/auth/captcha',
  access: 'anyone',
  tag,
  summary: 'A captcha challenge',
  description:
    "An ALTCHA challenge (proof of work v2) in ALTCHA's own JSON. `captcha_token` is Base64 of " +
    '`{"challenge":…,"solution":…}`; each is good once, for ten minutes.',
  bare: true,
  data: z
    .object({ parameters: z.record(z.string(), z.unknown()), signature: z.string() })
    .openapi('CaptchaChallenge'),
});

export const login = operation({
  method: 'post',
  path: '/api/v1/auth/login',
  access: 'anyone',
  tag,
  summary: 'Sign in',
  body: LoginInput.openapi('Login'),
  data: z
    .object({
      access_token: z.string(),
      token_type: z.literal('Bearer'),
      expires_in: z.int(),
      refresh_token: z.string(),
      user: Account,
    })
    .openapi('SignIn'),
  errors: [
    'account_throttled',
    'captcha_required',
    'captcha_invalid',
    'ciphertext_invalid',
    'credentials_invalid',
    'account_frozen',
  ],
});
