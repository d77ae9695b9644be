/** `13800138000` → `138****8000`; with a country code its last eleven digits are masked alike. */
export function maskPhone(phone: string): string {
  return phone.length < 8 ? '****' : `${phone.slice(0, -8)}****${phone.slice(-4)}`;
}

/** `someone@example.com` → `s***@example.com`. */
export function maskEmail(email: string): string {
  const at = email.lastIndexOf('@');
  return `${email.slice(0, 1)}***${email.slice(at)}`;
}

/** `203.0.113.7` → `203.0.*.*`; of an IPv6 address the first two groups stay. */
export function maskAddress(address: string): string {
  if (!address.includes(':')) return address.replace(/^(\d+\.\d+)\..*$/, '$1.*.*');
  return `${address.split(':').slice(0, 2).join(':')}:*`;
}

/** `张三` → `张**`, whatever its length. */
export function maskName(name: string): string {
  return `${[...name][0] ?? ''}**`;
}

/** `91110000XXXXXXXX` → `9111****`. */
export function maskCode(code: string): string {
  return `${code.slice(0, 4)}****`;
}
