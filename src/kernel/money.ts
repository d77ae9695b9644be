/** Amounts are integer minor units (cents) everywhere but on the wire; only two-decimal currencies are sold in. */

const DECIMAL = /^\d{1,10}(\.\d{1,2})?$/;

/** Whether a string is an amount: up to ten digits, up to two decimals, no sign. */
export function isDecimal(text: string): boolean {
  return DECIMAL.test(text);
}

/** `"490.5"` → 49050. Throws on anything that {@link isDecimal} refuses. */
export function parseDecimal(text: string): number {
  if (!isDecimal(text)) throw new RangeError(`not an amount: ${text}`);
  const [whole = '0', fraction = ''] = text.split('.');
  return Number(whole) * 100 + Number(fraction.padEnd(2, '0'));
}

/** 49050 → `"490.50"`; negative amounts keep their sign. */
export function formatDecimal(minor: number): string {
  const digits = Math.abs(minor).toString().padStart(3, '0');
  return `${minor < 0 ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

/** amount × numerator ÷ denominator, rounded down, exact for any size. */
export function shareOf(amount: number, numerator: number, denominator: number): number {
  return Number((BigInt(amount) * BigInt(numerator)) / BigInt(denominator));
}

/** Whether amounts in a currency are written with two decimals, as this runtime's Intl data (CLDR) has it. */
export function hasTwoDecimals(currency: string): boolean {
  return (
    new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits === 2
  );
}

/** 49510 → `"495.1"`, 88800 → `"888"`: without the zeros that say nothing. */
export function formatTrimmed(minor: number): string {
  return formatDecimal(minor).replace(/\.?0+$/, '');
}
