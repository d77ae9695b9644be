import { sendDueMail } from '#flows/mail/send-mail';
import type { Job } from './job.ts';

/** Sends what is due in the outbox. */
export const sendMail: Job = async (ctx) => {
  await sendDueMail(ctx);
};
