/** `13800138000` → `138****8000`; with a country code its last eleven digits are masked alike. */
export function maskPhone(phone: string): string {
  return phone.length < 8 ? '****' : `${phone.slice(0, -8)}****${phone.slice(-4)}`;
}
