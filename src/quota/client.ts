import { AppError } from '#kernel/errors';
import type { OwnerAddress, QuotaPort } from '#kernel/quota';
import type { QuotaObjectBase } from './object.ts';

/** The stub's methods, without the RPC wrapping of their types: all that crosses is plain data. */
type QuotaObjectMethods = Pick<
  QuotaObjectBase,
  'reserve' | 'settle' | 'release' | 'read' | 'memberUsage' | 'deliverUsage' | 'apply'
>;

/** Talks to the quota objects: one call for one operation. */
export function quotaClient(namespace: DurableObjectNamespace<QuotaObjectBase>): QuotaPort {
  /**
   * Only errors marked `retryable` are tried again, once and on a fresh stub: ids make each operation
   * idempotent. An overloaded object admitted nothing, and more calls would not help it.
   */
  async function call<T>(at: OwnerAddress, operation: (stub: QuotaObjectMethods) => Promise<T>): Promise<T> {
    const attempt = async () => {
      try {
        const stub = namespace.get(namespace.idFromName(`${at.site}:${at.owner}`));
        return await operation(stub as unknown as QuotaObjectMethods);
      } catch (error) {
        if (!(error as { overloaded?: boolean }).overloaded) throw error;
        throw new AppError('quota_overloaded', { retryAfter: 1, cause: error });
      }
    };
    try {
      return await attempt();
    } catch (error) {
      if (error instanceof AppError || !(error as { retryable?: boolean }).retryable) throw error;
      return attempt();
    }
  }

  return {
    reserve: (at, request) => call(at, (stub) => stub.reserve(at, request)),
    settle: (at, request) => call(at, (stub) => stub.settle(at, request)),
    release: (at, request) => call(at, (stub) => stub.release(at, request)),
    read: (at, reader) => call(at, (stub) => stub.read(at, reader)),
    memberUsage: (at) => call(at, (stub) => stub.memberUsage(at)),
    deliverUsage: (at) => call(at, (stub) => stub.deliverUsage(at)),
    apply: (at, snapshot) => call(at, (stub) => stub.apply(at, snapshot)),
  };
}
