import forge from 'node-forge';
import { describe, expect, it } from 'vitest';
import { type AccountFault, readAccounts } from '../../src/providers/payments/accounts.ts';
import { chinaTime, nodeOf, signedText, verifiedFields } from '../../src/providers/payments/alipay-wire.ts';
import {
  call,
  cut,
  cutBytes,
  orderOfTrade,
  ProviderError,
  tradeNumber,
} from '../../src/providers/payments/outside.ts';
import { authorization, unseal } from '../../src/providers/payments/wxpay-wire.ts';
import { readPrivateKey, readPublicKey, signRsa, verifyRsa } from '../../src/security/rsa-signature.ts';
import { base64, bytesOf, makeKeys, pem, unbase64 } from '../standins/stand-in.ts';

const keys = await makeKeys();

describe('a key', () => {
  const lines = (keys.privateBase64.match(/.{1,64}/g) ?? []).join('\n');
  const pkcs1 = forge.pki.privateKeyToPem(
    forge.pki.privateKeyFromPem(pem('PRIVATE KEY', keys.privateBase64)),
  );
  it.each([
    ['PKCS #8, PEM', pem('PRIVATE KEY', keys.privateBase64)],
    ['PKCS #1, PEM', pkcs1],
    ['PKCS #1, bare', pkcs1.replace(/-----[^-]+-----|\s/g, '')],
    ['bare Base64', keys.privateBase64],
    ['bare Base64 in lines', lines],
    [
      'PEM in one line, as an environment has it',
      pem('PRIVATE KEY', keys.privateBase64).replaceAll('\n', '\\n'),
    ],
  ])('that is private is read as %s, and signs', async (_, text) => {
    const key = readPrivateKey(text);
    expect(key && base64(key)).toBe(keys.privateBase64);
    if (key) expect(await keys.verify(await signRsa(key, '账单'), '账单')).toBe(true);
  });
  it.each([
    ['PEM', pem('PUBLIC KEY', keys.publicBase64)],
    ['bare Base64', keys.publicBase64],
  ])('that is public is read as %s, and verifies', async (_, text) => {
    const key = readPublicKey(text);
    if (!key) throw new Error('was not read');
    const signature = await keys.sign('a');
    expect(await verifyRsa(key, signature, bytesOf('a'))).toBe(true);
    expect(await verifyRsa(key, signature, bytesOf('b'))).toBe(false);
    for (const wrong of ['', 'x', `${signature} `, signature.slice(0, -4), base64(new Uint8Array(256))]) {
      expect(await verifyRsa(key, wrong, bytesOf('a'))).toBe(false);
    }
  });
  it('is nothing where it is not RSA, too short, or the other half', () => {
    const short = forge.pki.rsa.generateKeyPair({ bits: 1024, workers: 0 });
    const elliptic = 'MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=';
    for (const text of [
      '',
      'x',
      '-----BEGIN NONSENSE-----',
      keys.publicBase64,
      forge.pki.privateKeyToPem(short.privateKey),
    ]) {
      expect(readPrivateKey(text)).toBeNull();
    }
    for (const text of ['', 'x', keys.privateBase64, elliptic, forge.pki.publicKeyToPem(short.publicKey)]) {
      expect(readPublicKey(text)).toBeNull();
    }
  });
});

