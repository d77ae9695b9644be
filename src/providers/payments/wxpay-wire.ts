import { z } from 'zod';
import { MINUTE, SECOND } from '#kernel/clock';
import { toHex, utf8 } from '#security/bytes';
import { readPublicKey, signRsa, verifyRsa } from '#security/rsa-signature';
import type { WxpayAccount } from './accounts.ts';
import { type Answer, call, jsonOf, type Outside, ProviderError } from './outside.ts';

/** WeChat Pay's API v3 on the wire: signed requests, verified answers, sealed resources (pay.weixin.qq.com/doc/v3). */

const SKEW = 5 * MINUTE;
/** A serial that nobody knows is looked up this seldom, so that forgers cannot make us ask. */
const LOOK_AGAIN = MINUTE;

type Bytes = Uint8Array<ArrayBuffer>;

/** What is sealed with the API v3 key: AES-256-GCM, the tag at the end of the ciphertext. */
export const Sealed = z.object({
  algorithm: z.literal('AEAD_AES_256_GCM'),
  ciphertext: z.base64(),
  nonce: z.string().min(1).max(64),
  associated_data: z
    .string()
    .nullish()
    .transform((text) => text ?? ''),
});

const Certificates = z.object({
  data: z.array(z.object({ serial_no: z.string(), encrypt_certificate: Sealed })),
});

/** The `Authorization` of a request: `SHA256-RSA2048` over method, path, time, nonce and body, a line each. */
export async function authorization(
  account: Pick<WxpayAccount, 'merchantId' | 'serial' | 'privateKey'>,
  { method, path, body }: { method: string; path: string; body: string },
  now: number,
  nonce = toHex(crypto.getRandomValues(new Uint8Array(16))),
): Promise<string> {
  const timestamp = Math.floor(now / SECOND);
  const signature = await signRsa(
    account.privateKey,
    `${method}\n${path}\n${timestamp}\n${nonce}\n${body}\n`,
  );
  return (
    `WECHATPAY2-SHA256-RSA2048 mchid="${account.merchantId}",nonce_str="${nonce}",` +
    `signature="${signature}",timestamp="${timestamp}",serial_no="${account.serial}"`
  );
}

/** Opens what was sealed with the API v3 key; null where it was not, or was changed. */
export async function unseal(
  apiV3Key: string,
  { ciphertext, nonce, associated_data }: z.output<typeof Sealed>,
): Promise<string | null> {
  const key = await crypto.subtle.importKey('raw', utf8(apiV3Key), 'AES-GCM', false, ['decrypt']);
  try {
    const plain = await crypto.subtle.decrypt(
      { name: 'AES-GCM', iv: utf8(nonce), additionalData: utf8(associated_data) },
      key,
      Uint8Array.from(Buffer.from(ciphertext, 'base64')),
    );
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(plain);
  } catch {
    return null;
  }
}

/** One merchant's line to WeChat Pay. */
export class WxpayWire {
  private readonly account: WxpayAccount;
  private readonly outside: Outside;
  /** WeChat's keys by serial: the public key that is set, and the platform certificates that were looked up. */
  private readonly keys: Map<string, Bytes>;
  private lookedAt = Number.NEGATIVE_INFINITY;

  constructor(account: WxpayAccount, outside: Outside) {
    this.account = account;
    this.outside = outside;
    this.keys = new Map(account.platformKeys);
  }

  /**
   * Sends a request and gives the answer's JSON, once its signature holds. Throws a `ProviderError` with WeChat's code
   * on anything but success.
   */
  async send(method: 'GET' | 'POST', path: string, body: unknown = null, again = true): Promise<unknown> {
    const answer = await this.exchange(method, path, body === null ? '' : JSON.stringify(body), again);
    if (answer.status >= 300) {
      const fault = z.object({ code: z.string() }).safeParse(jsonOf(answer.body));
      throw new ProviderError('wxpay', answer.status, fault.success ? fault.data.code : 'UNKNOWN');
    }
    if (!(await this.isSigned(answer.headers, answer.body, this.outside.clock.now()))) {
      throw new ProviderError('wxpay', answer.status, 'ANSWER_NOT_SIGNED');
    }
    return answer.body.byteLength === 0 ? null : jsonOf(answer.body);
  }

  /** Whether WeChat signed these bytes within the last five minutes (`now` in milliseconds, ahead or behind). */
  async isSigned(headers: Headers, body: Bytes, now: number): Promise<boolean> {
    const of = (name: string) => headers.get(`Wechatpay-${name}`) ?? '';
    const timestamp = of('Timestamp');
    const fresh = /^\d{1,12}$/.test(timestamp) && Math.abs(now - Number(timestamp) * SECOND) <= SKEW;
    if (!fresh) return false;
    const key = await this.keyOf(of('Serial'));
    if (!key) return false;
    const signed = Buffer.concat([utf8(`${timestamp}\n${of('Nonce')}\n`), body, utf8('\n')]);
    return verifyRsa(key, of('Signature'), Uint8Array.from(signed));
  }

  private async keyOf(serial: string): Promise<Bytes | undefined> {
    const known = this.keys.get(serial);
    // Certificates are of merchants from before the public key; who moves on to that is told by either for a while.
    if (known || !/^[0-9A-F]{8,64}$/i.test(serial)) return known;
    const now = this.outside.clock.now();
    if (Math.abs(now - this.lookedAt) < LOOK_AGAIN) return undefined;
    // Who comes meanwhile looks too: a request cannot wait for what another one fetches.
    await this.lookUp().finally(() => {
      this.lookedAt = now;
    });
    return this.keys.get(serial);
  }

  /** Platform certificates are sealed with the merchant's key, so that only WeChat can have sent them. */
  private async lookUp(): Promise<void> {
    const answer = await this.exchange('GET', '/v3/certificates', '', true);
    const list = Certificates.safeParse(jsonOf(answer.body));
    if (answer.status !== 200 || !list.success) {
      throw new ProviderError('wxpay', answer.status, 'NO_CERTIFICATES');
    }
    for (const { serial_no, encrypt_certificate } of list.data.data) {
      const pem = await unseal(this.account.apiV3Key, encrypt_certificate);
      const key = pem === null ? null : readPublicKey(pem);
      if (key) this.keys.set(serial_no, key);
    }
  }

  private async exchange(method: string, path: string, body: string, again: boolean): Promise<Answer> {
    const { account, outside } = this;
    const [set] = account.platformKeys.keys();
    const headers: Record<string, string> = {
      Accept: 'application/json',
      'User-Agent': 'Sluice',
      Authorization: await authorization(account, { method, path, body }, outside.clock.now()),
      ...(body === '' ? {} : { 'Content-Type': 'application/json' }),
      ...(set === undefined ? {} : { 'Wechatpay-Serial': set }),
    };
    const init = { method, headers, ...(body === '' ? {} : { body }) };
    return call(outside, 'wxpay', account.apiUrl + path, init, again);
  }
}
