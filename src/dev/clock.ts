import { type Clock, toIso, toSecond } from '#kernel/clock';
import { AppError, invalid } from '#kernel/errors';
import type { DevState } from './state.ts';

const OFFSET = 'clock_offset_ms';
/** A century: past it nothing here was ever meant to work. */
const MOST_OFFSET_MS = 100 * 366 * 86_400_000;

/**
 * The test clock: the machine's time plus an offset that is kept with the state. Worker, cron and Durable
 * Objects share one isolate on a local run, so they share this.
 */
export class TestClock implements Clock {
  private offset = 0;
  private loading: Promise<void> | null = null;

  now(): number {
    return Date.now() + this.offset;
  }

  toReal(at: number): number {
    return at - this.offset;
  }

  /** Loads the kept offset, once an isolate; nothing may read the time before. */
  load(state: DevState): Promise<void> {
    this.loading ??= state.get(OFFSET).then((value) => {
      this.offset = Number(value ?? 0);
    });
    return this.loading;
  }

  read(): { offset_seconds: number; now: string } {
    return { offset_seconds: Math.round(this.offset / 1000), now: toIso(this.now()) };
  }

  /** Moves the clock forward to a time; the second that it shows now is no move at all. */
  async moveTo(state: DevState, at: number): Promise<void> {
    if (toSecond(at) === toSecond(this.now())) return;
    await this.move(state, at - Date.now());
  }

  /** Moves the clock forward, to an offset from the machine's time. Backwards is refused. */
  async move(state: DevState, offsetMs: number): Promise<void> {
    if (!Number.isFinite(offsetMs) || offsetMs > MOST_OFFSET_MS)
      throw invalid('offset_seconds', 'is too far away');
    if (offsetMs < this.offset) throw new AppError('clock_backwards');
    await state.put(OFFSET, String(offsetMs));
    this.offset = offsetMs;
  }
}