describe('accounts', () => {
  const cny = { key: 'default', currency: 'CNY' };
  const stripe = { STRIPE_SECRET_KEY: 'sk_test_1', STRIPE_WEBHOOK_SECRET: 'whsec_1' };
  const alipay = {
    ALIPAY_APP_ID: '2021000000000001',
    ALIPAY_SELLER_ID: '2088000000000001',
    ALIPAY_PRIVATE_KEY: keys.privateBase64,
    ALIPAY_PUBLIC_KEY: keys.publicBase64,
  };
  const wxpay = {
    WXPAY_APP_ID: 'wx0123456789abcdef',
    WXPAY_MERCHANT_ID: '1900000001',
    WXPAY_SERIAL: '5157F09EFDC096DE15EBE81A47057A7200000001',
    WXPAY_PRIVATE_KEY: keys.privateBase64,
    WXPAY_API_V3_KEY: 'x'.repeat(32),
  };
  const named = (faults: AccountFault[]) =>
    Object.fromEntries(faults.map(({ name, message }) => [name, message]));

  it('are none where nothing is set, also where only an address is', () => {
    for (const variables of [
      {},
      { STRIPE_SECRET_KEY: '' },
      { STRIPE_API_URL: 'https://x.example', KV: {} },
    ]) {
      expect(readAccounts(variables, cny)).toEqual({
        faults: [],
        accounts: { stripe: null, wxpay: null, alipay: null },
      });
    }
  });
  it('are of the site whose key is behind the name', () => {
    const suffixed = Object.fromEntries(
      Object.entries(stripe).map(([name, value]) => [`${name}_SHOP_2`, value]),
    );
    expect(readAccounts(suffixed, cny).accounts.stripe).toBeNull();
    const { accounts } = readAccounts(suffixed, { key: 'shop-2', currency: 'USD' });
    expect(accounts.stripe).toEqual({
      apiUrl: 'https://api.stripe.com',
      secretKey: 'sk_test_1',
      webhookSecret: 'whsec_1',
    });
  });
  it('name what is missing or wrong, and show none of it', () => {
    const half = readAccounts({ STRIPE_SECRET_KEY_CN: 'sk_test_secret' }, { key: 'cn', currency: 'CNY' });
    expect(named(half.faults)).toEqual({ STRIPE_WEBHOOK_SECRET_CN: 'is not set' });
    const wrong = readAccounts(
      { ...alipay, ALIPAY_SELLER_ID: '1', ALIPAY_PRIVATE_KEY: 'topsecret', ALIPAY_GATEWAY: 'ftp://x' },
      cny,
    );
    expect(Object.keys(named(wrong.faults)).sort()).toEqual([
      'ALIPAY_GATEWAY',
      'ALIPAY_PRIVATE_KEY',
      'ALIPAY_SELLER_ID',
    ]);
    expect(JSON.stringify(wrong.faults)).not.toContain('topsecret');
    const short = readAccounts(
      { ...wxpay, WXPAY_API_V3_KEY: 'short', WXPAY_PUBLIC_KEY_ID: 'PUB_KEY_ID_1' },
      cny,
    );
    expect(Object.keys(named(short.faults))).toContain('WXPAY_API_V3_KEY');
    const lonely = readAccounts({ ...wxpay, WXPAY_PUBLIC_KEY_ID: 'PUB_KEY_ID_1' }, cny);
    expect(named(lonely.faults)).toHaveProperty('WXPAY_PUBLIC_KEY_ID');
  });
  it('of WeChat and Alipay are for yuan', () => {
    const { faults } = readAccounts({ ...wxpay, ...alipay, ...stripe }, { key: 'default', currency: 'USD' });
    expect(named(faults)).toEqual({
      WXPAY_APP_ID: 'takes CNY only, and the site default sells in USD',
      ALIPAY_APP_ID: 'takes CNY only, and the site default sells in USD',
    });
    expect(readAccounts({ ...wxpay, ...alipay, ...stripe }, cny).faults).toEqual([]);
  });
});

describe('a trade number', () => {
  const order = 'ord_01ARZ3NDEKTSV4RRFFQ69G5FAV';
  it('names its order, in 32 characters that WeChat and Alipay take', () => {
    const number = tradeNumber({ orderId: order, id: 'att_01ARZ3NDEKTSV4RRFFQ69GABCD' });
    expect(number).toBe('01ARZ3NDEKTSV4RRFFQ69G5FAV_GABCD');
    expect(number).toHaveLength(32);
    expect(orderOfTrade(number)).toEqual({ orderId: order, attempt: 'GABCD' });
  });
  it.each(['', 'x', 'ord_01ARZ3NDEKTSV4RRFFQ69G5FAV', '01ARZ3NDEKTSV4RRFFQ69G5FAV', '20260101-1'])(
    'that is none of ours stands for itself: %s',
    (number) => {
      expect(orderOfTrade(number)).toEqual({ orderId: number });
    },
  );
});

