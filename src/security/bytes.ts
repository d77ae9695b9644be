const encoder = new TextEncoder();

export function utf8(text: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(text) as Uint8Array<ArrayBuffer>;
}

export function toHex(bytes: ArrayBuffer | Uint8Array): string {
  return Buffer.from(bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes)).toString('hex');
}

export function toBase64(bytes: ArrayBuffer | Uint8Array): string {
  return Buffer.from(bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes)).toString('base64');
}

export function toBase64Url(bytes: ArrayBuffer | Uint8Array): string {
  return Buffer.from(bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes)).toString('base64url');
}

/** Decodes canonical Base64 only: what does not encode back to itself is null. */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> | null {
  const bytes = Uint8Array.from(Buffer.from(text, 'base64'));
  return toBase64(bytes) === text ? bytes : null;
}

/** Decodes canonical Base64url without padding only. */
export function fromBase64Url(text: string): Uint8Array<ArrayBuffer> | null {
  const bytes = Uint8Array.from(Buffer.from(text, 'base64url'));
  return toBase64Url(bytes) === text ? bytes : null;
}
