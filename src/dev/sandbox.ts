import { z } from 'zod';
import { AppError } from '#kernel/errors';
import { formatDecimal, isDecimal, parseDecimal } from '#kernel/money';
import type { PaymentProvider } from '#kernel/ports';
import { toHex } from '#security/bytes';
import { hmac, sameText } from '#security/keyed-hash';
import type { DevState } from './state.ts';

const SKEW_SECONDS = 300;

const Notification = z.object({
  transaction_id: z.string().min(1).max(64),
  order_id: z.string().min(1).max(64),
  amount: z.string(),
  currency: z.string(),
  state: z.enum(['paid', 'failed', 'refunded']),
});

/** A provider that takes no money: its cashier is a page of the local run. Never in the deployed bundle. */
export function sandboxProvider(secret: string, memory: (site: string) => DevState): PaymentProvider {
  return {
    name: 'sandbox',

    async start({ order, publicUrl, site }) {
      const query = site === 'default' ? '' : `?site=${site}`;
      return { pay_url: `${publicUrl}/dev/cashier/${order.id}${query}` };
    },

    async verify(headers, bytes, now) {
      const body = new TextDecoder().decode(bytes);
      const signature = headers.get('X-Sandbox-Signature') ?? '';
      const [, seconds, digest] = /^t=(\d{1,12}),v1=([0-9a-f]{64})$/.exec(signature) ?? [];
      const fresh = seconds !== undefined && Math.abs(now / 1000 - Number(seconds)) <= SKEW_SECONDS;
      if (!fresh || !digest || !sameText(digest, await digestOf(secret, seconds, body))) {
        throw new AppError('signature_invalid');
      }
      const { transaction_id, order_id, amount, currency, state } = parse(body);
      return {
        provider: 'sandbox',
        transactionId: transaction_id,
        orderId: order_id,
        amount: isDecimal(amount) ? parseDecimal(amount) : null,
        ...(isDecimal(amount) ? {} : { mismatch: `the amount ${amount.slice(0, 32)} cannot be read` }),
        currency,
        state,
      };
    },

    acknowledge: () => ({ status: 200, contentType: 'application/json', body: '{"received":true}' }),

    async query({ orderId, site }) {
      const paid = await paidAtSandbox(memory(site), orderId);
      return paid && { provider: 'sandbox', orderId, state: 'paid', ...paid };
    },

    // What is paid at the cashier stays paid; what is not could still be, and would come too late.
    cancel: async () => 'ended',

    async refund({ refundId, transactionId, amount, site }) {
      await memory(site).put(`sandbox-refund:${refundId}`, JSON.stringify({ transactionId, amount }));
      return 'done';
    },
  };
}

/** What was paid at the cashier, whether its notification arrived or not. */
export interface SandboxPayment {
  transactionId: string;
  amount: number | null;
  currency: string;
}

export async function paidAtSandbox(memory: DevState, orderId: string): Promise<SandboxPayment | null> {
  const kept = await memory.get(`sandbox:${orderId}`);
  return kept === null ? null : (JSON.parse(kept) as SandboxPayment);
}

export async function payAtSandbox(
  memory: DevState,
  orderId: string,
  payment: SandboxPayment,
): Promise<void> {
  await memory.put(`sandbox:${orderId}`, JSON.stringify(payment));
}

/** What the sandbox would send: the body, and its signature by the (test) clock. */
export async function sandboxNotification(
  secret: string,
  notice: {
    transactionId: string;
    orderId: string;
    amount: number | string;
    currency: string;
    state: string;
  },
  now: number,
): Promise<{ body: string; signature: string }> {
  const body = JSON.stringify({
    transaction_id: notice.transactionId,
    order_id: notice.orderId,
    amount: typeof notice.amount === 'number' ? formatDecimal(notice.amount) : notice.amount,
    currency: notice.currency,
    state: notice.state,
  });
  const seconds = String(Math.floor(now / 1000));
  return { body, signature: `t=${seconds},v1=${await digestOf(secret, seconds, body)}` };
}

async function digestOf(secret: string, seconds: string, body: string): Promise<string> {
  return toHex(await hmac(secret, `${seconds}.${body}`));
}

function parse(body: string): z.infer<typeof Notification> {
  try {
    return Notification.parse(JSON.parse(body));
  } catch (error) {
    throw new AppError('invalid_input', {
      faults: [{ path: 'body', message: 'is not a sandbox notification' }],
      cause: error,
    });
  }
}
