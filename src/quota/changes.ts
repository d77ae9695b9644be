import { type Change, type Hold, type Moment, type Place, requestKeys, tokenKeys } from './rules.ts';

/** What an operation changes of the counters: pure. */

/** What a new hold adds: tokens in each window, and one request, counted at once. */
export function changesOfHold(tokens: number, place: Place): Change[] {
  return [...tokenChanges(place, 0, tokens), ...requestChanges(place, 1)];
}

/**
 * What a settle changes. Up to the reservation: the windows it came from. The excess weighs on the second,
 * day and month of the settle.
 */
export function changesOfSettle(hold: Hold, settled: number, moment: Moment): Change[] {
  const within = Math.min(settled, hold.tokens);
  const changes = tokenChanges(hold, within, -hold.tokens);
  return settled > within
    ? [...changes, ...tokenChanges({ ...moment, member: hold.member }, settled - within, 0)]
    : changes;
}

/** A settle after its hold was given back: all of it weighs now, and its request counts again. */
export function changesOfLateSettle(hold: Hold, settled: number, moment: Moment): Change[] {
  const place = { ...moment, member: hold.member };
  return [...tokenChanges(place, settled, 0), ...requestChanges(place, 1)];
}

/** The settle of a hold that the counters do not have: what was used, its excess, and its request. */
export function changesOfLost(hold: Hold, settled: number, moment: Moment): Change[] {
  const within = Math.min(settled, hold.tokens);
  const over = settled - within;
  return [
    ...tokenChanges(hold, within, 0),
    ...(over > 0 ? tokenChanges({ ...moment, member: hold.member }, over, 0) : []),
    ...requestChanges(hold, 1),
  ];
}

/** What a release or an expiry gives back, the request too. */
export function changesOfReturn(hold: Hold): Change[] {
  return [...tokenChanges(hold, 0, -hold.tokens), ...requestChanges(hold, -1)];
}

function tokenChanges(place: Place, used: number, reserved: number): Change[] {
  return tokenKeys(place).map((key) => ({ key, used, reserved }));
}

function requestChanges(place: Place, used: number): Change[] {
  return requestKeys(place).map((key) => ({ key, used, reserved: 0 }));
}
