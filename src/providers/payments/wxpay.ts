import { z } from 'zod';
import { toIso } from '#kernel/clock';
import { AppError, invalid } from '#kernel/errors';
import type { PaymentNotice, PaymentProvider, PaymentRequest, StartedAttempt } from '#kernel/ports';
import { toHex } from '#security/bytes';
import { signRsa } from '#security/rsa-signature';
import type { WxpayAccount } from './accounts.ts';
import {
  answered,
  closeTrade,
  cut,
  cutBytes,
  notifyUrl,
  type Outside,
  orderOfTrade,
  ProviderError,
  REFUNDED_BEFORE,
  tradeNumber,
  unlessCode,
} from './outside.ts';
import { Sealed, unseal, WxpayWire } from './wxpay-wire.ts';

const METHODS = ['native', 'jsapi', 'h5'] as const;

/** WeChat's limit of a description, in characters. */
const LONGEST_TITLE = 127;
/** … and of a refund’s reason, in bytes. */
const LONGEST_REASON = 80;

const Envelope = z.object({ event_type: z.string(), resource: Sealed });

/** A transaction, as notifications and queries tell it (pay.weixin.qq.com/doc/v3/merchant/4012791861). */
const Transaction = z.object({
  appid: z.string(),
  mchid: z.string(),
  out_trade_no: z.string(),
  transaction_id: z.string().min(1).max(64).optional(),
  trade_state: z.string(),
  amount: z.object({ total: z.number().int(), currency: z.string().default('CNY') }).optional(),
});

/** A refund, as its notification tells it. */
const Refund = z.object({
  mchid: z.string(),
  out_trade_no: z.string(),
  transaction_id: z.string().min(1).max(64),
  out_refund_no: z.string().min(1).max(64),
  refund_status: z.string(),
  amount: z.object({ refund: z.number().int() }),
});

/** WeChat Pay, API v3. */
export function wxpayProvider(account: WxpayAccount, outside: Outside): PaymentProvider {
  const wire = new WxpayWire(account, outside);
  const { merchantId: mchid } = account;

  async function tradeOf(attempt: StartedAttempt): Promise<z.output<typeof Transaction> | null> {
    const path = `/v3/pay/transactions/out-trade-no/${tradeNumber(attempt)}?mchid=${mchid}`;
    const answer = await wire.send('GET', path).catch(unlessCode('ORDER_NOT_EXIST', 'ORDERNOTEXIST'));
    return answer === null ? null : answered('wxpay', Transaction, answer);
  }

  return {
    name: 'wxpay',

    async start(request) {
      const method = METHODS.find((one) => one === (request.method ?? 'native'));
      if (!method) throw invalid('method', `must be one of: ${METHODS.join(', ')}`);
      if (method === 'jsapi' && !request.openid) throw invalid('openid', 'is required for jsapi');
      const body = bodyOf(account, request, method);
      const answer = await wire.send('POST', `/v3/pay/transactions/${method}`, body);
      return parametersOf(method, answer, request);
    },

    async verify(headers, bytes, now) {
      if (!(await wire.isSigned(headers, bytes, now).catch(unknown))) throw new AppError('signature_invalid');
      const envelope = read(Envelope, bytes);
      const plain = await unseal(account.apiV3Key, envelope.resource);
      if (plain === null) throw new AppError('signature_invalid');
      if (envelope.event_type === 'TRANSACTION.SUCCESS') return paidOf(account, read(Transaction, plain));
      return envelope.event_type === 'REFUND.SUCCESS' ? refundedOf(account, read(Refund, plain)) : null;
    },

    acknowledge: () => ({
      status: 200,
      contentType: 'application/json',
      body: '{"code":"SUCCESS","message":"成功"}',
    }),

    async query(attempt) {
      const trade = await tradeOf(attempt);
      return trade && paidOf(account, trade);
    },

    async cancel(attempt) {
      const path = `/v3/pay/transactions/out-trade-no/${tradeNumber(attempt)}/close`;
      return closeTrade(
        () => wire.send('POST', path, { mchid }),
        () => tradeOf(attempt),
        ({ trade_state }) => trade_state === 'CLOSED',
      );
    },

    async refund({ refundId, transactionId, amount, paid, currency, reason, publicUrl, site }) {
      const answer = await wire.send('POST', '/v3/refund/domestic/refunds', {
        transaction_id: transactionId,
        out_refund_no: refundId,
        reason: cutBytes(reason, LONGEST_REASON),
        notify_url: notifyUrl('wxpay', { publicUrl, site }),
        amount: { refund: amount, total: paid, currency },
      });
      const { status } = answered('wxpay', z.object({ status: z.string() }), answer);
      if (status === 'SUCCESS') return 'done';
      // ABNORMAL and CLOSED need a person at WeChat's merchant platform; until then it is asked again.
      if (status !== 'PROCESSING') throw new ProviderError('wxpay', 200, `REFUND_${status}`);
      return 'pending';
    },
  };

  /** The signed fields that WeChat's own front end takes, or where to pay. */
  async function parametersOf(
    method: (typeof METHODS)[number],
    answer: unknown,
    { returnUrl }: PaymentRequest,
  ): Promise<Record<string, unknown>> {
    if (method === 'native') return answered('wxpay', z.object({ code_url: z.string() }), answer);
    if (method === 'h5') {
      const { h5_url } = answered('wxpay', z.object({ h5_url: z.url() }), answer);
      const url = new URL(h5_url);
      if (returnUrl) url.searchParams.set('redirect_url', returnUrl);
      return { h5_url: url.href };
    }
    const { prepay_id } = answered('wxpay', z.object({ prepay_id: z.string() }), answer);
    return jsapiFields(account, prepay_id, outside.clock.now());
  }
}

