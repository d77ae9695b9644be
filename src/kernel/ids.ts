import { monotonicFactory } from 'ulid';

/** Makes prefixed, sortable ids. */
export interface Ids {
  /** `next('u', now)` → `u_01HX…`: a ULID of that time, in order within one isolate. */
  next(prefix: string, now: number): string;
}

/** Ids from the runtime's random source. */
export function createIds(): Ids {
  const ulid = monotonicFactory();
  return { next: (prefix, now) => `${prefix}_${ulid(now)}` };
}
