import { z } from 'zod';

/** Fields that several operations on accounts read. */

/** The RSA key that a ciphertext of the same request was made with. */
export const KeyId = z.string().min(1).max(64);

/** A password under that key, Base64. */
export const Ciphertext = z.string().min(1).max(1024);

/** A solved captcha. */
export const CaptchaToken = z.string().min(1).max(8192);

export const Email = z.email().max(254);

/** A code from the mailbox. */
export const MailedCode = z.string().regex(/^\d{6}$/, 'must be six digits');