/** What `WeixinJSBridge` and `wx.requestPayment` take: signed over app, time, nonce and package, a line each. */
export async function jsapiFields(
  { appId, privateKey }: Pick<WxpayAccount, 'appId' | 'privateKey'>,
  prepayId: string,
  now: number,
) {
  const timeStamp = String(Math.floor(now / 1000));
  const nonceStr = toHex(crypto.getRandomValues(new Uint8Array(16)));
  const pack = `prepay_id=${prepayId}`;
  const paySign = await signRsa(privateKey, `${appId}\n${timeStamp}\n${nonceStr}\n${pack}\n`);
  return { appId, timeStamp, nonceStr, package: pack, signType: 'RSA', paySign };
}

function bodyOf(
  { appId, merchantId }: WxpayAccount,
  { order, attemptId, openid, address, publicUrl, site }: PaymentRequest,
  method: (typeof METHODS)[number],
) {
  return {
    appid: appId,
    mchid: merchantId,
    description: cut(order.title, LONGEST_TITLE),
    out_trade_no: tradeNumber({ orderId: order.id, id: attemptId }),
    time_expire: toIso(order.expiresAt).replace('Z', '+00:00'),
    attach: order.id,
    notify_url: notifyUrl('wxpay', { publicUrl, site }),
    amount: { total: order.amount, currency: order.currency },
    ...(method === 'jsapi' ? { payer: { openid } } : {}),
    ...(method === 'h5'
      ? { scene_info: { payer_client_ip: address ?? '127.0.0.1', h5_info: { type: 'Wap' } } }
      : {}),
  };
}

/** Money that arrived; null where none did. */
function paidOf(account: WxpayAccount, trade: z.output<typeof Transaction>): PaymentNotice | null {
  const { transaction_id, trade_state, out_trade_no, amount } = trade;
  if (!transaction_id || !amount || !['SUCCESS', 'REFUND'].includes(trade_state)) return null;
  const foreign = foreignOf(account, trade);
  const mismatch = foreign ?? (trade_state === 'REFUND' ? REFUNDED_BEFORE : null);
  return {
    provider: 'wxpay',
    transactionId: transaction_id,
    ...orderOfTrade(out_trade_no),
    amount: amount.total,
    currency: amount.currency,
    state: 'paid',
    ...(mismatch === null ? {} : { mismatch }),
  };
}

function refundedOf(account: WxpayAccount, refund: z.output<typeof Refund>): PaymentNotice | null {
  if (refund.refund_status !== 'SUCCESS') return null;
  const mismatch = foreignOf(account, { ...refund, appid: account.appId });
  return {
    provider: 'wxpay',
    transactionId: refund.transaction_id,
    ...orderOfTrade(refund.out_trade_no),
    amount: refund.amount.refund,
    currency: 'CNY',
    state: 'refunded',
    refundId: refund.out_refund_no,
    ...(mismatch === null ? {} : { mismatch }),
  };
}

function foreignOf(
  { appId, merchantId }: WxpayAccount,
  told: { appid: string; mchid: string },
): string | null {
  if (told.mchid !== merchantId) return 'another merchant';
  return told.appid === appId ? null : 'another app';
}

/** Certificates that could not be looked up: the signature is not known to hold, and WeChat sends it again. */
function unknown(): false {
  return false;
}

/** Of a notification that WeChat signed, or of what it sealed. */
function read<S extends z.ZodType>(schema: S, text: Uint8Array<ArrayBuffer> | string): z.output<S> {
  try {
    return schema.parse(JSON.parse(typeof text === 'string' ? text : new TextDecoder().decode(text)));
  } catch (cause) {
    const faults = [{ path: 'body', message: 'is not a notification of WeChat Pay' }];
    throw new AppError('invalid_input', { faults, cause });
  }
}
