import { rotateRsaKeys } from '#modules/accounts/rsa-keys';
import type { Job } from './job.ts';

/** Keeps an RSA key at hand that has time to live, and forgets those that are accepted no more. */
export const rotateKeys: Job = rotateRsaKeys;
