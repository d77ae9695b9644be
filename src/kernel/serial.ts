/** The serial that a number on the wire names; null for what is none. */
export function parseSerial(text: string): number | null {
  return /^[1-9]\d{0,14}$/.test(text) ? Number(text) : null;
}

/** What a surface with numbers takes: a row's serial, or its id. */
export function serialOrId(text: string): { serial: number } | { id: string } {
  const serial = parseSerial(text);
  return serial === null ? { id: text } : { serial };
}