describe('WeChat Pay’s wire', () => {
  it('signs as the published example: pay.weixin.qq.com, 签名生成', async () => {
    const privateKey = unbase64(keys.privateBase64);
    const account = {
      merchantId: '1900009191',
      serial: '1DDE55AD98ED71D6EDD4A4A16996DE7B47773A8C',
      privateKey,
    };
    const header = await authorization(
      account,
      { method: 'GET', path: '/v3/certificates', body: '' },
      1554208460_000,
      '593BEC0C930BF1AFEB40B4A08C8FB242',
    );
    const [, scheme, fields = ''] = /^(\S+) (.*)$/.exec(header) ?? [];
    expect(scheme).toBe('WECHATPAY2-SHA256-RSA2048');
    const of = Object.fromEntries(
      [...fields.matchAll(/(\w+)="([^"]*)"/g)].map(([, name, value]) => [name, value]),
    );
    expect(of).toEqual({
      mchid: '1900009191',
      nonce_str: '593BEC0C930BF1AFEB40B4A08C8FB242',
      timestamp: '1554208460',
      serial_no: '1DDE55AD98ED71D6EDD4A4A16996DE7B47773A8C',
      signature: of.signature,
    });
    const published = 'GET\n/v3/certificates\n1554208460\n593BEC0C930BF1AFEB40B4A08C8FB242\n\n';
    expect(await keys.verify(of.signature ?? '', published)).toBe(true);
  });

  it('opens only what is sealed with its key, and was not changed', async () => {
    const apiKey = 'k'.repeat(32);
    const key = await crypto.subtle.importKey('raw', bytesOf(apiKey), 'AES-GCM', false, ['encrypt']);
    const iv = bytesOf('0123456789ab');
    const seal = async (plain: Uint8Array<ArrayBuffer>) =>
      base64(await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData: bytesOf('a') }, key, plain));
    const sealed = {
      algorithm: 'AEAD_AES_256_GCM' as const,
      ciphertext: await seal(bytesOf('账单')),
      nonce: '0123456789ab',
      associated_data: 'a',
    };
    expect(await unseal(apiKey, sealed)).toBe('账单');
    for (const changed of [
      { ...sealed, associated_data: 'b' },
      { ...sealed, nonce: '0123456789ac' },
      { ...sealed, nonce: 'x' },
      { ...sealed, ciphertext: base64(bytesOf('short')) },
      { ...sealed, ciphertext: '' },
      { ...sealed, ciphertext: await seal(Uint8Array.from([255, 254])) },
    ]) {
      expect(await unseal(apiKey, changed)).toBeNull();
    }
    expect(await unseal('l'.repeat(32), sealed)).toBeNull();
  });
});

