import { env } from 'cloudflare:test';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { MeteredD1 } from '../../src/dev/metered-d1.ts';
import worker from '../../src/dev/worker.ts';
import { Client, newEmail } from '../support/client.ts';
import { newClientKey } from '../support/desk.ts';
import { doorWith } from '../support/doors.ts';

const hashed = vi.hoisted(() => ({ times: 0 }));
vi.mock('#security/password', async (original) => {
  const real = await original<typeof import('../../src/security/password.ts')>();
  const counted = <T extends unknown[], R>(f: (...all: T) => R) => {
    return (...all: T) => {
      hashed.times += 1;
      return f(...all);
    };
  };
  return { ...real, hashPassword: counted(real.hashPassword), verifyPassword: counted(real.verifyPassword) };
});

const bindings = env as unknown as { DB_DEFAULT: D1Database };
const metered = new MeteredD1(bindings.DB_DEFAULT);

/** What an operation asks of D1 (a batch is one call) and of the processor (derivations of a password). */
describe('cost', () => {
  const client = new Client({ door: doorWith({ DB_DEFAULT: metered.binding }, worker) });
  let token = '';
  let key = '';
  const office = { 'X-Site': 'default', 'X-System-Code': 'AUTH_MANAGEMENT' };
  const inOffice = { key: '', token: '' };

  beforeAll(async () => {
    const user = await client.newUser();
    token = user.token;
    key = (await client.newApiKey(token)).key;
    inOffice.token = await client.admin();
    inOffice.key = (await newClientKey(client, inOffice.token)).key;
    await client.post('/api/v1/quota/consume', { tokens: 1, request_id: 'warm' }, { token: key });
  });

  const calls = async (operation: () => Promise<{ status: number }>) => {
    const { calls: made, result } = await metered.during(operation);
    return { status: result.status, calls: made };
  };

  it.each([
    ['me', 2, () => client.get('/api/v1/users/me', { token })],
    ['the list of keys', 2, () => client.get('/api/v1/users/me/apikeys', { token })],
    ['the list of plans', 1, () => client.get('/api/v1/membership/plans')],
    ['the membership', 4, () => client.get('/api/v1/membership/me', { token })],
    ['the history', 2, () => client.get('/api/v1/membership/history', { token })],
    ['the orders', 2, () => client.get('/api/v1/orders', { token })],
    [
      'a consume with a warm key',
      0,
      () =>
        client.post('/api/v1/quota/consume', { tokens: 1, request_id: crypto.randomUUID() }, { token: key }),
    ],
    ['the quota by a warm key', 0, () => client.get('/api/v1/quota', { token: key })],
    [
      'a key with a wrong checksum',
      0,
      () => client.get('/api/v1/quota', { token: `sk-prod-${'0'.repeat(32)}` }),
    ],
    [
      'a list of packages by a client',
      2,
      () => client.get('/api/members', { headers: { ...office, 'X-Client': inOffice.key } }),
    ],
    [
      'a list of packages by a user',
      3,
      () => client.get('/api/members', { headers: office, token: inOffice.token }),
    ],
    [
      'a client key with a wrong checksum',
      0,
      () => client.get('/api/members', { headers: { ...office, 'X-Client': `ck-${'0'.repeat(32)}` } }),
    ],
    ['a captcha challenge', 0, () => client.get('/api/v1/auth/captcha')],
    ['a public key that KV has', 0, () => client.get('/api/v1/auth/public-key')],
  ])('%s is at most %i calls of D1', async (_, most, operation) => {
    expect((await calls(operation)).calls).toBeLessThanOrEqual(most);
  });

  it('a login is at most 3, with the RSA key warm', async () => {
    const { email } = await client.newUser();
    const body = { account: email, ...(await client.encrypt('Aa123456!')) };
    expect(await calls(() => client.post('/api/v1/auth/login', body))).toEqual({ status: 200, calls: 3 });
  });

  /** What a request costs; what is measured is the work, since clocks lie. */
  async function work(operation: () => Promise<{ status: number }>) {
    const before = hashed.times;
    const { status, calls: made } = await calls(operation);
    return { status, calls: made, derivations: hashed.times - before };
  }

  it('a login with a wrong password costs the same whether there is an account or not', async () => {
    const { email } = await client.newUser();
    const fail = async (account: string) => {
      const body = { account, ...(await client.encrypt('Wrong12345')) };
      return work(() =>
        client.post('/api/v1/auth/login', body, { headers: { 'CF-Connecting-IP': '192.0.2.1' } }),
      );
    };
    const known = await fail(email);
    expect(known).toMatchObject({ status: 401, derivations: 1 });
    expect(await fail(newEmail())).toEqual(known);
    expect(await fail('13900000000')).toEqual(known);
  });

  it('so does asking for a code, and trying one', async () => {
    const { email } = await client.newUser();
    const from = (address: string) => ({ headers: { 'CF-Connecting-IP': address } });
    const ask = (address: string, to: string, purpose: string) =>
      work(() => client.post('/api/v1/users/me/verify/email', { email: to, purpose }, from(address)));
    const stranger = newEmail();
    const known = await ask('192.0.2.2', email, 'reset_password');
    expect(known.status).toBe(200);
    const unknown = await ask('192.0.2.3', stranger, 'reset_password');
    expect({ ...unknown, calls: 0 }).toEqual({ ...known, calls: 0 });

    const reset = async (to: string) => {
      const { key_id, password } = await client.encrypt('Bb654321!');
      const body = { email: to, code: '000000', key_id, new_password: password };
      return work(() => client.post('/api/v1/auth/password/reset', body));
    };
    const tried = await reset(email);
    expect(tried).toMatchObject({ status: 400, derivations: 0 });
    expect(await reset(stranger)).toEqual(tried);
  });
});
