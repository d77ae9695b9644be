import { commitApart } from '#db/commit';
import { MINUTE } from '#kernel/clock';
import type { Ctx } from '#kernel/context';
import { sealContext } from '#modules/operations/queue-mail';
import {
  claimDueMails,
  markMailFailed,
  markMailSent,
  type OutboxRow,
  postponeMail,
} from '#modules/operations/store';
import { unsealText } from '#security/sealed';
import { composeMail } from './mail-texts.ts';

/** Minutes until the next try, after the first failure, the second …; after the last a mail is given up. */
const BACKOFF = [5, 10, 30, 120, 360];
const BATCH = 50;

/** Sends what is due in the outbox. What fails is due again later; cron asks every five minutes. */
export async function sendDueMail(ctx: Ctx): Promise<number> {
  const due = await claimDueMails(ctx, ctx.now, ctx.now + 5 * MINUTE, BATCH);
  let sent = 0;
  for (const mail of due) sent += (await send(ctx, mail)) ? 1 : 0;
  return sent;
}

async function send(ctx: Ctx, mail: OutboxRow): Promise<boolean> {
  if (mail.staleAt !== null && mail.staleAt <= ctx.now) {
    await commitApart(ctx, [markMailFailed(ctx, mail.id, ctx.now)]);
    return false;
  }
  try {
    const parameters = await openParameters(ctx, mail);
    await ctx.mail.send({ to: mail.recipient, ...composeMail(mail.template, mail.locale, parameters) });
  } catch (error) {
    ctx.log.error('mail.failed', error, { mailId: mail.id, attempts: mail.attempts });
    const wait = BACKOFF[mail.attempts - 1];
    await commitApart(ctx, [
      wait === undefined
        ? markMailFailed(ctx, mail.id, ctx.now)
        : postponeMail(
            ctx,
            mail.id,
            Math.min(ctx.now + wait * MINUTE, mail.staleAt ?? Number.POSITIVE_INFINITY),
          ),
    ]);
    return false;
  }
  await commitApart(ctx, [markMailSent(ctx, mail.id, ctx.now)]);
  return true;
}

async function openParameters(ctx: Ctx, mail: OutboxRow): Promise<Record<string, string>> {
  if (mail.sealedParameters === null) return {};
  const text = await unsealText(
    ctx.secrets.encryption,
    sealContext(ctx.site.key, mail.id),
    mail.sealedParameters,
  );
  return JSON.parse(text) as Record<string, string>;
}
