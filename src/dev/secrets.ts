import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';

/** Those of Sluice itself and of the local run, each a random text. */
export const RANDOM_SECRETS = [
  'ACCESS_TOKEN_SECRET',
  'KEY_ENCRYPTION_KEY',
  'API_KEY_PEPPER',
  'TOKEN_PEPPER',
  'CAPTCHA_SECRET',
  'RESERVATION_SECRET',
  'IDENTITY_PEPPER',
  'SANDBOX_SECRET',
  'DEMO_KEY_SECRET',
];

/** The secrets of a local run, from `.dev.vars`; what is missing there is made up and added. */
export function localSecrets(root: string): Record<string, string> {
  const file = join(root, '.dev.vars');
  const text = existsSync(file)
    ? readFileSync(file, 'utf8')
    : '# Secrets of local runs only. Not committed.\n';
  const known = parseEnv(text) as Record<string, string>;
  const wanted: Record<string, string> = {
    ...Object.fromEntries(RANDOM_SECRETS.map((name) => [name, randomBytes(32).toString('base64url')])),
    ADMIN_EMAIL: 'admin@example.com',
    ADMIN_PASSWORD: password(),
    DEMO_PASSWORD: password(),
  };
  const missing = Object.entries(wanted).filter(([name]) => !known[name]);
  if (missing.length > 0) {
    const lines = missing.map(([name, value]) => `${name}=${value}\n`).join('');
    writeFileSync(file, `${text.endsWith('\n') ? text : `${text}\n`}${lines}`, { mode: 0o600 });
  }
  return { ...known, ...Object.fromEntries(missing) };
}

/** Sixteen characters with a letter and a digit, as the rules for passwords want. */
function password(): string {
  return `a1${randomBytes(12).toString('base64url').replace(/[-_]/g, 'x').slice(0, 14)}`;
}
