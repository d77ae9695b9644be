import { z } from 'zod';
import { parsePhone } from './phone.ts';

/** Fields that several operations on accounts read. */

/** The RSA key that a ciphertext of the same request was made with. */
export const KeyId = z.string().min(1).max(64);

/** A password under that key, Base64. */
export const Ciphertext = z.string().min(1).max(1024);

/** A solved captcha. */
export const CaptchaToken = z.string().min(1).max(8192);

export const Email = z.email().max(254);

/** An address that browsers load without a warning, in one spelling. */
export const HttpsUrl = z
  .url({ protocol: /^https$/, error: 'must be an https URL' })
  .startsWith('https://', 'must be an https URL')
  .max(2048)
  .transform((text) => new URL(text).href);

/** A phone number as people write it; normalised to E.164. */
export const Phone = z
  .string()
  .refine((text) => parsePhone(text) !== null, 'must be a mainland mobile number or in E.164 form')
  .transform((text) => parsePhone(text) ?? text);

/** A name as it stands in a mail's subject: of one line. */
export const PlainName = z
  .string()
  .trim()
  .min(1)
  .max(64)
  .regex(/^\P{Cc}*$/u, 'must not have control characters');

/** A code from the mailbox. */
export const MailedCode = z.string().regex(/^\d{6}$/, 'must be six digits');
