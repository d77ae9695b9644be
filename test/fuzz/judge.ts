import type { Answer, Wire } from './client.ts';
import type { Operation } from './operations.ts';

/** What a refused request may leave behind: that it was tried, and what can be used once only. */
const TRACES = new Set([
  'insert throttles',
  'update throttles',
  'delete throttles',
  // What is known of a key, for the next request.
  'put KV',
  'insert captcha_spends',
  'delete captcha_spends',
  'insert spent_ciphertexts',
  'delete spent_ciphertexts',
  'insert idempotency_records',
  'update idempotency_records',
  'delete idempotency_records',
  // When they were used last.
  'update sessions',
  'update storefront_tokens',
]);

/** Operations that take more than their schemas say, as their descriptions tell. */
const LENIENT = new Set([
  // Whatever a tier does not have is dropped.
  'updateTierMember',
  // An empty text is an empty list.
  'adminCreateStorefrontLevel',
  'adminUpdateStorefrontLevel',
]);

/** What is wrong with an answer, in words. Nothing is, where the list is empty. */
export function faultsOf(operation: Operation, sent: Wire, answer: Answer): string[] {
  const faults: string[] = [];
  const { status, headers, body } = answer;
  if (status >= 500) faults.push('a fault of ours');
  const documented = operation.answers[status];
  if (!documented) return [...faults, `status ${status} is not in the document`];
  if (!/^req_/.test(headers['x-request-id'] ?? '')) faults.push('no X-Request-Id');
  if (
    (status === 429 || status === 503) &&
    documented.headers.includes('Retry-After') &&
    !headers['retry-after']
  )
    faults.push('no Retry-After');
  const type = (headers['content-type'] ?? '').split(';')[0] ?? '';
  const check = documented.bodies[type];
  if (Object.keys(documented.bodies).length === 0) {
    if (answer.text !== '') faults.push('a body that the document does not have');
  } else {
    const wrong = check?.(body) ?? null;
    if (wrong === null) faults.push(`content type ${type} is not in the document`);
    else if (wrong.length > 0) faults.push(`its body is not as documented: ${JSON.stringify(wrong)}`);
  }
  const name = errorOf(body);
  const { errors } = (body ?? {}) as { errors?: unknown[] };
  if (name === 'invalid_input' && !errors?.length) faults.push('it does not say which field');
  if (isRefusal(answer)) {
    if (documented.errors.length > 0 && !documented.errors.includes(name))
      faults.push(`${status} ${name} is not in the document`);
    const wrote = (headers['x-wrote'] ?? '').split(', ').filter((what) => what !== '' && !TRACES.has(what));
    if (wrote.length > 0) faults.push(`it was refused, and wrote ${wrote}`);
  } else if (sent.isBroken && !LENIENT.has(operation.id)) faults.push('what is no valid request was taken');
  return faults;
}

function errorOf(body: unknown): string {
  const { error, code } = (body ?? {}) as { error?: string; code?: unknown };
  return String(error ?? code ?? '');
}

/** The storefront tells by the code in its body. */
export function isRefusal({ status, body }: Answer): boolean {
  const { code } = (body ?? {}) as { code?: unknown };
  return status >= 400 || (typeof code === 'number' && code < 0);
}

/** Refused for who asks; the storefront says so by its code. */
export function isOfTheDoor({ status, body }: Answer): boolean {
  return status === 401 || status === 403 || (body as { code?: unknown } | null)?.code === -400;
}
