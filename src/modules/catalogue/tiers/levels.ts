/** The ladder of seed 003, lowest first; a level's rank is its place. `platina` (白金) and `platinum` (铂金) are two. */
export const LEVELS = ['common', 'bronze', 'gold', 'platina', 'platinum', 'diamond'] as const;
export type Level = (typeof LEVELS)[number];

/** 1 for `common`, 6 for `diamond`; 0 for what is no level. */
export function rankOf(level: string): number {
  return LEVELS.indexOf(level as Level) + 1;
}

/** Levels that have a gift, a price and rewards: all but the one where everybody starts. */
export const SOLD_LEVELS = LEVELS.slice(1);
