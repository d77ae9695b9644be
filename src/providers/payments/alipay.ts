import { z } from 'zod';
import { AppError, invalid } from '#kernel/errors';
import { formatDecimal, isDecimal, parseDecimal } from '#kernel/money';
import type { PaymentNotice, PaymentProvider, PaymentRequest, StartedAttempt } from '#kernel/ports';
import type { AlipayAccount } from './accounts.ts';
import { callGateway, chinaTime, signedParameters, verifiedFields } from './alipay-wire.ts';
import {
  answered,
  closeTrade,
  cut,
  notifyUrl,
  type Outside,
  orderOfTrade,
  REFUNDED_BEFORE,
  tradeNumber,
  unlessCode,
} from './outside.ts';

/** How somebody pays, and what Alipay calls that. */
const METHODS = {
  page: { operation: 'alipay.trade.page.pay', product: 'FAST_INSTANT_TRADE_PAY' },
  wap: { operation: 'alipay.trade.wap.pay', product: 'QUICK_WAP_WAY' },
  app: { operation: 'alipay.trade.app.pay', product: 'QUICK_MSECURITY_PAY' },
};

/** Alipay's limit of a subject, in characters. */
const LONGEST_TITLE = 256;

/** A notification's fields, all text (opendocs.alipay.com/open/270/105902). */
const Notification = z.object({
  app_id: z.string(),
  seller_id: z.string(),
  out_trade_no: z.string(),
  trade_no: z.string().min(1).max(64),
  trade_status: z.string(),
  total_amount: z.string(),
  /** All that went back until now. */
  refund_fee: z.string().optional(),
});

const Trade = z.object({
  trade_no: z.string().min(1).max(64),
  out_trade_no: z.string(),
  trade_status: z.string(),
  total_amount: z.string(),
  send_pay_date: z.string().optional(),
});

/** Alipay, with keys (not certificates), RSA2. It takes yuan only. */
export function alipayProvider(account: AlipayAccount, outside: Outside): PaymentProvider {
  const tell = (operation: string, content: Record<string, unknown>) =>
    callGateway(account, outside, operation, content);

  async function tradeOf(attempt: StartedAttempt): Promise<z.output<typeof Trade> | null> {
    const answer = await tell('alipay.trade.query', { out_trade_no: tradeNumber(attempt) }).catch(
      unlessCode('ACQ.TRADE_NOT_EXIST'),
    );
    return answer === null ? null : answered('alipay', Trade, answer);
  }

  return {
    name: 'alipay',

    async start(request) {
      const name = request.method ?? 'page';
      if (!Object.hasOwn(METHODS, name)) {
        throw invalid('method', `must be one of: ${Object.keys(METHODS).join(', ')}`);
      }
      const { operation, product } = METHODS[name as keyof typeof METHODS];
      const { publicUrl, site, returnUrl } = request;
      const parameters = await signedParameters(
        account,
        operation,
        contentOf(request, product),
        {
          notify_url: notifyUrl('alipay', { publicUrl, site }),
          ...(returnUrl && name !== 'app' ? { return_url: returnUrl } : {}),
        },
        outside.clock.now(),
      );
      const signed = new URLSearchParams(parameters).toString();
      // The app's own library takes the signed text; a browser is sent to Alipay with it.
      return name === 'app' ? { order_string: signed } : { url: `${account.gateway}?${signed}` };
    },

    async verify(_headers, body) {
      const fields = await verifiedFields(account.publicKey, body);
      if (!fields) throw new AppError('signature_invalid');
      const parsed = Notification.safeParse(fields);
      if (!parsed.success) {
        const faults = [{ path: 'body', message: 'is not a notification of Alipay' }];
        throw new AppError('invalid_input', { faults, cause: parsed.error });
      }
      return noticeOf(account, parsed.data);
    },

    // Anything but these seven letters is sent again for a day.
    acknowledge: () => ({ status: 200, contentType: 'text/plain; charset=utf-8', body: 'success' }),

    async query(attempt) {
      const trade = await tradeOf(attempt);
      return trade && paidOf(trade);
    },

    async cancel(attempt) {
      // A trade begins when its payer signs in or confirms; before that its address ends with the order.
      return closeTrade(
        () => tell('alipay.trade.close', { out_trade_no: tradeNumber(attempt) }),
        () => tradeOf(attempt),
        ({ trade_status }) => trade_status === 'TRADE_CLOSED',
      );
    },

    async refund({ refundId, transactionId, amount, reason }) {
      const refund = { trade_no: transactionId, out_request_no: refundId };
      const answer = await tell('alipay.trade.refund', {
        ...refund,
        refund_amount: formatDecimal(amount),
        refund_reason: cut(reason, 256),
      });
      const { fund_change } = answered('alipay', z.object({ fund_change: z.string().optional() }), answer);
      if (fund_change === 'Y') return 'done';
      // No money moved by this call: it had by an earlier one, or is on its way.
      const asked = await tell('alipay.trade.fastpay.refund.query', refund);
      const { refund_status } = answered('alipay', z.object({ refund_status: z.string().optional() }), asked);
      return refund_status === 'REFUND_SUCCESS' ? 'done' : 'pending';
    },
  };
}

