import type { z } from '@hono/zod-openapi';
import type { CaptchaChallenge, PublicKey, Session, SignIn } from './auth.routes.ts';
import { ACCOUNT, DEVICE, KEY_ID, SESSION_ID } from './users.examples.ts';

export const PUBLIC_KEY = {
  key_id: KEY_ID,
  public_key:
    '-----BEGIN PUBLIC KEY-----\nMIIBojANBgkqhkiG9w0BAQEFAAOCAY8AMIIBigKCAYEA…\n-----END PUBLIC KEY-----\n',
  algorithm: 'RSA-OAEP-256',
  expires_at: '2024-01-02T00:00:00Z',
} satisfies z.input<typeof PublicKey>;

export const CHALLENGE = {
  parameters: {
    algorithm: 'PBKDF2/SHA-256',
    cost: 5000,
    data: { site: 'default', expires_at: 1_704_104_400_000 },
    keyLength: 32,
    keyPrefix: 'dca45feb30056143228344a3177de57b',
    nonce: '78617e7ff026370fbb202fbaf13db39d',
    salt: '4861a92d0be5d3b44351bbd5c45e88d8',
  },
  signature: '47315977ac96269082882739eb9e78c4adc970b3af473366299a247238390683',
} satisfies z.input<typeof CaptchaChallenge>;

export const SIGN_IN = {
  access_token: 'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCIs…',
  token_type: 'Bearer',
  expires_in: 600,
  refresh_token: 'rt_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefg',
  user: ACCOUNT,
} satisfies z.input<typeof SignIn>;

/** The pair after {@link SIGN_IN}'s. */
export const REFRESHED = { ...SIGN_IN, refresh_token: 'rt_abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG' };

export const SESSION = {
  session_id: SESSION_ID,
  device: DEVICE,
  address: '203.0.*.*',
  created_at: '2024-01-01T09:00:00Z',
  last_used_at: '2024-01-01T12:00:00Z',
  current: true,
} satisfies z.input<typeof Session>;
