import { z } from 'zod';
import { HOUR } from '#kernel/clock';
import { utf8 } from '#security/bytes';
import { signRsa, verifyRsa } from '#security/rsa-signature';
import type { AlipayAccount } from './accounts.ts';
import { call, type Outside, ProviderError } from './outside.ts';

/** Alipay's gateway on the wire: signed parameters, signed answers (opendocs.alipay.com, RSA2). */

/** Alipay's clock is China's. */
const CHINA = 8 * HOUR;

/** `2026-11-20 10:00:00` in China. */
export function chinaTime(at: number): string {
  return new Date(at + CHINA).toISOString().slice(0, 19).replace('T', ' ');
}

/** What is signed: `name=value` sorted by name, joined by `&`, neither encoded nor with what is empty. */
export function signedText(parameters: Record<string, string>): string {
  return Object.entries(parameters)
    .filter(([, value]) => value !== '')
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

/** A request's parameters with their signature. `more` are such as `notify_url`. */
export async function signedParameters(
  { appId, privateKey }: Pick<AlipayAccount, 'appId' | 'privateKey'>,
  method: string,
  content: Record<string, unknown>,
  more: Record<string, string>,
  now: number,
): Promise<Record<string, string>> {
  const parameters = {
    app_id: appId,
    method,
    format: 'JSON',
    charset: 'utf-8',
    sign_type: 'RSA2',
    timestamp: chinaTime(now),
    version: '1.0',
    ...more,
    biz_content: JSON.stringify(content),
  };
  return { ...parameters, sign: await signRsa(privateKey, signedText(parameters)) };
}

/**
 * A notification's fields, once Alipay's signature of them holds; null where it does not. RSA2 is pinned, and a field
 * that comes twice is refused: which of the two was signed would be a guess.
 */
export async function verifiedFields(
  publicKey: Uint8Array<ArrayBuffer>,
  body: Uint8Array<ArrayBuffer>,
): Promise<Record<string, string> | null> {
  const form = new URLSearchParams(new TextDecoder().decode(body));
  const fields = Object.fromEntries(form);
  if (Object.keys(fields).length !== form.size || fields.sign_type !== 'RSA2') return null;
  const { sign = '', sign_type: _, ...signed } = fields;
  const text = Object.entries(signed)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
  return (await verifyRsa(publicKey, sign, utf8(text))) ? fields : null;
}

const Status = z.object({ code: z.string(), sub_code: z.string().optional() });

/**
 * Calls an operation and gives its answer, once its signature holds. Throws a `ProviderError` with Alipay's sub-code on
 * anything but success.
 */
export async function callGateway(
  account: AlipayAccount,
  outside: Outside,
  method: string,
  content: Record<string, unknown>,
  again = true,
): Promise<unknown> {
  const { biz_content, ...query } = await signedParameters(account, method, content, {}, outside.clock.now());
  const answer = await call(
    outside,
    'alipay',
    `${account.gateway}?${new URLSearchParams(query)}`,
    {
      method: 'POST',
      headers: { 'Content-Type': 'application/x-www-form-urlencoded;charset=utf-8' },
      body: new URLSearchParams({ biz_content: biz_content ?? '' }).toString(),
    },
    again,
  );
  const text = new TextDecoder().decode(answer.body);
  const node = nodeOf(text, `${method.replaceAll('.', '_')}_response`) ?? nodeOf(text, 'error_response');
  const status = Status.safeParse(node === null ? null : JSON.parse(node));
  if (answer.status !== 200 || node === null || !status.success) {
    throw new ProviderError('alipay', answer.status, 'UNREADABLE');
  }
  const { code, sub_code } = status.data;
  // Refusals of the gateway itself are not signed: they are not believed to be anything but failures.
  const sign = z.object({ sign: z.string() }).safeParse(JSON.parse(text));
  const signed = sign.success && (await verifyRsa(account.publicKey, sign.data.sign, utf8(node)));
  if (!signed) throw new ProviderError('alipay', answer.status, `ANSWER_NOT_SIGNED ${sub_code ?? code}`);
  if (code !== '10000') throw new ProviderError('alipay', answer.status, sub_code ?? code);
  return JSON.parse(node);
}

/** The text of one member of a JSON object, byte by byte as it was signed; null where the text is no such object. */
export function nodeOf(text: string, name: string): string | null {
  try {
    const whole: unknown = JSON.parse(text);
    if (typeof whole !== 'object' || whole === null || !Object.hasOwn(whole, name)) return null;
  } catch {
    return null;
  }
  let [depth, inString, start] = [0, false, -1];
  let member = '';
  for (let index = 0; index < text.length; index += 1) {
    const sign = text[index];
    if (inString) {
      if (sign === '\\') index += 1;
      else if (sign === '"') inString = false;
      continue;
    }
    if (sign === '"') {
      // Well-formed JSON: at depth one a string is a member's name, or its value.
      if (depth === 1 && start < 0)
        member = JSON.parse(text.slice(index, endOfString(text, index))) as string;
      inString = true;
    } else if (sign === ':' && depth === 1 && member === name && start < 0) start = index + 1;
    else if (sign === '{' || sign === '[') depth += 1;
    else if (sign === '}' || sign === ']' || (sign === ',' && depth === 1)) {
      if (start >= 0 && depth === 1) return text.slice(start, index).trim();
      if (sign !== ',') depth -= 1;
    }
  }
  return null;
}

function endOfString(text: string, start: number): number {
  let index = start + 1;
  while (text[index] !== '"') index += text[index] === '\\' ? 2 : 1;
  return index + 1;
}
