/**
 * What a password costs to hash: 16 MiB and about 140 ms (OWASP's scrypt with N=2^14, r=8, p=5); fits a Worker's 128 MB
 * beside others. A file of its own, so that the tests over HTTP can have thousands of users.
 */
export const COST = { log2N: 14, r: 8, p: 5 } as const;
