import { toIso } from '#kernel/clock';
import type { PublicKey } from '#modules/accounts/rsa-keys';
import type { SignIn } from '#modules/accounts/sign-in';
import { toAccount } from './users.mapper.ts';

export function toPublicKey(key: PublicKey) {
  return {
    key_id: key.keyId,
    public_key: key.publicPem,
    algorithm: 'RSA-OAEP-256' as const,
    expires_at: toIso(key.expiresAt),
  };
}

export function toSignIn(signIn: SignIn) {
  return {
    access_token: signIn.accessToken,
    token_type: 'Bearer' as const,
    expires_in: signIn.expiresIn,
    refresh_token: signIn.refreshToken,
    user: toAccount(signIn.user),
  };
}