function contentOf({ order, attemptId }: PaymentRequest, product: string) {
  return {
    out_trade_no: tradeNumber({ orderId: order.id, id: attemptId }),
    product_code: product,
    total_amount: formatDecimal(order.amount),
    // Alipay refuses these three in a subject.
    subject: cut(order.title.replaceAll(/[/=&]/g, ' '), LONGEST_TITLE),
    time_expire: chinaTime(order.expiresAt),
  };
}

/**
 * What a notification says about money. A refund is told with the status of the payment: `refund_fee` tells them apart,
 * which may be there for a payment too, as 0.00.
 */
function noticeOf(account: AlipayAccount, told: z.output<typeof Notification>): PaymentNotice | null {
  const { trade_status, refund_fee, total_amount } = told;
  const mismatch = foreignOf(account, told);
  const notice = {
    provider: 'alipay',
    transactionId: told.trade_no,
    ...orderOfTrade(told.out_trade_no),
    currency: 'CNY',
    ...(mismatch === null ? {} : { mismatch }),
  };
  const refunded = refund_fee === undefined || refund_fee === '' ? 0 : amountOf(refund_fee);
  if (refunded !== 0) return { ...notice, amount: refunded, state: 'refunded', refundId: null };
  // Closed without a refund: nobody paid in time, and the order may be paid otherwise.
  if (!isPaid(trade_status)) return null;
  const amount = amountOf(total_amount);
  const unreadable =
    amount === null ? { mismatch: `the amount ${total_amount.slice(0, 32)} cannot be read` } : {};
  return { ...unreadable, ...notice, amount, state: 'paid' };
}

/** Money that arrived, as a query tells it; null where none did. */
function paidOf(trade: z.output<typeof Trade>): PaymentNotice | null {
  const returned = trade.trade_status === 'TRADE_CLOSED' && trade.send_pay_date !== undefined;
  if (!isPaid(trade.trade_status) && !returned) return null;
  return {
    provider: 'alipay',
    transactionId: trade.trade_no,
    ...orderOfTrade(trade.out_trade_no),
    amount: amountOf(trade.total_amount),
    currency: 'CNY',
    state: 'paid',
    ...(returned ? { mismatch: REFUNDED_BEFORE } : {}),
  };
}

function isPaid(status: string): boolean {
  return status === 'TRADE_SUCCESS' || status === 'TRADE_FINISHED';
}

function amountOf(text: string): number | null {
  return isDecimal(text) ? parseDecimal(text) : null;
}

function foreignOf(
  { appId, sellerId }: AlipayAccount,
  told: { app_id: string; seller_id: string },
): string | null {
  if (told.seller_id !== sellerId) return 'another merchant';
  return told.app_id === appId ? null : 'another app';
}
