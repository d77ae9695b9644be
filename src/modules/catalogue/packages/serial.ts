/** The serial that an `id` or `_id` on the wire names; null for what is none. */
export function parseSerial(text: string): number | null {
  return /^[1-9]\d{0,14}$/.test(text) ? Number(text) : null;
}
