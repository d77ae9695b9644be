import { env } from 'cloudflare:test';
import type { DocumentedOperation } from './contract-index.ts';

const { CONTRACT } = env as unknown as { CONTRACT: string };
/** Every operation of the document. */
export const documented = JSON.parse(CONTRACT) as DocumentedOperation[];
const operations = documented.map((one) => ({ ...one, path: new RegExp(one.path) }));

/** Throws where an answer is none that the document has for its operation: another status, or another error. */
export function assertDocumented(
  method: string,
  path: string,
  { status, body }: { status: number; body: unknown },
): void {
  const pathname = new URL(path, 'http://localhost').pathname;
  const operation = operations.find((one) => one.method === method && one.path.test(pathname));
  if (!operation) return;
  const names = operation.answers[status];
  const { error, code } = (body ?? {}) as { error?: unknown; code?: unknown };
  const name = error ?? (typeof code === 'string' ? code : undefined);
  const known =
    names && (status < 300 || name === undefined || names.length === 0 || names.includes(String(name)));
  if (!known) throw new Error(`${method} ${operation.path.source} may not answer ${status} ${name ?? ''}`);
}
