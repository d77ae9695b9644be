import createClient, { type Client } from 'openapi-fetch';
import type { paths } from '#api';

/** What a client does that knows the document only: types, paths and fields come from it. */

export interface Place {
  url: string;
  admin: { email: string; password: string };
  /** A password as the documents say to encrypt it, under a key that was handed out. */
  encrypt(publicKey: string, password: string): string;
  /** A solved captcha, from its challenge. */
  solve(challenge: unknown): Promise<string>;
  /** What a person does at the sandbox's cashier, which is no part of the API. */
  pay(orderId: string): Promise<void>;
}

type Sluice = Client<paths>;

/** Registers, buys, pays, meters and administrates; throws where an answer is not what the document promises. */
export async function journey(place: Place): Promise<string[]> {
  const done: string[] = [];
  const api = createClient<paths>({ baseUrl: place.url });
  const email = `client-${Date.now()}@example.com`;
  const password = 'Aa123456!';

  const registered = await api.POST('/api/v1/users/register', {
    body: {
      user_type: 'personal',
      email,
      captcha_token: await solved(api, place),
      ...(await encrypted(api, place, password)),
    },
  });
  done.push(`registered ${dataOf(registered).email}`);
  const mine = await signedIn(place, email, password);

  const plans = dataOf(
    await mine.GET('/api/v1/membership/plans', { params: { query: { type: 'personal' } } }),
  );
  const plan = plans.items.find(({ plan_id }) => plan_id === 'plan_basic');
  if (!plan?.price_yearly) throw new Error('the basic plan is not sold for a year');
  const ordered = dataOf(
    await mine.POST('/api/v1/membership/subscribe', {
      params: { header: { 'Idempotency-Key': crypto.randomUUID() } },
      body: { plan_id: plan.plan_id, period: 'yearly', auto_renew: true },
    }),
  );
  const orderId = ordered.order_id ?? '';
  const started = dataOf(
    await mine.POST('/api/v1/orders/{order_id}/pay', {
      params: { path: { order_id: orderId } },
      body: { provider: 'sandbox' },
    }),
  );
  done.push(`pays with ${started.provider}`);
  await place.pay(orderId);
  const order = dataOf(
    await mine.GET('/api/v1/orders/{order_id}', { params: { path: { order_id: orderId } } }),
  );
  const me = dataOf(await mine.GET('/api/v1/membership/me'));
  done.push(`${order.status} ${order.final_amount}: ${me.plan_id} is ${me.status}`);
  dataOf(await mine.GET('/api/v1/membership/history'));
  dataOf(await mine.GET('/api/v1/wallet'));

  const made = dataOf(
    await mine.POST('/api/v1/users/me/apikeys', { body: { name: 'typed', key_type: 'production' } }),
  );
  const machine = createClient<paths>({ baseUrl: place.url, headers: bearer(made.api_key) });
  const reserved = await machine.POST('/api/v1/quota/reservations', {
    body: { tokens: 60_000, model: 'gpt-4o' },
  });
  const { reservation_id } = dataOf(reserved);
  const settled = dataOf(
    await machine.POST('/api/v1/quota/reservations/{reservation_id}/settle', {
      params: { path: { reservation_id } },
      body: { tokens: 52_345 },
    }),
  );
  done.push(`settled ${settled.settled}`);
  const refused = await machine.POST('/api/v1/quota/reservations', {
    body: { tokens: 60_000, model: 'gpt-4o' },
  });
  done.push(`refused with ${refused.response.status} ${refused.error?.error}`);
  dataOf(await machine.GET('/api/v1/quota'));
  const usage = dataOf(await machine.GET('/api/v1/usage', { params: { query: { group_by: 'model' } } }));
  done.push(`used ${usage.total_tokens}`);

  done.push(...(await administrate(place, email)));
  const wrong = await mine.GET('/admin/v1/users');
  done.push(`is no admin: ${wrong.error?.error}`);
  return done;
}

async function administrate(place: Place, email: string): Promise<string[]> {
  const admin = await signedIn(place, place.admin.email, place.admin.password);
  const { items } = dataOf(await admin.GET('/admin/v1/users', { params: { query: { keyword: email } } }));
  const [user] = items;
  if (!user) throw new Error(`nobody is ${email}`);
  dataOf(await admin.GET('/admin/v1/orders', { params: { query: { user: user.user_id } } }));
  const client = dataOf(
    await admin.POST('/admin/v1/clients', {
      body: {
        name: 'typed',
        systems: ['AUTH_MANAGEMENT'],
        permissions: ['members:read', 'members:write'],
      },
    }),
  );
  const office = createClient<paths>({
    baseUrl: place.url,
    headers: { 'X-Client': client.client_key, 'X-Site': 'default', 'X-System-Code': 'AUTH_MANAGEMENT' },
  });
  const name = `会员套餐 ${Date.now()}`;
  const sold = await office.POST('/api/members', {
    body: { name, price: '99.99', validityDays: 30, status: 1 },
  });
  const found = await office.GET('/api/members', { params: { query: { name } } });
  const tiers = await admin.GET('/admin/tbk/members');
  const levels = await createClient<paths>({ baseUrl: place.url }).GET('/storefront/index/index');
  return [
    `finds ${user.email === email ? 'the user' : user.email}`,
    `makes the package ${dataOf(sold).name === name ? 'that was asked for' : 'of another name'}`,
    `finds ${dataOf(found).total} of it`,
    `has ${Object.keys(tiers.data ?? {}).length > 0 ? 'tiers' : 'no tiers'}`,
    `has a storefront: ${levels.data?.code}`,
  ];
}

async function signedIn(place: Place, account: string, password: string): Promise<Sluice> {
  const api = createClient<paths>({ baseUrl: place.url });
  const login = await api.POST('/api/v1/auth/login', {
    body: { account, ...(await encrypted(api, place, password)) },
  });
  return createClient<paths>({ baseUrl: place.url, headers: bearer(dataOf(login).access_token) });
}

async function encrypted(api: Sluice, { encrypt }: Place, password: string) {
  const { key_id, public_key } = dataOf(await api.GET('/api/v1/auth/public-key'));
  return { key_id, password: encrypt(public_key, password) };
}

async function solved(api: Sluice, { solve }: Place): Promise<string> {
  const { data } = await api.GET('/api/v1/auth/captcha');
  return solve(data);
}

function bearer(token: string) {
  return { Authorization: `Bearer ${token}` };
}

/** The data of an answer in an envelope; what was refused is thrown with all that was said. */
function dataOf<T>({
  data,
  error,
  response,
}: {
  data?: { data: T };
  error?: unknown;
  response: Response;
}): T {
  if (data === undefined) throw new Error(`${response.status} of ${response.url}: ${JSON.stringify(error)}`);
  return data.data;
}
