/** A secret and, while it is being rotated, the one before it: new things use `current`, both are read. */
export interface Keyring {
  current: string;
  previous: string | null;
}

/** What only this deployment knows. Each is at least 32 characters. */
export interface Secrets {
  /** Signs access tokens. */
  accessToken: Keyring;
  /** Encrypts what must be read back: RSA private halves, identity numbers, kept answers. */
  encryption: Keyring;
  /** Keys the hashes of API keys. */
  apiKeyPepper: Keyring;
  /** Keys the hashes of refresh tokens and codes. */
  tokenPepper: Keyring;
  /** Signs captcha challenges. */
  captcha: Keyring;
  /** Signs reservation ids. */
  reservation: Keyring;
  /** Keys the blind index of identity numbers, and nothing else. */
  identityPepper: Keyring;
  /** The first admin, made at the first login on a site that has none. */
  admin: { email: string; password: string } | null;
}
