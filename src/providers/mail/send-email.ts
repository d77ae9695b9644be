import type { MailMessage, MailPort } from '#kernel/ports';

/** Cloudflare's `send_email` binding, by its structured form: no MIME of our own. */
export function sendEmailMail(binding: SendEmail, from: string): MailPort {
  return {
    async send({ to, subject, text }: MailMessage) {
      await binding.send({ from, to, subject, text });
    },
  };
}
