import type { Statement } from '#db/statement';
import type { Ctx } from '#kernel/context';
import type { OrderRow } from '#modules/commerce/order-store';
import { post } from '#modules/commerce/wallet-store';
import { TOKEN_UNIT } from '#programs/tier/rules';

/** Takes the EOC that an order is partly paid with; `wallet_short` where they are not there. */
export function holdTokens(
  ctx: Ctx,
  { owner, snapshot }: Pick<OrderRow, 'owner' | 'snapshot'>,
  reference: string,
): Statement[] {
  const eoc = snapshot.tier?.eoc ?? 0;
  if (eoc === 0) return [];
  const amount = -eoc * TOKEN_UNIT;
  return post(ctx, { owner, asset: 'EOC', amount, reason: 'tier_hold', reference }, 'spend');
}
