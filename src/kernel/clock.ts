/** Where the time comes from. Everything that reads time reads it here, so that a test clock moves all of it. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  /** The machine's own time at which this clock will show `at`: what an alarm is armed with. */
  toReal(at: number): number;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  toReal: (at) => at,
};

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** Cuts epoch milliseconds to the second, the grain of every stored time. */
export function toSecond(at: number): number {
  return Math.floor(at / SECOND) * SECOND;
}

/** ISO 8601 in UTC to the second: `2024-01-01T00:00:00Z`. */
export function toIso(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}
