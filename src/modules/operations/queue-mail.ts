import type { Statement } from '#db/statement';
import type { Ctx } from '#kernel/context';
import type { Locale } from '#kernel/locale';
import { seal } from '#security/sealed';
import { insertMail } from './store.ts';

export interface QueuedMail {
  /** Given where the same mail must not be queued twice. */
  id?: string;
  /** Null for nobody: the row is made all the same, and never sent, so that the work is no telltale. */
  to: string | null;
  userId: string | null;
  template: string;
  parameters: Record<string, string>;
  locale?: Locale;
  /** From when on it is not worth sending; never where left out. */
  staleAt?: number;
}

/**
 * Puts a mail into the outbox, in the batch of what it tells of; the sender takes it from there. A list,
 * because a Drizzle statement is thenable: awaited by itself it would run at once.
 */
export async function queueMail(ctx: Ctx, mail: QueuedMail): Promise<Statement[]> {
  const id = mail.id ?? ctx.ids.next('mail', ctx.now);
  const sealedParameters = await seal(
    ctx.secrets.encryption,
    sealContext(ctx.site.key, id),
    JSON.stringify(mail.parameters),
  );
  return [
    insertMail(ctx, {
      id,
      recipient: mail.to ?? '',
      userId: mail.userId,
      template: mail.template,
      locale: mail.locale ?? ctx.locale,
      sealedParameters: mail.to === null ? null : sealedParameters,
      staleAt: mail.staleAt ?? null,
      dueAt: mail.to === null ? null : ctx.now,
      failedAt: mail.to === null ? ctx.now : null,
      createdAt: ctx.now,
    }),
  ];
}

/** What a mail's parameters are bound to: they open in their own row only. */
export function sealContext(site: string, id: string): string {
  return `outbox.sealed_parameters:${site}:${id}`;
}
