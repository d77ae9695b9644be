import { AppError } from '#kernel/errors';
import type { Log } from '#kernel/ports';
import type { OwnerAddress, QuotaPort } from '#kernel/quota';
import type { QuotaObjectBase } from './object.ts';

/** The stub's methods, without the RPC wrapping of their types: all that crosses is plain data. */
type QuotaObjectMethods = Pick<
  QuotaObjectBase,
  'reserve' | 'settle' | 'release' | 'read' | 'memberUsage' | 'deliverUsage' | 'apply'
>;

/** What the runtime says of a call that failed; `remote` where it came from the object, whose own code may have thrown. */
interface Failure {
  overloaded?: boolean;
  retryable?: boolean;
  remote?: boolean;
}

/** Talks to the quota objects: one call for one operation. */
export function quotaClient(namespace: DurableObjectNamespace<QuotaObjectBase>, log: Log): QuotaPort {
  /**
   * Only errors marked `retryable` are tried again, once and on a fresh stub: ids make each operation
   * idempotent. An overloaded object admitted nothing, and more calls would not help it. Whether a call that was lost came
   * through nobody knows; whoever asks again under the same `request_id` or reservation is told.
   */
  async function call<T>(
    at: OwnerAddress,
    operation: (stub: QuotaObjectMethods, again: boolean) => Promise<T>,
  ): Promise<T> {
    const attempt = (again: boolean) => {
      const stub = namespace.get(namespace.idFromName(`${at.site}:${at.owner}`));
      return operation(stub as unknown as QuotaObjectMethods, again);
    };
    try {
      return await attempt(false).catch((error: Failure) => {
        if (error.overloaded || !error.retryable) throw error;
        return attempt(true);
      });
    } catch (error) {
      const { overloaded, retryable, remote } = error as Failure;
      // What its own code throws is neither of these: that is a fault of ours.
      if (remote && !overloaded && !retryable) throw error;
      log.error('quota.call_failed', error, { owner: at.owner });
      const code = overloaded ? 'quota_overloaded' : 'service_unavailable';
      throw new AppError(code, { retryAfter: 1, cause: error });
    }
  }

  return {
    reserve: (at, request) =>
      // An id that nobody named is new, unless the first attempt came through: then it is that hold.
      call(at, (stub, again) => stub.reserve(at, again ? { ...request, named: true } : request)),
    settle: (at, request) => call(at, (stub) => stub.settle(at, request)),
    release: (at, request) => call(at, (stub) => stub.release(at, request)),
    read: (at, reader) => call(at, (stub) => stub.read(at, reader)),
    memberUsage: (at) => call(at, (stub) => stub.memberUsage(at)),
    deliverUsage: (at) => call(at, (stub) => stub.deliverUsage(at)),
    apply: (at, snapshot) => call(at, (stub) => stub.apply(at, snapshot)),
  };
}
