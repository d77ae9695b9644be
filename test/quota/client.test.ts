import { describe, expect, it } from 'vitest';
import { hasCode } from '#kernel/errors';
import { quotaClient } from '#quota/client';
import { spenderOf } from '../support/quota-fixtures.ts';

const AT = { site: 'default', owner: 'u_1' };
const REQUEST = {
  reservationId: 'r',
  named: false,
  tokens: 1,
  model: null,
  ttlSeconds: 600,
  settle: false,
  spender: spenderOf('k0'),
};

/** A client of an object whose calls fail like this, one after the other, and then go well; and what it was asked. */
function clientOf(...failures: object[]) {
  const asked: unknown[] = [];
  const logged: string[] = [];
  const reserve = async (_: unknown, request: unknown) => {
    asked.push(request);
    const failure = failures.shift();
    if (failure) throw Object.assign(new Error('it failed'), failure);
    return 'admitted';
  };
  const namespace = { idFromName: (name: string) => name, get: () => ({ reserve }) };
  const log = { info: () => {}, error: (event: string) => void logged.push(event) };
  const client = quotaClient(namespace as never, log as never);
  return { reserve: () => client.reserve(AT, REQUEST).catch((error: unknown) => error), asked, logged };
}

describe('a call of a quota object', () => {
  it('that failed is tried once more where it may be, as one that may have been carried out', async () => {
    const { reserve, asked } = clientOf({ retryable: true });
    expect(await reserve()).toBe('admitted');
    expect(asked).toEqual([REQUEST, { ...REQUEST, named: true }]);
  });

  it('is not tried a third time', async () => {
    const { reserve, asked, logged } = clientOf({ retryable: true }, { retryable: true, remote: true });
    expect(hasCode(await reserve(), 'service_unavailable')).toBe(true);
    expect(asked).toHaveLength(2);
    expect(logged).toEqual(['quota.call_failed']);
  });

  it('that was lost is not tried again, and is no fault of ours', async () => {
    const { reserve, asked } = clientOf({});
    expect(hasCode(await reserve(), 'service_unavailable')).toBe(true);
    expect(asked).toHaveLength(1);
  });

  it('of one that has too much to do is not tried again', async () => {
    for (const remote of [false, true]) {
      const { reserve, asked } = clientOf({ overloaded: true, retryable: true, remote });
      expect(hasCode(await reserve(), 'quota_overloaded')).toBe(true);
      expect(asked).toHaveLength(1);
    }
  });

  it('that its own code threw is a fault of ours', async () => {
    const { reserve } = clientOf({ remote: true });
    expect(await reserve()).toMatchObject({ message: 'it failed' });
  });
});
