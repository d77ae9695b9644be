/** A mainland number without its country code. */
const MAINLAND = /^1[3-9]\d{9}$/;
const E164 = /^\+[1-9]\d{6,14}$/;

/** Normalises to E.164: `13800138000` → `+8613800138000`. Null where it is no phone number. */
export function parsePhone(text: string): string | null {
  if (MAINLAND.test(text)) return `+86${text}`;
  if (!E164.test(text)) return null;
  // A +86 number that is no mobile number would be a second spelling of nobody's phone.
  return text.startsWith('+86') && !MAINLAND.test(text.slice(3)) ? null : text;
}

/** As people write it: mainland numbers without the country code. */
export function showPhone(phone: string): string {
  return phone.startsWith('+86') ? phone.slice(3) : phone;
}
