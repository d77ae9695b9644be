import { commit } from '#db/commit';
import { MINUTE } from '#kernel/clock';
import type { Ctx } from '#kernel/context';
import { claimDueMails, markMailFailed, markMailSent, type OutboxRow } from '#modules/operations/store';
import { composeMail } from './mail-texts.ts';

const MOST_ATTEMPTS = 5;
const BATCH = 50;

/** Sends what is due in the outbox; what fails is tried again later, five times in all. */
export async function sendDueMail(ctx: Ctx): Promise<number> {
  const due = await claimDueMails(ctx, ctx.now, ctx.now + 5 * MINUTE, BATCH);
  let sent = 0;
  for (const mail of due) sent += (await send(ctx, mail)) ? 1 : 0;
  return sent;
}

async function send(ctx: Ctx, mail: OutboxRow): Promise<boolean> {
  try {
    await ctx.mail.send({
      to: mail.recipient,
      ...composeMail(mail.template, mail.locale, mail.parameters ?? {}),
    });
    await commit(ctx, [markMailSent(ctx, mail.id, ctx.now)]);
    return true;
  } catch (error) {
    ctx.log.error('mail.failed', error, { mailId: mail.id, attempts: mail.attempts });
    if (mail.attempts >= MOST_ATTEMPTS) await commit(ctx, [markMailFailed(ctx, mail.id, ctx.now)]);
    return false;
  }
}
