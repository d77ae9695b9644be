/** What the stand-ins of the payment providers have in common: they verify, sign, and misbehave on demand. */

/** A notification as it goes over the wire. */
export interface Signed {
  headers: Record<string, string>;
  body: string;
}

/** Money at a provider, as a test made it arrive. Amounts in minor units. */
export interface Trade {
  orderId: string;
  transactionId: string;
  amount: number;
  currency: string;
  /** What went back until now. */
  refunded: number;
}

/** How a notification is signed, where it is not as the provider would. */
export interface Signing {
  /** Seconds before now. */
  age?: number;
  /** By somebody else's key. */
  forged?: boolean;
  /** Told of another merchant. */
  foreign?: 'merchant' | 'app';
}

/** One refund that went back at the provider. */
export interface Returned {
  id: string;
  transactionId: string;
  amount: number;
}

/** `proxied`: something before it answers, in JSON. */
export type Trouble = 'unreachable' | 'failing' | 'proxied' | 'unsigned' | null;

/** A provider: what a test makes happen there, what it says of that, and what it saw of us. */
export abstract class StandIn {
  abstract readonly name: 'stripe' | 'wxpay' | 'alipay';
  /** The clock that it signs by: epoch milliseconds. */
  now = Date.now();
  trouble: Trouble = null;
  /** What was wrong with our requests: signatures, fields, keys. */
  faults: string[] = [];
  /** Refunds that went out, by whomever. */
  returned: Returned[] = [];
  /** How a refund that is asked for comes out. */
  refunds: 'done' | 'pending' | 'refused' = 'done';

  /** The order whose attempts it does not end. */
  protected stubborn: string | null = null;

  /** The Worker's settings that lead here. */
  abstract settings(): Record<string, string>;
  /** Answers a request that is for this provider; null for any other. */
  abstract answer(request: Request): Promise<Response | null>;
  /** How many attempts for this order can still be paid. */
  abstract open(orderId: string): number;
  /** Somebody pays for an order there: its newest attempt, whether it was closed or not. */
  abstract pay(orderId: string, how?: { amount?: number; currency?: string }): Trade;
  /** A payment that came by some other way: it is known there, and can be sent back. */
  abstract sell(trade: Trade): void;
  abstract paidNotice(trade: Trade, signing?: Signing): Promise<Signed>;
  /** What is told of a refund: of it, or all until then, as the provider does. */
  abstract refundNotice(trade: Trade, returned: Returned, signing?: Signing): Promise<Signed>;

  /** Does not end what is open of an order, until that is over. */
  resisting(orderId: string): () => void {
    this.stubborn = orderId.slice(4);
    return () => {
      this.stubborn = null;
    };
  }

  isOpen(orderId: string): boolean {
    return this.open(orderId) > 0;
  }

  /** The same order is paid once more there, by some other way. */
  again(trade: Trade): Trade {
    const second = { ...trade, transactionId: `${trade.transactionId}9`, refunded: 0 };
    this.sell(second);
    return second;
  }

  /** Somebody sends money back there, by hand. */
  giveBack({ transactionId }: Trade, amount: number): Returned {
    const returned = { id: nextId('hand-'), transactionId, amount };
    this.returned.push(returned);
    return returned;
  }

  /** What went back of a payment, in turn: amounts in minor units. */
  returnedOf({ transactionId }: Pick<Trade, 'transactionId'>): number[] {
    return this.returned.filter((one) => one.transactionId === transactionId).map(({ amount }) => amount);
  }

  protected sumReturned(transactionId: string): number {
    return this.returnedOf({ transactionId }).reduce((total, amount) => total + amount, 0);
  }
}

/** A provider in trouble answers nobody. */
export function troubled(trouble: Trouble): Response | null {
  if (trouble === 'unreachable') throw new TypeError('the connection was refused');
  if (trouble === 'proxied') return Response.json({ message: 'no healthy upstream' }, { status: 503 });
  return trouble === 'failing' ? new Response('Bad gateway', { status: 502 }) : null;
}

/** A pair of RSA keys of the test's own, 2048 bits, as bare Base64 and PEM. */
export interface Keys {
  sign(text: string | Uint8Array<ArrayBuffer>): Promise<string>;
  verify(signature: string, text: string): Promise<boolean>;
  /** PKCS #8. */
  privateBase64: string;
  /** SPKI. */
  publicBase64: string;
}

const RSA = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };

export async function makeKeys(): Promise<Keys> {
  const pair = (await crypto.subtle.generateKey(
    { ...RSA, modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) },
    true,
    ['sign', 'verify'],
  )) as CryptoKeyPair;
  const exported = async (format: 'pkcs8' | 'spki', key: CryptoKey) =>
    base64((await crypto.subtle.exportKey(format, key)) as ArrayBuffer);
  return {
    sign: async (text) =>
      base64(await crypto.subtle.sign(RSA, pair.privateKey, typeof text === 'string' ? bytesOf(text) : text)),
    verify: (signature, text) =>
      crypto.subtle.verify(RSA, pair.publicKey, unbase64(signature), bytesOf(text)),
    privateBase64: await exported('pkcs8', pair.privateKey),
    publicBase64: await exported('spki', pair.publicKey),
  };
}

export function pem(label: string, base64Text: string): string {
  return `-----BEGIN ${label}-----\n${base64Text.match(/.{1,64}/g)?.join('\n')}\n-----END ${label}-----\n`;
}

export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text) as Uint8Array<ArrayBuffer>;
}

export function base64(bytes: ArrayBuffer | Uint8Array): string {
  return btoa(Array.from(new Uint8Array(bytes as ArrayBuffer), (one) => String.fromCharCode(one)).join(''));
}

export function unbase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (one) => one.charCodeAt(0));
}

/** The body of a request, which may be a form: workerd warns of `text()` of one. */
export async function textOf(request: Request): Promise<string> {
  return new TextDecoder().decode(await request.arrayBuffer());
}

let serial = 0;

/** Ids that no two trades of a run share. */
export function nextId(prefix: string): string {
  serial += 1;
  return `${prefix}${Date.now()}${String(serial).padStart(6, '0')}`;
}