describe('Alipay’s wire', () => {
  it('signs what is sorted, neither encoded nor empty', () => {
    expect(signedText({ b: '2', a: '1 &', c: '', B: '中文' })).toBe('B=中文&a=1 &&b=2');
  });

  it('tells the time of China', () => {
    expect(chinaTime(Date.parse('2026-12-31T16:00:01Z'))).toBe('2027-01-01 00:00:01');
  });

  it.each([
    ['{"a_response":{"x":"}\\"{"},"sign":"s"}', '{"x":"}\\"{"}'],
    ['{"sign":"s","a_response":{"a_response":{"y":[1,{"z":2}]}}}', '{"a_response":{"y":[1,{"z":2}]}}'],
    ['{"x":"a_response","a_response" : {"b":1} }', '{"b":1}'],
    ['{"b":{"a_response":1},"a_response":[]}', '[]'],
    ['{"a_response":"text"}', '"text"'],
    ['{"a\\u005fresponse":{"x":1}}', '{"x":1}'],
    ['{"b":{"a_response":1}}', null],
    ['[{"a_response":1}]', null],
    ['{"a_response":', null],
    ['null', null],
    ['', null],
  ])('finds what was signed in %s', (text, node) => {
    expect(nodeOf(text, 'a_response')).toBe(node);
  });

  it('takes a notification whole, or not at all', async () => {
    const spki = unbase64(keys.publicBase64);
    const sign = async (fields: Record<string, string>) =>
      bytesOf(
        new URLSearchParams({ ...fields, sign_type: 'RSA2', sign: await keys.sign('a=1&b=+ 中') }).toString(),
      );
    expect(await verifiedFields(spki, await sign({ b: '+ 中', a: '1' }))).toMatchObject({
      a: '1',
      b: '+ 中',
    });
    expect(await verifiedFields(spki, await sign({ b: '+ 中', a: '2' }))).toBeNull();
    expect(await verifiedFields(spki, await sign({ b: '+ 中', a: '1', c: '' }))).toBeNull();
    expect(await verifiedFields(spki, bytesOf(''))).toBeNull();
    expect(await verifiedFields(spki, bytesOf('sign_type=RSA2'))).toBeNull();
  });
});

describe('a call', () => {
  const clock = { now: () => 0, toReal: (at: number) => at };
  const get = { method: 'GET' };
  /** Answers in turn: a status, or silence until the call is given up. */
  const outside = (...turns: (number | 'silence' | 'broken')[]) => {
    const calls: string[] = [];
    return {
      calls,
      clock,
      timeout: 30,
      fetch: (url: string, init: RequestInit) => {
        const turn = turns[calls.length] ?? 200;
        calls.push(url);
        expect(init.redirect).toBe('manual');
        if (turn === 'broken') return Promise.reject(new TypeError('reset'));
        if (turn !== 'silence') return Promise.resolve(new Response('{}', { status: turn }));
        return new Promise<Response>((_, reject) => {
          init.signal?.addEventListener('abort', () => reject(init.signal?.reason));
        });
      },
    };
  };
  it.each([
    ['broken', 200, 2],
    [502, 200, 2],
    [429, 200, 2],
    [404, 404, 1],
    [200, 200, 1],
  ] as const)('that may be sent again after %s is, once', async (first, status, calls) => {
    const there = outside(first, 200);
    expect((await call(there, 'x', 'https://x.example', get, true)).status).toBe(status);
    expect(there.calls).toHaveLength(calls);
  });
  it('that may not is sent once', async () => {
    const there = outside(502);
    expect((await call(there, 'x', 'https://x.example', get, false)).status).toBe(502);
    const broken = outside('broken');
    await expect(call(broken, 'x', 'https://x.example', get, false)).rejects.toThrow(ProviderError);
    expect([there.calls.length, broken.calls.length]).toEqual([1, 1]);
  });
  it('is given up after its time, and not waited for twice', async () => {
    const there = outside('silence');
    await expect(call(there, 'x', 'https://x.example', get, true)).rejects.toMatchObject({ code: 'TIMEOUT' });
    expect(there.calls).toHaveLength(1);
    const twice = outside('broken', 'broken');
    await expect(call(twice, 'x', 'https://x.example', get, true)).rejects.toMatchObject({
      code: 'UNREACHABLE',
    });
    expect(twice.calls).toHaveLength(2);
  });
});

describe('a text that is too long', () => {
  it('is cut between characters, by their number or their bytes', () => {
    expect(cut('会员😀😀', 3)).toBe('会员😀');
    expect(cutBytes('会员😀😀', 9)).toBe('会员');
    expect(cutBytes('会员😀😀', 10)).toBe('会员😀');
    expect(cutBytes('short', 80)).toBe('short');
  });
});
