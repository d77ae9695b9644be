/** Next to nothing. The real cost is tested where passwords are, and by every test of a started Worker. */
export const COST = { log2N: 4, r: 1, p: 1 } as const;
