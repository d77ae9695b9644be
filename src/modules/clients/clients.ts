import { z } from 'zod';
import { commit, guard } from '#db/commit';
import { requireAdmin } from '#kernel/actor';
import type { Ctx } from '#kernel/context';
import type { Page, Slice } from '#kernel/page';
import { checkedAccess } from '#kernel/permissions';
import { generateClientKey } from '#security/client-key';
import { keyedHash, keyedHashes } from '#security/keyed-hash';
import { type ClientRow, deleteClientRow, findClient, insertClient, listClientRows } from './store.ts';

const Names = z.array(z.string().max(64)).max(50);

export const CreateClientInput = z.object({
  name: z.string().trim().min(1).max(64),
  systems: Names,
  permissions: Names,
});

const PURPOSE = 'client-key';

/** Makes a client. Its key is shown this once and stored hashed. */
export async function createClient(
  ctx: Ctx,
  input: z.infer<typeof CreateClientInput>,
): Promise<{ row: ClientRow; key: string }> {
  requireAdmin(ctx.actor);
  const access = checkedAccess(ctx.site, input);
  const key = generateClientKey();
  const row = {
    id: ctx.ids.next('cl', ctx.now),
    name: input.name,
    keyHash: await keyedHash(ctx.secrets.apiKeyPepper, PURPOSE, key),
    ...access,
    createdAt: ctx.now,
  };
  await commit(ctx, [insertClient(ctx, row)], {
    action: 'client.created',
    target: row.id,
    detail: { name: input.name, ...access },
  });
  return { row, key };
}

/** The site's clients, newest first. */
export async function listClients(ctx: Ctx, page: Page): Promise<Slice<ClientRow>> {
  requireAdmin(ctx.actor);
  return listClientRows(ctx, page);
}

/** Removes a client: its key is dead on the next request. 404 where there is none (any more). */
export async function deleteClient(ctx: Ctx, id: string): Promise<void> {
  requireAdmin(ctx.actor);
  await commit(ctx, [deleteClientRow(ctx, id), guard(ctx, 'not_found')], {
    action: 'client.deleted',
    target: id,
  });
}

/** The client of a well-formed key. It is looked up each time, so that a removal holds at once. Null where there is none. */
export async function authenticateClient(
  ctx: Pick<Ctx, 'db' | 'secrets'>,
  key: string,
): Promise<ClientRow | null> {
  return findClient(ctx, await keyedHashes(ctx.secrets.apiKeyPepper, PURPOSE, key));
}
